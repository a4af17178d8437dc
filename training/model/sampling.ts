/**
 * The next token of logits: the most likely one, or a draw. Temperature, then the `topK` most likely, then the fewest of
 * them that together have the probability `topP` (Holtzman et al. 2019), in the order of transformers' generate.
 */

import type { MersenneTwister } from './mersenne-twister.ts'

export interface Sampling {
  /** 0: the most likely token, always. */
  readonly temperature: number
  /** 0: all. */
  readonly topK: number
  readonly topP: number
}

/** Of the ids below `size`: those from there on stand for no text. */
export function sample(logits: Float32Array, size: number, { temperature, topK, topP }: Sampling, random: MersenneTwister): number {
  const known = logits.subarray(0, size)
  if (temperature === 0) return largest(known)
  // By logit, then by id: the order does not depend on how they are sorted.
  const ids = Array.from(known.keys()).sort((a, b) => (known[b] as number) - (known[a] as number) || a - b)
  const kept = topK > 0 ? ids.slice(0, topK) : ids
  const first = known[kept[0] as number] as number
  const weights = kept.map((id) => Math.exp(((known[id] as number) - first) / temperature))
  const enough = topP * weights.reduce((sum, weight) => sum + weight, 0)
  let [count, total] = [0, 0]
  while (count < weights.length && total < enough) total += weights[count++] as number
  let left = random.random() * total
  for (let i = 0; i < count; i++) {
    left -= weights[i] as number
    if (left < 0) return kept[i] as number
  }
  return kept[count - 1] as number
}

/** The first of the largest. */
function largest(values: Float32Array): number {
  let best = 0
  for (let i = 1; i < values.length; i++) if ((values[i] as number) > (values[best] as number)) best = i
  return best
}
