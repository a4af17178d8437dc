/**
 * An engine without a model, for what the loop does when training goes wrong: its loss falls slowly, its weights depend on
 * every sample and their order, and samples at chosen positions spoil it as real ones do. What is spoilt stays so until an
 * earlier state is loaded.
 */

import { join } from 'node:path'
import { io } from '../../native/index.ts'
import type { Device, Engine, Samples, StepResult } from '../../training/engines/engine.ts'

export interface Faults {
  /** Positions whose step gives a loss that is no number, or a gradient. */
  loss?: readonly number[]
  gradient?: readonly number[]
  /** After a step on such a position validation gives no number. */
  validation?: readonly number[]
  /** The loss is higher by 3 from there on. */
  spike?: readonly number[]
  /** The loss is higher by 3 for five steps. */
  blip?: readonly number[]
}

interface State {
  weights: number
  /** Added to the loss. */
  lift: number
  blip: number
  spoilt: boolean
}

export class FakeEngine implements Engine {
  readonly #faults: Faults
  #state: State = { weights: 1, lift: 0, blip: 0, spoilt: false }
  #announced: readonly number[] | null = null
  /** Every step on which it was, and what was announced that did not come without a `load` between. */
  readonly steps: { step: number; positions: readonly number[] }[] = []
  readonly broken: number[] = []

  constructor(faults: Faults = {}) {
    this.#faults = faults
  }

  async init(): Promise<Device> {
    return { name: 'none', count: 2, peakFlops: 1e9 }
  }

  async step(step: number, positions: readonly number[], learningRate: number, next: readonly number[]): Promise<StepResult> {
    if (this.#announced && this.#announced.join() !== positions.join()) this.broken.push(step)
    this.#announced = next
    this.steps.push({ step, positions })
    const has = (fault: keyof Faults) => positions.some((position) => this.#faults[fault]?.includes(position))
    const state = this.#state
    // Mixed so that the order of the samples counts.
    for (const position of positions) state.weights = (state.weights * 0.993 + ((position * 0.618033988749895) % 1) * learningRate) % 7
    if (has('spike')) state.lift = 3
    if (has('blip')) state.blip = 5
    const noise = ((state.weights * 1e4) % 1) * 0.2
    const loss = has('loss') || state.spoilt ? Number.NaN : 3 - step * 1e-4 + noise + state.lift + (state.blip-- > 0 ? 3 : 0)
    const gradientNorm = has('gradient') ? Number.POSITIVE_INFINITY : 0.5 + noise
    if (has('loss') || has('gradient')) state.weights = Number.NaN
    if (has('loss') || has('gradient') || has('validation')) state.spoilt = true
    return { loss, gradientNorm, peakMemory: 1e9 }
  }

  async evaluate(positions: readonly number[]): Promise<number> {
    return this.#state.spoilt ? Number.NaN : 2 + (this.#state.weights + (positions[0] ?? 0)) / 1000
  }

  async save(folder: string): Promise<void> {
    await io.commitFile(join(folder, 'model.safetensors'), Buffer.from(JSON.stringify(this.#state)))
    await io.commitFile(join(folder, 'optimizer.safetensors'), Buffer.from('{}'))
  }

  async load(folder: string): Promise<void> {
    this.#state = JSON.parse((await io.readFile(join(folder, 'model.safetensors'))).toString()) as State
    this.#announced = null
  }

  async close(): Promise<void> {}
}

/** So many samples of 8 tokens, of which only the positions matter. */
export function fakeSamples(length: number): Samples {
  const plan = { split: 'train', sequenceLength: 8, samples: length, seed: 1, vocabulary: 128, splitWeights: [1, 0, 0] } as const
  return {
    files: [],
    spans: () => Promise.reject(new Error('nothing to map')),
    plan: { ...plan, splitWeights: [...plan.splitWeights], padding: 0 },
    length,
    digest: 'fake',
    gather: () => Promise.reject(new Error('nothing to gather')),
    packed: () => Promise.resolve([{ epochs: 1, samples: length, documents: 10, cut: 1, utilisation: 1 }]),
    unigramLoss: () => Promise.resolve(4),
  }
}
