/** Which engine answers for a trained model: the one that is asked for, or PyTorch where it is installed and jax-js where not. */

import { KopipeError } from '../../core/errors.ts'
import type { LanguageModel } from '../language-model.ts'
import type { ModelFolder } from '../model-folder.ts'
import { namedPython } from './torch-python.ts'

export const ENGINES = ['auto', 'torch', 'jax'] as const

export interface LanguageModelWishes {
  readonly engine: (typeof ENGINES)[number]
  readonly python?: string | undefined
  readonly workers: number
}

/** Engines are imported only when a model is asked: jax-js takes a quarter of a second to load. */
export async function loadLanguageModel(
  folder: ModelFolder,
  { engine, python: flag, workers }: LanguageModelWishes,
): Promise<LanguageModel> {
  const python = engine === 'jax' ? null : namedPython(flag)
  if (engine === 'torch' && !python) {
    throw new KopipeError('engine', 'there is no torch: none is installed by kopipe, and neither --python nor KOPIPE_PYTHON names one', {
      hint: 'Install it: kopipe train --setup-torch',
    })
  }
  if (python) {
    const { TorchLanguageModel } = await import('./torch-language-model.ts')
    return TorchLanguageModel.open(folder, { python, processes: 1, threads: workers })
  }
  const { limitThreads } = await import('./jax-threads.ts')
  limitThreads(workers)
  const { JaxLanguageModel } = await import('./jax-language-model.ts')
  return JaxLanguageModel.open(folder)
}
