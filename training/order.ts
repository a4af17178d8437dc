/**
 * Where a run stands in the order of its samples. The order is a function of the plan, so all there is to remember is how
 * many samples were consumed, of which plan, and which of them were passed over: a few dozen bytes that any number of
 * readers goes on from.
 *
 * Samples that a rollback passes over are consumed like any other: the order never goes back. So a run may need more than
 * its plan has; then it begins again with the plan's first.
 */

import { KopipeError } from '../core/errors.ts'

export interface OrderState {
  /** Samples that all readers together have taken or passed over. */
  readonly consumed: number
  /** Digest of the plan. */
  readonly plan: string
  /** Passed over: from the first, up to before the second, counted like `consumed`. In order, none touching the next. */
  readonly skipped?: readonly (readonly [from: number, to: number])[]
}

export function isOrderState(value: unknown): value is OrderState {
  const { consumed, plan, skipped = [] } = (value ?? {}) as Partial<OrderState>
  const counts = (n: unknown) => Number.isSafeInteger(n) && (n as number) >= 0
  const ranges = Array.isArray(skipped) && skipped.every((range) => Array.isArray(range) && range.length === 2 && range.every(counts))
  return counts(consumed) && typeof plan === 'string' && ranges
}

export class Order {
  #consumed: number
  readonly #plan: string
  readonly #samples: number
  readonly #skipped: OrderState['skipped']

  /** From the start, or from a state, which must be of the same plan; `samples`: how many the plan has. */
  constructor(plan: string, state?: OrderState, samples = Number.POSITIVE_INFINITY) {
    if (state && state.plan !== plan) {
      throw new KopipeError('invalid', `this state is of another order of samples: plan ${state.plan} then, ${plan} now`, {
        hint: 'Go on with the datasets and options of then, or begin anew with --overwrite.',
      })
    }
    this.#plan = plan
    this.#samples = samples
    this.#consumed = state?.consumed ?? 0
    this.#skipped = state?.skipped
  }

  /** Positions of the next `count` samples, which are consumed with this. */
  next(count: number): number[] {
    const positions = this.peek(count)
    this.#consumed += count
    return positions
  }

  /** What `next` will give, if nothing is passed over before. */
  peek(count: number): number[] {
    return Array.from({ length: count }, (_, i) => (this.#consumed + i) % this.#samples)
  }

  state(): OrderState {
    return { consumed: this.#consumed, plan: this.#plan, ...(this.#skipped && { skipped: this.#skipped }) }
  }
}

/** The state in which everything up to `consumed` is passed over. */
export function skipTo(consumed: number, { skipped = [], ...state }: OrderState): OrderState {
  const last = skipped.at(-1)
  const joins = last !== undefined && last[1] === state.consumed
  const ranges = joins ? [...skipped.slice(0, -1), [last[0], consumed] as const] : [...skipped, [state.consumed, consumed] as const]
  return { ...state, consumed, skipped: ranges }
}

/** How many samples a state has passed over. */
export function skippedSamples({ skipped = [] }: OrderState): number {
  return skipped.reduce((sum, [from, to]) => sum + to - from, 0)
}
