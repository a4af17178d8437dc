/** Tokens of a shard as pieces of text, for looking at: many at a time, through the table of the vocabulary. */

import { native } from '../native/index.ts'
import { type Piece, piece, tokensOf } from './pieces.ts'

export interface ShownTokens {
  tokens: (Piece | UnknownToken)[]
  /** What the tokens stand for together; bytes that are no UTF-8 become U+FFFD. Null where the tokenizer is not known. */
  text: string | null
}

/** An id that no tokenizer explains. */
export interface UnknownToken {
  id: number
  text: null
  bytes: null
}

/** Without a tokenizer, ids are all there is to see. `end` is left out of the text where it stands last. */
export async function shownTokens(
  tokenizer: string | undefined,
  ids: ArrayLike<number> & Iterable<number>,
  end: number | null,
): Promise<ShownTokens> {
  const unknown = (id: number): UnknownToken => ({ id, text: null, bytes: null })
  if (tokenizer === undefined) return { tokens: Array.from(ids, unknown), text: null }
  const table = tokensOf(await native.loadTokenizer(tokenizer))
  const bytes = Array.from(ids, (id) => (id >= 0 && id < table.size ? table.bytes(id) : undefined))
  const tokens = Array.from(ids, (id, at) => {
    const own = bytes[at]
    return own === undefined ? unknown(id) : piece(id, own)
  })
  const text = ids.length > 0 && ids[ids.length - 1] === end ? bytes.slice(0, -1) : bytes
  return { tokens, text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.concat(text.filter((own) => own !== undefined))) }
}
