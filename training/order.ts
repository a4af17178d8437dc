/**
 * Where a run stands in the order of its samples. The order is a function of the plan, so all there is to remember is how
 * many samples were consumed, and of which plan: two dozen bytes that any number of readers goes on from.
 */

import { KopipeError } from '../core/errors.ts'

export interface OrderState {
  /** Samples that all readers together have taken. */
  readonly consumed: number
  /** Digest of the plan. */
  readonly plan: string
}

export function isOrderState(value: unknown): value is OrderState {
  const { consumed, plan } = (value ?? {}) as Partial<OrderState>
  return Number.isSafeInteger(consumed) && (consumed as number) >= 0 && typeof plan === 'string'
}

export class Order {
  #consumed = 0
  readonly #plan: string

  /** From the start, or from a state, which must be of the same plan. */
  constructor(plan: string, state?: OrderState) {
    if (state && state.plan !== plan) {
      throw new KopipeError('invalid', `this state is of another order of samples: plan ${state.plan} then, ${plan} now`, {
        hint: 'Go on with the datasets and options of then, or begin anew with --overwrite.',
      })
    }
    this.#plan = plan
    this.#consumed = state?.consumed ?? 0
  }

  /** Positions of the next `count` samples, which are consumed with this. */
  next(count: number): number[] {
    this.#consumed += count
    return Array.from({ length: count }, (_, i) => this.#consumed - count + i)
  }

  state(): OrderState {
    return { consumed: this.#consumed, plan: this.#plan }
  }
}

/** What reader `reader` of `readers` takes of a step: neighbours, so that all of them in their order are the step. */
export function shareOf(positions: readonly number[], reader: number, readers: number): number[] {
  const bound = (i: number) => Math.floor((positions.length * i) / readers)
  return positions.slice(bound(reader), bound(reader + 1))
}
