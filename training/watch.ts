/**
 * Tells when a run has gone wrong: a number that is not finite, or a loss that has jumped up and stays there.
 *
 * Spikes that come back by themselves are common and cost nothing, so one step never counts: what counts is a loss above
 * the threshold for `LASTING` steps on end. The threshold stands `DEVIATIONS` robust standard deviations above the median
 * of the last `WINDOW` losses that were not above it, and at least a tenth of the median. The window and the six
 * deviations are OLMo's (`SkipStepOptimizer`, which leaves out single updates); the median in place of the mean, because
 * an outlier must not lift its own threshold. Megatron warns at ten times the largest loss seen, which is too late to act
 * on: PaLM's spikes were of a nat or two. A loss that creeps up over hundreds of steps takes its median along and is not
 * found here. Cost: 15 µs a step.
 */

const WINDOW = 128
/** Losses before there is a threshold at all. */
const ENOUGH = WINDOW / 2
const DEVIATIONS = 6
const LEAST = 0.1
export const LASTING = 20
/** Of a normal distribution: standard deviation / median of absolute deviations. */
const ROBUST = 1.4826

export interface WatchState {
  /** The last losses that were not above the threshold. */
  readonly recent: readonly number[]
  /** Losses above it, on end, up to now. */
  readonly above: number
}

export interface Trouble {
  readonly cause: 'loss' | 'gradient' | 'validation' | 'spike'
  /** The first step that looked wrong, and the one at which that was certain. */
  readonly since: number
  readonly at: number
  /** Null where it is not finite. */
  readonly loss: number | null
  readonly gradNorm: number | null
  /** Median of the losses before a spike. */
  readonly before?: number
}

export class Watch {
  #recent: number[]
  #above: number

  constructor(state: WatchState = { recent: [], above: 0 }) {
    this.#recent = [...state.recent]
    this.#above = state.above
  }

  state(): WatchState {
    return { recent: [...this.#recent], above: this.#above }
  }

  /** The first step of a rise that is not over, after `step`. */
  suspectedSince(step: number): number | null {
    return this.#above > 0 ? step - this.#above + 1 : null
  }

  /** What is wrong after a step; null where nothing is. */
  judge(at: number, loss: number, gradientNorm: number): Trouble | null {
    const since = this.suspectedSince(at - 1) ?? at
    const numbers = { loss: finite(loss), gradNorm: finite(gradientNorm) }
    if (numbers.loss === null) return { cause: 'loss', since, at, ...numbers }
    if (numbers.gradNorm === null) return { cause: 'gradient', since, at, ...numbers }
    const { before, threshold } = this.#threshold()
    this.#above = loss > threshold ? this.#above + 1 : 0
    if (this.#above >= LASTING) return { cause: 'spike', since, at, ...numbers, before }
    if (this.#above === 0) {
      this.#recent.push(loss)
      if (this.#recent.length > WINDOW) this.#recent.shift()
    }
    return null
  }

  #threshold(): { before: number; threshold: number } {
    if (this.#recent.length < ENOUGH) return { before: Number.NaN, threshold: Number.POSITIVE_INFINITY }
    const before = median(this.#recent)
    const deviation = ROBUST * median(this.#recent.map((loss) => Math.abs(loss - before)))
    return { before, threshold: before + Math.max(DEVIATIONS * deviation, LEAST * Math.abs(before)) }
  }
}

/** A state as it was written to disk. */
export function isWatchState(value: unknown): value is WatchState {
  const { recent, above } = (value ?? {}) as Partial<WatchState>
  return Array.isArray(recent) && recent.every(Number.isFinite) && Number.isSafeInteger(above)
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort()
  const middle = sorted.length >> 1
  const upper = sorted[middle] as number
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2
}
