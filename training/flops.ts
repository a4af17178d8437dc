/**
 * Model FLOPs utilisation: the share of a device's peak that the model's own arithmetic uses, whatever is computed twice.
 *
 * Chowdhery et al., "PaLM" (2022), appendix B: a token costs 6N operations in the matrix products (2N forward, 4N backward,
 * where N counts the parameters it is multiplied by) and 12 · layers · width · sequenceLength in attention, of which the
 * causal half is not taken off. The input embedding is a look-up, so it is not in N; the output embedding is in it.
 */

import { type ModelShape, parameterCount } from './presets.ts'

export function flopsPerToken(shape: ModelShape, sequenceLength: number): number {
  const n = parameterCount(shape) - shape.vocabulary * shape.width
  return 6 * n + 12 * shape.layers * shape.width * sequenceLength
}

/** Between 0 and 1; null where nobody knows what the device can do. */
export function utilisation(
  tokensPerSecond: number,
  flops: number,
  { count, peakFlops }: { count: number; peakFlops: number | null },
): number | null {
  return peakFlops === null ? null : (flops * tokensPerSecond) / (peakFlops * count)
}
