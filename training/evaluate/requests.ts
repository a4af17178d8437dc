/** What a language model is asked: texts as rows of tokens, cut to its context as lm-evaluation-harness cuts them. */

import { KopipeError } from '../../core/errors.ts'
import type { Tokenizer } from '../../native/index.ts'
import type { ScoredRow } from '../model/language-model.ts'
import { MersenneTwister } from '../model/mersenne-twister.ts'
import type { TaskData } from './data.ts'
import { ANSWER, BLANK, type Question, SHOT } from './task.ts'

/** The harness's `fewshot_random_seed`. */
const SEED = 1234

/**
 * For each of the first `limit` questions its text behind `shots` answered ones. The draws are the harness's: one generator
 * a task, a sample a question; where shots come from the questions themselves, one more is drawn and the question left out.
 */
export function prompts({ scored, shots: pool }: TaskData, shots: number, limit: number): string[] {
  const random = new MersenneTwister(SEED)
  const own = pool === scored
  return scored.slice(0, limit).map((question, at) => {
    if (shots === 0) return question.text
    const drawn = random.sample(pool.length, shots + (own ? 1 : 0)).filter((i) => !own || i !== at)
    return drawn
      .slice(0, shots)
      .map((i) => answered(pool[i] as Question))
      .concat(question.text)
      .join('')
  })
}

function answered({ text, choices, gold }: Question): string {
  return `${text}${ANSWER}${choices[gold]}${SHOT}`
}

/**
 * `continuation` scored behind `context`. Blanks at the context's end go to the continuation, whose tokens are those of both
 * together behind as many as the context alone has. What is too long loses its beginning.
 */
export function continuationRow(tokenizer: Tokenizer, context: string, continuation: string, longest: number): ScoredRow {
  const before = tokenizer.encode(context.replace(new RegExp(`${BLANK}+$`), ''))
  const behind = tokenizer.encode(context + continuation).slice(before.length)
  if (behind.length > longest) {
    const what = `${JSON.stringify(continuation.trim().slice(0, 20))}… of ${behind.length} tokens`
    throw new KopipeError('invalid', `the choice ${what} is longer than the ${longest} that the model reads at once`)
  }
  const tokens = [...before, ...behind].slice(-(longest + 1))
  return { tokens, from: tokens.length - behind.length }
}

/**
 * A document scored whole, in windows that each predict as many tokens as the context holds: the first behind the end of
 * text, each other behind the last token of the one before; the last one reaches back, so that it is full (the harness's
 * `loglikelihood_rolling`, which makes its windows disjoint, with a context of 1).
 */
export function rollingRows(tokens: readonly number[], end: number, longest: number): ScoredRow[] {
  const rows: ScoredRow[] = []
  for (let from = 0; from < tokens.length; from += longest) {
    const to = Math.min(tokens.length, from + longest)
    if (from === 0) rows.push({ tokens: [end, ...tokens.slice(0, to)], from: 1 })
    else rows.push({ tokens: tokens.slice(to - longest - 1, to), from: longest + 1 - (to - from) })
  }
  return rows
}
