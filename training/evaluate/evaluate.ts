/**
 * `eval`: what a trained model is worth, by Korean tasks as lm-evaluation-harness scores them, and by held-out text. Nothing
 * is written unless `--samples` asks for it.
 */

import { KopipeError } from '../../core/errors.ts'
import { type Counts, noCounts, total } from '../../core/ledger.ts'
import type { Session } from '../../core/progress.ts'
import { checkMemory, type Damaged, reading } from '../../native/documents.ts'
import { io, native } from '../../native/index.ts'
import { loadLanguageModel } from '../engines/language-models.ts'
import { openModelFolder, tokenizerOf } from '../model/folder.ts'
import { type ScoredDocument, scoreText, type TextScore } from './bits-per-byte.ts'
import { readTask } from './data.ts'
import { documentsOf, type Read } from './documents.ts'
import { type Answered, scoreTask, type TaskScore } from './multiple-choice.ts'
import type { EvalOptions } from './options.ts'
import { TASKS } from './tasks.ts'

export interface EvalSummary extends Counts {
  damaged: Damaged[]
  /** The folder that was read: of a run, its newest checkpoint. */
  model: string
  device: string
  tasks: Record<string, TaskScore>
  /** By what was named. */
  texts: Record<string, TextScore>
  /** Of all texts together; null where none was named. */
  bits_per_byte: number | null
}

export async function evaluate(name: string, options: EvalOptions, session: Session): Promise<EvalSummary> {
  const { limit = Number.POSITIVE_INFINITY, shots, text, data: folder } = options
  const tasks = TASKS.filter((task) => options.tasks?.includes(task.name))
  if (tasks.length === 0 && text.length === 0) {
    throw new KopipeError('usage', 'expected what to score by: --tasks, --text or both', { hint: 'See: kopipe eval --help' })
  }
  if (tasks.length > 0 && folder === undefined) {
    throw new KopipeError('usage', '--tasks: expected --data FOLDER, where the tasks lie', {
      hint: 'docs/eval.md says how they are laid out.',
    })
  }
  checkMemory(options)
  native.startWorkers(options.workers)
  const data = await Promise.all(tasks.map(async (task) => ({ task, rows: await readTask(task, folder as string, shots) })))
  const source = await openModelFolder(name)
  const { tokenizer, end } = await tokenizerOf(source, options.tokenizer)
  const model = await loadLanguageModel(source, options)
  const samples: (Answered | ScoredDocument)[] = []
  const read: Read = { ledger: {}, damaged: [] }
  const keep = (...of: typeof samples) => {
    if (options.samples !== undefined) samples.push(...of)
  }
  const summary = { tasks: {} as Record<string, TaskScore>, texts: {} as Record<string, TextScore> }
  try {
    for (const { task, rows } of data) {
      const { score, answers } = await scoreTask(task, rows, { model, tokenizer, shots, limit }, session)
      summary.tasks[task.name] = score
      keep(...answers)
    }
    for (const input of text) {
      const documents = documentsOf(input, tokenizer, { ...reading(options), split: options.split }, read, session)
      summary.texts[input] = await scoreText(documents, { model, end, limit }, session, (document) => keep({ text: input, ...document }))
    }
    if (options.samples !== undefined) {
      await io.commitFile(options.samples, Buffer.from(samples.map((sample) => `${JSON.stringify(sample)}\n`).join('')))
    }
    const counts = text.length > 0 ? total(read.ledger) : noCounts()
    return {
      ...counts,
      damaged: read.damaged,
      model: source.path,
      device: model.device,
      ...summary,
      bits_per_byte: together(Object.values(summary.texts)),
    }
  } finally {
    await model.close()
  }
}

function together(texts: readonly TextScore[]): number | null {
  const bytes = texts.reduce((sum, text) => sum + text.bytes, 0)
  return texts.length === 0 ? null : texts.reduce((sum, text) => sum + text.bits_per_byte * text.bytes, 0) / bytes
}
