/** The tokens of a text, one by one, for looking at. */

import { native } from '../native/index.ts'

export interface Piece {
  id: number
  /** What the token stands for; null where its bytes are no whole characters. */
  text: string | null
  /** The bytes, in hexadecimal. */
  bytes: string
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** `text` as `pack` encodes it: special strings are text. */
export async function piecesOf(tokenizer: string, text: string): Promise<Piece[]> {
  const loaded = await native.loadTokenizer(tokenizer)
  return loaded.encode(text).map((id) => {
    const bytes = loaded.bytes(id)
    return { id, text: characters(bytes), bytes: bytes.toString('hex') }
  })
}

function characters(bytes: Buffer): string | null {
  try {
    return strict.decode(bytes)
  } catch {
    return null
  }
}
