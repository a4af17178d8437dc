/** Another tokenizer that reads the same file, for comparing ids. */

/** How special strings in a text are read: as tokens, which is HF's default, or as text, which is kopipe's. */
export type Reading = 'parsed' | 'text'

export interface Peer {
  name: string
  version: string
  /** How it can read special strings. */
  readings: readonly Reading[]
  /** The ids of a text in each of its readings. */
  encode(text: string): Promise<Partial<Record<Reading, readonly number[]>>>
  close(): void
}

/** A peer that is not here: why, and how to bring it. */
export interface Missing {
  missing: string
  hint: string
}
