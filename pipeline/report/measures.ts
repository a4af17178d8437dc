/** What the report is made of, and stats.json says: the measures of the documents, and what each artifact says of itself. */

import type { ArtifactRecord } from '../../core/artifact.ts'
import type { Count } from '../../core/ledger.ts'
import type { Budget, DatasetStats } from '../shards/stats.ts'
import type { Evidence } from './evidence.ts'

/** Of documents, all of them counted. */
export interface Measures {
  docs: number
  bytes: number
  chars: number
  /** Runs of characters between white space. */
  eojeol: number
  /** Lines that are not blank. */
  lines: number
  /** Characters by what they are. */
  scripts: Record<string, number>
  /** Documents of 2^(k-1) up to 2^k − 1 characters, by k. */
  lengths: number[]
}

/** A number that a sketch gives: it lies between the two with a probability of 95 %. */
export interface Estimate {
  estimate: number
  low: number
  high: number
}

/** Something that occurs often. `count` is at most `error` too high, and what is not listed occurs at most `error` times. */
export interface Frequent {
  text: string
  count: number
  error: number
}

/** The length that each share of the documents does not exceed, to `relativeError` of it. */
export interface Quantiles {
  relativeError: number
  mean: number
  least: number
  most: number
  quantiles: { share: number; value: number }[]
}

export interface MetadataKey {
  key: string
  /** Documents that have it. */
  docs: number
  distinct: Estimate
  /** Values, as JSON. */
  frequent: Frequent[]
}

/** What costs more than reading is measured on some of the documents, chosen by a hash of their text. */
export interface Sampled {
  /** 1: all documents. Counts below, but for tokens, are times this. */
  oneIn: number
  /** Observed. */
  docs: number
  bytes: number
  /** Runs of 1, 2 and 3 eojeol, most frequent first. */
  ngrams: { order: number; distinct: Estimate; frequent: Frequent[] }[]
  /** Lines that many documents have, by documents. */
  lines: { distinct: Estimate; frequent: Frequent[] }
  /** By language, as script and function words tell it. */
  languages: Record<string, Count>
  /** Documents by the share of their characters that stands in lines they already had, and in runs of 10 eojeol they already had: in twentieths. */
  repetition: { lines: number[]; ngrams: number[] }
  /** Personal data that `clean --mask polyglot` would mask, by kind; examples have every digit and letter of it hidden. */
  personal: Record<string, { docs: number; hits: number; examples: string[] }>
  /** With a tokenizer, by source: of the documents observed. */
  tokens?: Record<string, { tokens: number; chars: number; eojeol: number; bytes: number }>
  /** Some of the documents, chosen by their hash: the beginnings of their texts. */
  examples: { id: string; source: string; chars: number; text: string }[]
}

export interface CorpusStats {
  /** `sample`: all but documents, bytes and texts that differ is of the documents observed, and the rest is taken to be as they are. */
  measured: 'all' | 'sample'
  total: Measures
  bySource: Record<string, Measures>
  /** By the licence, the host of the address, and the year and month (2023-05) that metadata say; without, under `''`. */
  byLicence: Record<string, Count>
  byDate: Record<string, Count>
  /** By documents; `error` as in a sketch. */
  domains: { distinct: Estimate; frequent: Frequent[]; without: number }
  metadata: MetadataKey[]
  lengths: { characters: Quantiles; eojeol: Quantiles; lines: Quantiles }
  distinct: { texts: Estimate }
  sampled: Sampled
}

/** What report.json of a tokenizer says, as far as the page shows it. */
export interface TokenizerNumbers {
  corpus: { docs: number; bytes: number; characters: number; eojeol: number; pretokens: number; pretokenTypes: number }
  vocabulary: { size: number; specials: number; merges: number; unused: number }
  quality: { tokens: number; tokensPerCharacter: number; tokensPerEojeol: number; bytesPerToken: number; cutOccurrenceShare: number }
  /** Largest first. */
  sources: { source: string; docs: number; tokensPerCharacter: number; tokensPerEojeol: number; bytesPerToken: number; cutShare: number }[]
}

/** An artifact among the inputs, as its own record and what lies beside it tell. */
export interface ArtifactStats {
  folder: string
  record: ArtifactRecord
  /** Of a `train` artifact: what metrics.jsonl says. */
  metrics: { step: number; loss?: number; val_loss?: number }[]
  /** Of a finished `clean` artifact: drops, documents that just passed, clusters, pairs. */
  evidence?: Evidence
  /** Of a finished `tokenize` artifact. */
  tokenizer?: TokenizerNumbers
}

export interface Stats {
  documents: CorpusStats
  artifacts: ArtifactStats[]
  /** What is packed, token by token. */
  datasets: (DatasetStats & { budgets: Budget[] })[]
  malformed: number
  /** What it is held against, with `--versus`. */
  versus?: { artifact: string; documents: CorpusStats; artifacts: ArtifactStats[] }
}
