/** What a person sees while a run goes: the last step's numbers, with the rate over the last dozens of steps. */

import type { Progress } from '../core/progress.ts'
import { formatCount } from '../core/sizes.ts'

/** Weight of the newest step in the mean time of a step. */
const NEWEST = 0.05
/** Share of the time that checkpoints may take before that is said. */
const SLOW = 0.1

interface Step {
  step: number
  loss: number
  lr: number
  gradientNorm: number
  seconds: number
  tokens: number
  mfu: number | null
}

export class Live {
  readonly #progress: Progress
  #valLoss: number | null
  #seconds = 0
  #steps = 0
  #saved = performance.now()
  #told = false

  constructor(progress: Progress, valLoss: number | null) {
    this.#progress = progress
    this.#valLoss = valLoss
  }

  step({ step, loss, lr, gradientNorm, seconds, tokens, mfu }: Step): void {
    // The first steps count alike, so that one that compiles is soon forgotten.
    this.#steps++
    this.#seconds += (seconds - this.#seconds) * Math.max(NEWEST, 1 / this.#steps)
    const parts = [
      `step ${step}`,
      `loss ${loss.toFixed(4)}`,
      ...(this.#valLoss === null ? [] : [`val ${this.#valLoss.toFixed(4)}`]),
      `lr ${lr.toExponential(1)}`,
      `grad ${gradientNorm.toPrecision(3)}`,
      `${formatCount(Math.round(tokens / this.#seconds))} tokens/s`,
      ...(mfu === null ? [] : [`MFU ${((100 * mfu * seconds) / this.#seconds).toFixed(1)} %`]),
    ]
    this.#progress.advance({ of: 1, detail: parts.join('  ') })
  }

  validation(loss: number): void {
    this.#valLoss = loss
  }

  /** After a checkpoint that took so many seconds. */
  saved(seconds: number): void {
    const since = (performance.now() - this.#saved) / 1000
    this.#saved = performance.now()
    if (this.#told || seconds < 1 || seconds < SLOW * since) return
    this.#told = true
    const share = ((100 * seconds) / since).toFixed(0)
    this.#progress.note(`saving takes ${seconds.toFixed(1)} s, ${share} % of the time: --save-every N saves seldomer`)
  }
}
