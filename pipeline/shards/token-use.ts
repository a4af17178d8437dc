/** What the tokens of documents come to as text, from how often each occurs: exact, since a token is always the same bytes. */

import { native, type Tokenizer } from '../../native/index.ts'

/** What the tokens of a source, or of a dataset, come to. */
export interface TokenUse {
  /** Of their text, as the tokenizer writes it. */
  characters: number
  bytes: number
  /** Tokens of the vocabulary that do not occur. */
  unused: number
}

/** The text of each token. The one that ends documents stands for none. */
export interface TokenTexts {
  of(id: number): Buffer
  /** By id: bytes, and characters that begin there. */
  bytes: Uint32Array
  characters: Uint32Array
}

export function textsOf(tokenizer: Tokenizer, endOfDocument: number | undefined): TokenTexts {
  const { bytes, ends } = native.tokenTable(tokenizer)
  const of = (id: number) => bytes.subarray(ends[id - 1] ?? 0, ends[id])
  const texts = { of, bytes: new Uint32Array(ends.length), characters: new Uint32Array(ends.length) }
  for (let id = 0; id < ends.length; id++) {
    if (id === endOfDocument) continue
    texts.bytes[id] = of(id).length
    texts.characters[id] = of(id).reduce((sum, byte) => sum + (begins(byte) ? 1 : 0), 0)
  }
  return texts
}

/** Whether a character of UTF-8 begins with this byte. */
function begins(byte: number): boolean {
  return (byte & 0xc0) !== 0x80
}

export function useOf(occurrences: Float64Array, texts: TokenTexts): TokenUse {
  const use = { characters: 0, bytes: 0, unused: 0 }
  for (const [id, count] of occurrences.entries()) {
    use.characters += count * (texts.characters[id] ?? 0)
    use.bytes += count * (texts.bytes[id] ?? 0)
    if (count === 0) use.unused += 1
  }
  return use
}
