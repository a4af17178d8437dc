/** The tokens of a text or of a vocabulary, one by one, for looking at. */

import { characters } from '../core/page/token.ts'
import { native, type Tokenizer } from '../native/index.ts'
import type { Tokens } from './quality.ts'

export interface Piece {
  id: number
  /** What the token stands for; null where its bytes are no whole characters. */
  text: string | null
  /** The bytes, in hexadecimal. */
  bytes: string
}

/** `text` as `pack` encodes it: special strings are text. */
export async function piecesOf(tokenizer: string, text: string): Promise<Piece[]> {
  return pieces(await native.loadTokenizer(tokenizer), text)
}

/** The same with a tokenizer that is loaded. */
export function pieces(tokenizer: Tokenizer, text: string): Piece[] {
  return tokenizer.encode(text).map((id) => piece(id, tokenizer.bytes(id)))
}

export function piece(id: number, bytes: Uint8Array): Piece {
  return { id, text: characters(bytes), bytes: Buffer.from(bytes).toString('hex') }
}

/** The whole vocabulary. */
export function tokensOf(tokenizer: Tokenizer): Tokens {
  const { bytes, ends, specials } = native.tokenTable(tokenizer)
  return {
    size: ends.length,
    specials: new Set(specials),
    bytes: (id) => bytes.subarray(ends[id - 1] ?? 0, ends[id]),
  }
}
