/** The learning rate over a run: kopipe's own, and GPT-NeoX's for its configurations. */

/** Share of the steps that warm up, and share of the peak that is left at the end: Pythia's and Polyglot-Ko's. */
export const WARM_UP = 0.01
export const FLOOR = 0.1

/**
 * The learning rate of optimizer step `step` of `steps`, counted from 1: a linear warm-up over the first hundredth, then
 * half a cosine down to a tenth of the peak, which the last step of the warm-up reaches.
 */
export function learningRate(step: number, steps: number, peak: number): number {
  const warmUp = Math.max(1, Math.ceil(steps * WARM_UP))
  if (step <= warmUp) return peak * (step / warmUp)
  const done = (step - warmUp) / (steps - warmUp)
  return peak * (FLOOR + ((1 - FLOOR) * (1 + Math.cos(Math.PI * done))) / 2)
}

/** What GPT-NeoX anneals by. */
export interface Schedule {
  peak: number
  /** No step falls below, but for those of the warm-up. */
  floor: number
  /** Share of `end` that warms up. */
  warmUp: number
  /** Steps until it has fallen. */
  end: number
  style: 'constant' | 'linear' | 'cosine' | 'exponential'
}

/** GPT-NeoX's `AnnealingLR.get_lr` (`megatron/learning_rates.py`): optimizer step `step`, counted from 1, comes after `step` - 1. */
export function annealedRate(step: number, { peak, floor, warmUp, end, style }: Schedule): number {
  const [warm, done] = [warmUp * end, step - 1]
  if (warm > 0 && done <= warm) return (peak * Math.max(1, done)) / warm
  const share = (done - warm) / (end - warm)
  const rates = {
    constant: () => peak,
    linear: () => peak * (1 - share),
    cosine: () => floor + ((peak - floor) / 2) * (Math.cos(Math.PI * share) + 1),
    // biome-ignore lint/suspicious/noApproximativeNumericConstant: it is GPT-NeoX's number
    exponential: () => peak * Math.exp(-0.693 * share),
  }
  return Math.max(rates[style](), floor)
}
