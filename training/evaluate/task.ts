/** A task as lm-evaluation-harness has them: a text, several continuations, one of which is right. */

import type { z } from 'zod'

export interface Task {
  /** Also of its file of data. */
  readonly name: string
  /** What is asked, for help. */
  readonly what: string
  /** The splits that documents to score and shots come from; the same, where there is one only. */
  readonly scored: 'test' | 'validation'
  readonly shots: 'train' | 'validation'
  /** Beside accuracy: that by log-probability a character, and F1 over all classes alike or of class 1. */
  readonly normalized: boolean
  readonly f1: 'macro' | 'binary' | null
  /** A row of the data, of whichever publication, as a question. */
  readonly question: z.ZodType<Question>
}

export interface Question {
  readonly text: string
  /** What may come behind it, without the blank between. */
  readonly choices: readonly string[]
  /** Number of the right one. */
  readonly gold: number
}

/** Between a text and its answer, and between a shot and what follows. */
export const ANSWER = ' '
export const SHOT = '\n\n'

/** Python's `str.strip()`, which JavaScript's `trim` is not quite. */
export function stripped(text: string): string {
  return text.replace(new RegExp(`^${BLANK}+`), '').replace(new RegExp(`${BLANK}+$`), '')
}

/** A character that Python holds for white space. */
export const BLANK = '[\\t-\\r\\x1c- \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]'
