/**
 * What one asks of a trained model, whatever computes it: how likely tokens are, and which come next.
 *
 * Rows are token ids without padding; an implementation batches them as it likes, and what it gives does not depend on it
 * but for rounding. Calls come one at a time, `close` last.
 */

import { KopipeError } from '../core/errors.ts'

export interface LanguageModel {
  /** Tokens it reads at most at once. */
  readonly context: number
  /** Rows of its output: ids from a tokenizer's size on are padding. */
  readonly vocabulary: number
  /** As it names itself. */
  readonly device: string
  /**
   * Of each row, how likely `tokens[from..]` are behind what is before them. A row has at most `context` + 1 tokens, the
   * last of which is not read, and `from` is at least 1: nothing comes before the first.
   */
  score(rows: readonly ScoredRow[]): Promise<Score[]>
  /** The logits of what follows each row, of 1 to `context` tokens: `vocabulary` numbers. */
  next(rows: readonly (readonly number[])[]): Promise<Float32Array[]>
  close(): Promise<void>
}

export interface ScoredRow {
  readonly tokens: readonly number[]
  readonly from: number
}

export interface Score {
  /** The sum of the logarithms of their probabilities, in nats; no number where the model computes none. */
  logprob: number
  /** Whether each of them is the most likely one. */
  greedy: boolean
}

/** Refuses what weights that are no numbers lead to. */
export function checkNumber(value: number | undefined): void {
  if (Number.isFinite(value)) return
  throw new KopipeError('invalid', 'the model computes no numbers: its weights are broken, or too large for their type', {
    hint: 'An earlier checkpoint may be whole: name its folder.',
  })
}
