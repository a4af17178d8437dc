/** A task scored: every choice behind its text, and which of them the model holds for right. */

import type { Session } from '../../core/progress.ts'
import type { Tokenizer } from '../../native/index.ts'
import type { LanguageModel } from '../model/language-model.ts'
import type { TaskData } from './data.ts'
import { argmax, f1, macroF1, mean, standardError } from './metrics.ts'
import { continuationRow, prompts } from './requests.ts'
import { scoreAll } from './scoring.ts'
import { ANSWER, type Question, type Task } from './task.ts'

export interface TaskScore {
  docs: number
  shots: number
  acc: number
  acc_stderr: number | null
  /** Where the most likely choice is that by log-probability a character. */
  acc_norm?: number
  acc_norm_stderr?: number | null
  f1?: number
}

/** What became of one question. */
export interface Answered {
  task: string
  /** Its number in the split. */
  doc: number
  prompt: string
  choices: readonly string[]
  gold: number
  predicted: number
  predicted_norm: number
  /** Of each choice, in nats. */
  logprobs: number[]
  /** Whether each choice is what the model would say itself. */
  greedy: boolean[]
}

export async function scoreTask(
  task: Task,
  data: TaskData,
  { model, tokenizer, shots, limit }: { model: LanguageModel; tokenizer: Tokenizer; shots: number; limit: number },
  session: Session,
): Promise<{ score: TaskScore; answers: Answered[] }> {
  const asked = prompts(data, shots, limit)
  const choices = asked.flatMap((prompt, doc) => (data.scored[doc] as Question).choices.map((choice) => ({ prompt, doc, choice })))
  const rows = choices.map(({ prompt, choice }) => continuationRow(tokenizer, prompt, `${ANSWER}${choice}`, model.context))
  session.progress.stage(task.name, rows.length)
  const scores = await scoreAll(model, rows, session, () => session.progress.advance({ of: 1 }))
  const byDoc = Map.groupBy(
    choices.map(({ doc }, i) => ({ doc, ...(scores[i] as (typeof scores)[number]) })),
    ({ doc }) => doc,
  )
  const answers = asked.map((prompt, doc): Answered => {
    const { choices, gold } = data.scored[doc] as Question
    const own = byDoc.get(doc) ?? []
    const logprobs = own.map(({ logprob }) => logprob)
    return {
      task: task.name,
      doc,
      prompt,
      choices,
      gold,
      logprobs,
      predicted: argmax(logprobs),
      predicted_norm: argmax(logprobs.map((logprob, i) => logprob / [...(choices[i] as string)].length)),
      greedy: own.map(({ greedy }) => greedy),
    }
  })
  return { score: summed(task, answers, shots), answers }
}

function summed({ normalized, f1: kind }: Task, answers: readonly Answered[], shots: number): TaskScore {
  const right = answers.map(({ gold, predicted }) => Number(gold === predicted))
  const rightNormalized = answers.map(({ gold, predicted_norm }) => Number(gold === predicted_norm))
  return {
    docs: answers.length,
    shots,
    acc: mean(right),
    acc_stderr: standardError(right),
    ...(normalized && { acc_norm: mean(rightNormalized), acc_norm_stderr: standardError(rightNormalized) }),
    ...(kind !== null && { f1: kind === 'macro' ? macroF1(answers) : f1(answers, 1) }),
  }
}
