/**
 * The course of a run in a few hundred points, for drawing: steps are gathered in buckets whose width doubles whenever
 * there are too many. 300,000 steps are held in 60 KB, and it makes no difference whether they came one by one or were read
 * back from metrics.jsonl. Cost: 0.1 µs a step.
 */

import type { Line, StepMetrics } from './metrics.ts'

const BUCKETS = 600

export interface Point {
  /** The last step of the bucket. */
  step: number
  /** Mean, and the range around it. */
  loss: number
  lowest: number
  highest: number
  lr: number
  gradNorm: number | null
  tokensPerSecond: number | null
  mfu: number | null
}

interface Bucket {
  step: number
  steps: number
  loss: number
  lowest: number
  highest: number
  lr: number
  /** Sums over the steps that tell of them. */
  told: number
  gradNorm: number
  /** Seconds a token: their mean is the one that tokens per second have. */
  perToken: number
  mfu: number
  mfuTold: number
}

export class Curve {
  #width = 1
  #buckets: Bucket[] = []
  #validations: { step: number; loss: number }[] = []
  /** Only each so many validations are kept. */
  #every = 1
  #count = 0
  #lastValidation: { step: number; loss: number } | null = null

  add(line: Line): void {
    if ('loss' in line) this.#addStep(line)
    else if ('val_loss' in line) this.#addValidation({ step: line.step, loss: line.val_loss })
  }

  points(): Point[] {
    return this.#buckets.map((b) => ({
      step: b.step,
      loss: b.loss / b.steps,
      lowest: b.lowest,
      highest: b.highest,
      lr: b.lr,
      gradNorm: b.told > 0 ? b.gradNorm / b.told : null,
      tokensPerSecond: b.told > 0 ? b.told / b.perToken : null,
      mfu: b.mfuTold > 0 ? b.mfu / b.mfuTold : null,
    }))
  }

  /** In their order, the last one among them. */
  validations(): { step: number; loss: number }[] {
    const last = this.#lastValidation
    return last && this.#validations.at(-1) !== last ? [...this.#validations, last] : this.#validations
  }

  #addStep({ step, loss, lr, grad_norm, tokens_per_second, mfu }: StepMetrics): void {
    const told = grad_norm !== undefined && tokens_per_second !== undefined
    const one: Bucket = {
      step,
      steps: 1,
      loss,
      lowest: loss,
      highest: loss,
      lr,
      told: told ? 1 : 0,
      gradNorm: grad_norm ?? 0,
      perToken: told ? 1 / tokens_per_second : 0,
      mfu: mfu ?? 0,
      mfuTold: mfu === undefined ? 0 : 1,
    }
    const last = this.#buckets.at(-1)
    if (last && this.#bucketOf(last.step) === this.#bucketOf(step)) this.#buckets[this.#buckets.length - 1] = merged(last, one)
    else this.#buckets.push(one)
    if (this.#buckets.length > BUCKETS) this.#widen()
  }

  #bucketOf(step: number): number {
    return Math.floor((step - 1) / this.#width)
  }

  #widen(): void {
    this.#width *= 2
    const all = this.#buckets
    this.#buckets = []
    for (const bucket of all) {
      const last = this.#buckets.at(-1)
      if (last && this.#bucketOf(last.step) === this.#bucketOf(bucket.step)) this.#buckets[this.#buckets.length - 1] = merged(last, bucket)
      else this.#buckets.push(bucket)
    }
  }

  #addValidation(validation: { step: number; loss: number }): void {
    this.#lastValidation = validation
    if (this.#count++ % this.#every === 0) this.#validations.push(validation)
    if (this.#validations.length <= BUCKETS) return
    this.#validations = this.#validations.filter((_, i) => i % 2 === 0)
    this.#every *= 2
  }
}

function merged(a: Bucket, b: Bucket): Bucket {
  return {
    step: b.step,
    steps: a.steps + b.steps,
    loss: a.loss + b.loss,
    lowest: Math.min(a.lowest, b.lowest),
    highest: Math.max(a.highest, b.highest),
    lr: b.lr,
    told: a.told + b.told,
    gradNorm: a.gradNorm + b.gradNorm,
    perToken: a.perToken + b.perToken,
    mfu: a.mfu + b.mfu,
    mfuTold: a.mfuTold + b.mfuTold,
  }
}
