/**
 * How well a model predicts a text, whatever its tokenizer: bits a byte of UTF-8. Documents are scored one by one, each
 * behind the end-of-text token, in rolling windows (`rollingRows`); the end of a document is not asked for.
 */

import { KopipeError } from '../../core/errors.ts'
import type { Session } from '../../core/progress.ts'
import type { LanguageModel } from '../model/language-model.ts'
import type { TokenizedDocument } from './documents.ts'
import { rollingRows } from './requests.ts'
import { scoreAll } from './scoring.ts'

export interface TextScore {
  documents: number
  bytes: number
  tokens: number
  bits_per_byte: number
  /** The loss of training: nats a token. */
  nats_per_token: number
}

/** What became of one document. */
export interface ScoredDocument {
  text: string
  doc: number
  bytes: number
  tokens: number
  /** In nats. */
  logprob: number
}

/** Tokens of documents that are scored together. */
const GROUP = 2 ** 16

/** Scores the first `limit` documents; gives each to `scored`. */
export async function scoreText(
  documents: AsyncIterable<TokenizedDocument>,
  { model, end, limit }: { model: LanguageModel; end: number; limit: number },
  session: Session,
  scored: (document: Omit<ScoredDocument, 'text'>) => void,
): Promise<TextScore> {
  const sum = { documents: 0, bytes: 0, tokens: 0, logprob: 0 }
  let group: TokenizedDocument[] = []
  const finish = async () => {
    const rows = group.flatMap(({ tokens }, i) => rollingRows(tokens, end, model.context).map((row) => ({ ...row, document: i })))
    const scores = await scoreAll(model, rows, session, () => {})
    const logprobs = group.map(() => 0)
    for (const [i, { document }] of rows.entries()) logprobs[document] = (logprobs[document] as number) + (scores[i]?.logprob ?? 0)
    for (const [i, { bytes, tokens }] of group.entries()) {
      const logprob = logprobs[i] as number
      scored({ doc: sum.documents++, bytes, tokens: tokens.length, logprob })
      sum.bytes += bytes
      sum.tokens += tokens.length
      sum.logprob += logprob
    }
    group = []
  }
  let [taken, held] = [0, 0]
  for await (const document of documents) {
    if (taken === limit) break
    taken++
    group.push(document)
    held += document.tokens.length
    if (held < GROUP) continue
    await finish()
    held = 0
    session.progress.advance({ detail: `${(-sum.logprob / sum.bytes / Math.LN2).toFixed(4)} bits a byte` })
  }
  await finish()
  if (sum.bytes === 0) throw new KopipeError('invalid', 'there is nothing to score: the text holds no document')
  const { logprob, ...counts } = sum
  return { ...counts, bits_per_byte: -logprob / counts.bytes / Math.LN2, nats_per_token: -logprob / counts.tokens }
}
