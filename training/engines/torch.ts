/**
 * The torch engine: PyTorch in processes of its own, one a GPU, or on the CPU.
 *
 * Samples go as spans of the shards, a few numbers each, and the processes map the shards themselves; the loss and the
 * gradient's length come back. First weights go over the same socket, so every engine begins alike.
 */

import { resolve } from 'node:path'
import { parameters, type Tensor } from '../weights.ts'
import type { Device, Engine, EngineSetup, Samples, StepResult } from './engine.ts'
import { type Launch, TorchProcess } from './torch-process.ts'
import { whyNotStarted } from './torch-python.ts'

/** How the work is laid out; nothing of it changes what is computed but for rounding. */
export interface TorchLayout {
  readonly launch: Launch
  readonly precision: 'bf16' | 'fp32'
  /** Samples of one process that are computed at a time. */
  readonly passSize: number
  /** Layers are computed again in the backward pass, which saves the memory of what they keep for it. */
  readonly recompute: boolean
  /** Weights, gradients and moments are spread over the processes (FSDP2); without, each has all of them (DDP). */
  readonly shard: boolean
  readonly compile: boolean
  /** The same bits from run to run on a GPU, too. */
  readonly deterministic: boolean
}

/** JSON has no NaN: what is no number comes as null. */
type Told = Omit<StepResult, 'loss' | 'gradientNorm'> & { loss: number | null; gradientNorm: number | null }

export class TorchEngine implements Engine {
  readonly #layout: TorchLayout
  #process!: TorchProcess
  #train!: Samples
  #valid: Samples | null = null
  /** What the spans of the next step are, gathered while the one before is computed. */
  #next: { positions: readonly number[]; spans: Promise<number[][]> } | null = null

  constructor(layout: TorchLayout) {
    this.#layout = layout
  }

  async init({ shape, optimizer, weights, train, valid }: EngineSetup): Promise<Device> {
    const { launch, ...layout } = this.#layout
    this.#process = await TorchProcess.start(launch).catch(async (error) => {
      throw await whyNotStarted(launch.python, error)
    })
    this.#train = train
    this.#valid = valid
    const list = parameters(shape)
    const setup = {
      ...layout,
      shape,
      optimizer,
      length: train.plan.sequenceLength,
      resets: train.resets ?? { positions: false, attention: false },
      names: list.map(({ name }) => name),
      decays: list.filter(({ decays }) => decays).map(({ name }) => name),
      train: splitOf(train),
      valid: valid && splitOf(valid),
    }
    return this.#process.ask<Device>({ do: 'init', setup }, bytesOf(weights))
  }

  async step(step: number, positions: readonly number[], rate: number, next: readonly number[] = []): Promise<StepResult> {
    const spans = await this.#spans(positions)
    this.#next = next.length > 0 ? { positions: next, spans: this.#train.spans(next) } : null
    const following = this.#next ? await this.#next.spans : []
    const { loss, gradientNorm, ...more } = await this.#process.ask<Told>({ do: 'step', step, spans, rate, next: following })
    return { ...more, loss: loss ?? Number.NaN, gradientNorm: gradientNorm ?? Number.NaN }
  }

  async evaluate(positions: readonly number[]): Promise<number> {
    const spans = await (this.#valid as Samples).spans(positions)
    return (await this.#process.ask<Pick<Told, 'loss'>>({ do: 'evaluate', spans })).loss ?? Number.NaN
  }

  async save(folder: string): Promise<void> {
    await this.#process.ask({ do: 'save', folder: resolve(folder) })
  }

  async load(folder: string): Promise<void> {
    await this.#process.ask({ do: 'load', folder: resolve(folder) })
  }

  async close(): Promise<void> {
    await this.#process?.close()
  }

  #spans(positions: readonly number[]): Promise<number[][]> {
    const ready = this.#next
    const isNext = ready?.positions.length === positions.length && ready.positions.every((position, i) => position === positions[i])
    return isNext ? ready.spans : this.#train.spans(positions)
  }
}

function splitOf({ files, plan: { vocabulary, padding, starts, weights } }: Samples) {
  return { files, vocabulary, padding: padding ?? 0, starts: starts ?? false, weights: weights ?? false }
}

async function* bytesOf(tensors: EngineSetup['weights']): AsyncGenerator<Uint8Array> {
  for await (const { values } of tensors as AsyncIterable<Tensor>) yield new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}
