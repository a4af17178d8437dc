/** The learning rate over a run: a linear warm-up over the first hundredth, then half a cosine down to a tenth of the peak. */

/** Share of the steps that warm up, and share of the peak that is left at the end: Pythia's and Polyglot-Ko's. */
const WARM_UP = 0.01
const FLOOR = 0.1

/** The learning rate of optimizer step `step` of `steps`, counted from 1. The peak is reached by the last step of the warm-up. */
export function learningRate(step: number, steps: number, peak: number): number {
  const warmUp = Math.max(1, Math.ceil(steps * WARM_UP))
  if (step <= warmUp) return peak * (step / warmUp)
  const done = (step - warmUp) / (steps - warmUp)
  return peak * (FLOOR + ((1 - FLOOR) * (1 + Math.cos(Math.PI * done))) / 2)
}
