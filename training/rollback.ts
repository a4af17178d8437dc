/**
 * Going back when training has gone wrong, as PaLM did by hand (Chowdhery et al. 2022, 5.1): to a checkpoint from before
 * the trouble, then on with samples that come after it. There the loss "did not spike again at the same point", and the
 * same samples from another checkpoint made no spike either: it takes both, so passing over a few hundred batches is
 * enough. A step whose gradient is not finite has spoilt the weights and the moments already: leaving it out is too late.
 *
 * The first try at a place goes to the newest planned checkpoint from before the trouble, each further one to the one
 * before that while there is one. Everything that was consumed until the trouble was certain is passed over.
 */

import type { OrderState } from './order.ts'
import { skipTo } from './order.ts'
import type { Trouble } from './watch.ts'

/** A trouble within so many steps of the last one is at the same place. */
const NEAR = 1000

/** What metrics.jsonl and the checkpoint say of it. */
export interface Rollback extends Trouble {
  /** The step that it went back to. */
  readonly to: number
  /** Counted from 1 at each place. */
  readonly attempt: number
  /** Samples that are passed over, as `OrderState` counts them. */
  readonly skipped: readonly [from: number, to: number]
  /** Seconds since 1970. */
  readonly time: number
}

/** Which try this is at its place. */
export function attemptAt(trouble: Trouble, earlier: readonly Rollback[]): number {
  let [attempt, at] = [1, trouble.at]
  for (const rollback of earlier.toReversed()) {
    if (Math.abs(at - rollback.at) > NEAR) break
    at = rollback.at
    attempt++
  }
  return attempt
}

/** The step to go back to, out of those that one can, in ascending order. */
export function wayBack(trouble: Trouble, attempt: number, waysBack: readonly number[]): number | undefined {
  const before = waysBack.filter((step) => step < trouble.since)
  return before[Math.max(0, before.length - attempt)]
}

/** Which planned checkpoints stay: the newest `keep`, and one from before a rise of the loss that may become a trouble. */
export function kept(planned: readonly number[], keep: number, suspectedSince: number | null): number[] {
  // Untrained weights are there until something better is.
  const newest = planned.filter((step) => step > 0).slice(-keep)
  const needed = planned.findLast((step) => step < (suspectedSince ?? 0))
  const stay = newest.length > 0 ? newest : planned.slice(-1)
  return needed === undefined || stay.includes(needed) ? stay : [needed, ...stay].sort((a, b) => a - b)
}

/** Where the order of the checkpoint goes on. */
export function passOver(order: OrderState, consumed: number): { order: OrderState; skipped: [number, number] } {
  return { order: skipTo(consumed, order), skipped: [order.consumed, consumed] }
}
