/** Many rows through a language model, with progress: the longest first, so that rows of like lengths go together. */

import { KopipeError } from '../../core/errors.ts'
import type { Session } from '../../core/progress.ts'
import { checkNumber, type LanguageModel, type Score, type ScoredRow } from '../model/language-model.ts'

/** Operations between two looks at the clock and at the interrupt: 20 ms of a large GPU, minutes of a CPU; and tokens. */
const OPERATIONS = 2 ** 43
const TOKENS = 2 ** 15

/** Scores in the order of the rows. `advance` is told each row that is done, by its number. */
export async function scoreAll(
  model: LanguageModel,
  rows: readonly ScoredRow[],
  { signal }: Session,
  advance: (row: number) => void,
): Promise<Score[]> {
  const scores: Score[] = []
  const tokens = Math.min(TOKENS, OPERATIONS / (2 * model.parameters))
  const length = (row: number) => (rows[row] as ScoredRow).tokens.length
  let rest = [...rows.keys()].sort((a, b) => length(b) - length(a))
  while (rest.length > 0) {
    if (signal.aborted) throw new KopipeError('interrupted', 'interrupted; nothing is kept of what was scored')
    const taken = rest.slice(0, Math.max(1, Math.floor(tokens / length(rest[0] as number))))
    rest = rest.slice(taken.length)
    const results = await model.score(taken.map((row) => rows[row] as ScoredRow))
    for (const [i, row] of taken.entries()) {
      scores[row] = results[i] as Score
      checkNumber(results[i]?.logprob)
      advance(row)
    }
  }
  return scores
}
