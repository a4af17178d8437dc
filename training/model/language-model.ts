/**
 * What one asks of a trained model, whatever computes it: how likely tokens are, and which come next.
 *
 * Rows are token ids without padding; an implementation batches them as it likes, and what it gives does not depend on it
 * but for rounding. Calls come one at a time, `close` last.
 */

import { KopipeError } from '../../core/errors.ts'

export interface LanguageModel {
  /** Tokens it reads at most at once. */
  readonly context: number
  /** Rows of its output: ids from a tokenizer's size on are padding. */
  readonly vocabulary: number
  /** A token costs about twice as many operations. */
  readonly parameters: number
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

/** Tokens that are read, and what is asked of them. */
export interface SharedInput {
  readonly tokens: readonly number[]
  /** Of a row, by its number: how likely `labels` are, the first of them behind the token before `from`. */
  readonly asks: { readonly row: number; readonly from: number; readonly labels: readonly number[] }[]
}

/**
 * Rows by what has to be read for them. A row whose tokens begin another is asked there: of a question's choices that are
 * one token each, only one is read. In the order of their tokens, what begins another begins its next.
 */
export function sharedInputs(rows: readonly ScoredRow[]): SharedInput[] {
  const order = [...rows.keys()].sort((a, b) => compare((rows[a] as ScoredRow).tokens, (rows[b] as ScoredRow).tokens))
  const inputs: SharedInput[] = []
  for (const row of order.reverse()) {
    const { tokens, from } = rows[row] as ScoredRow
    const last = inputs.at(-1)
    const ask = { row, from, labels: tokens.slice(from) }
    if (last && begins(last.tokens, tokens)) last.asks.push(ask)
    else inputs.push({ tokens: tokens.slice(0, -1), asks: [ask] })
  }
  return inputs
}

/** By what is read of them: the last token is not. */
function compare(a: readonly number[], b: readonly number[]): number {
  const length = Math.min(a.length, b.length) - 1
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return (a[i] as number) - (b[i] as number)
  return a.length - b.length
}

function begins(whole: readonly number[], row: readonly number[]): boolean {
  if (row.length - 1 > whole.length) return false
  for (let i = 0; i < row.length - 1; i++) if (row[i] !== whole[i]) return false
  return true
}

/** Refuses what weights that are no numbers lead to. */
export function checkNumber(value: number | undefined): void {
  if (Number.isFinite(value)) return
  throw new KopipeError('invalid', 'the model computes no numbers: its weights are broken, or too large for their type', {
    hint: 'An earlier checkpoint may be whole: name its folder.',
  })
}
