/** Everything that the report says, as `report.json` has it. Its shape is described in docs/tokenizer.md. */

import type { Configuration } from '../../core/artifact.ts'
import type { Ledger } from '../../core/ledger.ts'
import type { Tokenizer } from '../../native/index.ts'
import { type Piece, piece, pieces } from '../pieces.ts'
import { type Quality, qualityOf, type Tokens } from '../quality.ts'
import { OTHERS, type SampledDocument } from '../sample.ts'

/** Tokens in each of the lists of the longest, the rarest, the most frequent. */
const LISTED = 100
/** Documents of a source that examples are taken from, and the characters of each. */
const EXAMPLES = 3
const EXAMPLE = 240

/** A token and how often it occurs in the whole text. */
export interface CountedToken extends Piece {
  count: number
}

/** What documents of a source came to as tokens. */
export interface Encoded {
  docs: number
  bytes: number
  characters: number
  eojeol: number
  tokens: number
}

/** Of the sample; `marked` are tokens that cut a syllable. */
export interface Encoding extends Encoded {
  marked: number
}

export interface SourceNumbers {
  source: string
  /** All documents of the source. */
  docs: number
  bytes: number
  /** Those of the kept sample, as far as they were kept. */
  sample: Encoded
  tokensPerCharacter: number
  tokensPerEojeol: number
  bytesPerToken: number
  /** Of the tokens of the sample, those that cut a syllable. */
  cutShare: number
}

export interface Example {
  id: unknown
  source: string
  pieces: Piece[]
}

export interface Report {
  /** How the tokenizer was made. */
  configuration: Configuration
  /** The whole text. */
  corpus: { docs: number; bytes: number; characters: number; eojeol: number; pretokens: number; pretokenTypes: number }
  vocabulary: { size: number; specials: number; merges: number; unused: number }
  /** Of the whole text; special strings are text. */
  quality: Quality
  /** Largest first. */
  sources: SourceNumbers[]
  /** Sources that share the place of `(other sources)`. */
  otherSources: number
  /** By characters that begin in a token: how many tokens of the vocabulary, and how often they occur. 0 are parts of one. */
  lengths: { characters: number; tokens: number; occurrences: number }[]
  longest: CountedToken[]
  mostFrequent: CountedToken[]
  /** Of the tokens that merges made and that occur. */
  rarest: CountedToken[]
  /** All tokens that never occur, but for special ones. */
  unused: CountedToken[]
  examples: Example[]
}

export interface Measured {
  configuration: Configuration
  ledger: Ledger
  corpus: Report['corpus']
  merges: number
  tokens: Tokens
  /** By id, in the whole text. */
  occurrences: ArrayLike<number>
  /** What the sample came to, by source. */
  sampled: Record<string, Encoding>
  sample: readonly SampledDocument[]
}

export function numbersOf(measured: Measured, tokenizer: Tokenizer): Report {
  const { configuration, ledger, corpus, merges, tokens, occurrences, sampled, sample } = measured
  const all: Token[] = []
  for (let id = 0; id < tokens.size; id++) {
    const bytes = tokens.bytes(id)
    if (bytes.length > 0 && !tokens.specials.has(id)) all.push({ id, bytes, count: occurrences[id] ?? 0 })
  }
  const occurring = all.filter(({ count }) => count > 0)
  const unused = all.filter(({ count }) => count === 0)
  const first = (some: Token[], order: (a: Token, b: Token) => number) =>
    some
      .toSorted((a, b) => order(a, b) || a.id - b.id)
      .slice(0, LISTED)
      .map(counted)
  const { rows, others } = sourcesOf(ledger, sampled)
  return {
    configuration,
    corpus,
    vocabulary: { size: all.length + tokens.specials.size, specials: tokens.specials.size, merges, unused: unused.length },
    quality: qualityOf(occurrences, tokens, corpus),
    sources: rows,
    otherSources: others,
    lengths: lengthsOf(all),
    longest: first(all, (a, b) => b.bytes.length - a.bytes.length),
    mostFrequent: first(occurring, (a, b) => b.count - a.count),
    rarest: first(
      occurring.filter(({ bytes }) => bytes.length > 1),
      (a, b) => a.count - b.count,
    ),
    unused: unused.map(counted),
    examples: examplesOf(
      rows.map(({ source }) => source),
      sample,
      tokenizer,
    ),
  }
}

interface Token {
  id: number
  bytes: Uint8Array
  count: number
}

function counted({ id, bytes, count }: Token): CountedToken {
  return { ...piece(id, bytes), count }
}

/** Corpus and sample side by side. Sources whose documents share a place have one row. */
function sourcesOf(ledger: Ledger, sampled: Record<string, Encoding>): { rows: SourceNumbers[]; others: number } {
  const rows = new Map<string, { docs: number; bytes: number }>()
  let others = 0
  for (const [source, { kept }] of Object.entries(ledger)) {
    if (kept.docs === 0) continue
    // A source without a document of the sample is one of the others, or all of its documents are empty.
    const stands = Object.hasOwn(sampled, source) || !Object.hasOwn(sampled, OTHERS)
    if (!stands) others += 1
    const row = rows.get(stands ? source : OTHERS) ?? { docs: 0, bytes: 0 }
    rows.set(stands ? source : OTHERS, { docs: row.docs + kept.docs, bytes: row.bytes + kept.bytes })
  }
  const ratio = (part: number, whole: number) => (whole === 0 ? 0 : part / whole)
  const list = [...rows].map(([source, { docs, bytes }]): SourceNumbers => {
    const none = { docs: 0, bytes: 0, characters: 0, eojeol: 0, tokens: 0, marked: 0 }
    const { marked, ...sample } = Object.hasOwn(sampled, source) ? (sampled[source] as Encoding) : none
    return {
      source,
      docs,
      bytes,
      sample,
      tokensPerCharacter: ratio(sample.tokens, sample.characters),
      tokensPerEojeol: ratio(sample.tokens, sample.eojeol),
      bytesPerToken: ratio(sample.bytes, sample.tokens),
      cutShare: ratio(marked, sample.tokens),
    }
  })
  return { rows: list.sort((a, b) => b.bytes - a.bytes || (a.source < b.source ? -1 : 1)), others }
}

function lengthsOf(tokens: readonly Token[]): Report['lengths'] {
  const lengths = new Map<number, { tokens: number; occurrences: number }>()
  for (const { bytes, count } of tokens) {
    const characters = bytes.reduce((sum, byte) => sum + ((byte & 0xc0) === 0x80 ? 0 : 1), 0)
    const { tokens, occurrences } = lengths.get(characters) ?? { tokens: 0, occurrences: 0 }
    lengths.set(characters, { tokens: tokens + 1, occurrences: occurrences + count })
  }
  return [...lengths].sort(([a], [b]) => a - b).map(([characters, counts]) => ({ characters, ...counts }))
}

function examplesOf(sources: readonly string[], sample: readonly SampledDocument[], tokenizer: Tokenizer): Example[] {
  const bySource = Map.groupBy(sample, ({ source }) => source)
  return sources.flatMap((source) =>
    (bySource.get(source) ?? []).slice(0, EXAMPLES).map(({ id, text }) => {
      const characters = [...text]
      return { id, source, pieces: pieces(tokenizer, characters.length > EXAMPLE ? characters.slice(0, EXAMPLE).join('') : text) }
    }),
  )
}
