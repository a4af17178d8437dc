/** Which engine answers for a trained model: the one that is asked for, or PyTorch where it is installed and jax-js where not. */

import type { ModelFolder } from '../model/folder.ts'
import type { LanguageModel } from '../model/language-model.ts'
import type { EngineName } from './options.ts'
import { pythonFor } from './torch-python.ts'

export interface LanguageModelWishes {
  readonly engine: EngineName
  readonly python?: string | undefined
  readonly workers: number
}

/** Engines are imported only when a model is asked: jax-js takes a quarter of a second to load. */
export async function loadLanguageModel(
  folder: ModelFolder,
  { engine, python: flag, workers }: LanguageModelWishes,
): Promise<LanguageModel> {
  const python = pythonFor(engine, flag)
  if (python) {
    const { TorchLanguageModel } = await import('./torch-language-model.ts')
    return TorchLanguageModel.open(folder, { python, processes: 1, threads: workers })
  }
  const { limitThreads } = await import('./jax-threads.ts')
  limitThreads(workers)
  const { JaxLanguageModel } = await import('./jax-language-model.ts')
  return JaxLanguageModel.open(folder)
}
