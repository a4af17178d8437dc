/** A trained model in PyTorch, on the first GPU or on the CPU, in the process of torch/worker.py (torch/language.py). */

import { resolve } from 'node:path'
import { KopipeError } from '../../core/errors.ts'
import type { ModelFolder } from '../model/folder.ts'
import { type LanguageModel, type Score, type ScoredRow, sharedInputs } from '../model/language-model.ts'
import { parameterCount } from '../presets.ts'
import { type Launch, TorchProcess } from './torch-process.ts'
import { whyNotStarted } from './torch-python.ts'

export class TorchLanguageModel implements LanguageModel {
  readonly context: number
  readonly vocabulary: number
  readonly parameters: number
  readonly device: string
  readonly #process: TorchProcess

  private constructor({ shape, context }: ModelFolder, device: string, process: TorchProcess) {
    this.context = context
    this.vocabulary = shape.vocabulary
    this.parameters = parameterCount(shape)
    this.device = device
    this.#process = process
  }

  static async open({ weights, ...folder }: ModelFolder, launch: Launch): Promise<TorchLanguageModel> {
    const process = await TorchProcess.start(launch).catch(async (error) => {
      throw await whyNotStarted(launch.python, withoutCheckpoint(error))
    })
    try {
      const { shape, context } = folder
      const { name } = await process.ask<{ name: string }>({
        do: 'open',
        model: { shape, context, files: weights.map((file) => resolve(file)) },
      })
      return new TorchLanguageModel({ ...folder, weights }, name, process)
    } catch (error) {
      await process.close()
      throw withoutCheckpoint(error)
    }
  }

  async score(rows: readonly ScoredRow[]): Promise<Score[]> {
    const inputs = sharedInputs(rows)
    const { scores } = await this.#ask<{ scores: [logprob: number | null, greedy: boolean][][] }>({ do: 'score', inputs })
    const all: Score[] = []
    for (const [i, { asks }] of inputs.entries()) {
      for (const [j, [logprob, greedy]] of (scores[i] ?? []).entries()) {
        all[asks[j]?.row ?? 0] = { logprob: logprob ?? Number.NaN, greedy }
      }
    }
    return all
  }

  async next(rows: readonly (readonly number[])[]): Promise<Float32Array[]> {
    const { logits } = await this.#ask<{ logits: string[] }>({ do: 'next', rows })
    return logits.map((numbers) => new Float32Array(new Uint8Array(Buffer.from(numbers, 'base64')).buffer))
  }

  async close(): Promise<void> {
    await this.#process.close()
  }

  #ask<T extends object>(request: { do: string } & Record<string, unknown>): Promise<T> {
    return this.#process.ask<T>(request).catch((error) => {
      throw withoutCheckpoint(error)
    })
  }
}

/** What the process says when it ends is said to one who trains. */
function withoutCheckpoint(error: unknown): unknown {
  if (!(error instanceof KopipeError) || error.kind !== 'engine') return error
  return new KopipeError('engine', error.message, {
    hint: 'Without PyTorch: --engine jax, for models of some millions of parameters.',
    cause: error,
  })
}
