/** Which engine answers for a trained model. */

import { KopipeError } from '../../core/errors.ts'
import type { LanguageModel } from '../language-model.ts'
import type { ModelFolder } from '../model-folder.ts'

export const ENGINES = ['auto', 'torch', 'jax'] as const
export type EngineName = (typeof ENGINES)[number]

/** Imported only when a model is asked: jax-js takes a quarter of a second to load. */
export async function loadLanguageModel(
  folder: ModelFolder,
  { engine, workers }: { engine: EngineName; workers: number },
): Promise<LanguageModel> {
  if (engine === 'torch') throw new KopipeError('invalid', 'torch')
  const { limitThreads } = await import('./jax-threads.ts')
  limitThreads(workers)
  const { JaxLanguageModel } = await import('./jax-language-model.ts')
  return JaxLanguageModel.open(folder)
}
