/**
 * `stats` of what is packed: lengths of documents, how they fill samples, which tokens occur, how many epochs a budget is.
 *
 * How often tokens occur was counted when documents were packed (`counts.ts`). Shards of which that is not known are read once,
 * in pieces that all workers count side by side (native `census.rs`); of documents only the index is read. Held are a count a
 * token of the vocabulary and source, and the lengths as a histogram.
 */

import { basename } from 'node:path'
import PQueue from 'p-queue'
import { type Dataset, SPLIT_WEIGHTS, SPLITS, type Split } from '../../core/dataset.ts'
import { interrupted, KopipeError } from '../../core/errors.ts'
import { inOrder } from '../../core/flow.ts'
import type { Session } from '../../core/progress.ts'
import { type DocumentLengths, native, type ShardCensus } from '../../native/index.ts'
import { openShards, type PackedShards, refuseOtherShard } from '../explain/packed.ts'
import { type Occurrences, readCounts } from './counts.ts'
import { type TokenTexts, type TokenUse, textsOf, useOf } from './token-use.ts'

/** Tokens that a worker counts at a time. */
const PIECE = 2 ** 24
/** Shares of documents whose length is told. */
const QUANTILES = [0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1]
/** Tokens in the lists of the most frequent and of the rarest. */
const LISTED = 100
/** How many of the most frequent tokens have their share told. */
const RANKS = [1, 10, 100, 1000, 10_000, 100_000]

export interface SplitStats {
  /** `all` is the dataset as one; a dataset that is not split is cut as GPT-NeoX cuts it. */
  split: Split | 'all'
  documents: number
  tokens: number
  /** Documents that follow each other in the dataset's order, cut into samples. */
  samples: number
  samplesWithBoundary: number
  documentsASample: number
  documentsCut: number
}

export interface SourceStats {
  source: string
  documents: number
  tokens: number
  /** How often each of its documents is there, where that was asked for. */
  epochs?: number
  /** Where it was counted when the documents were packed. */
  use?: TokenUse
}

export interface CountedToken {
  id: number
  /** In hexadecimal. */
  bytes: string
  occurrences: number
}

export interface DatasetStats {
  packed: string
  shards: { prefix: string; split?: Split; documents: number; tokens: number }[]
  /** Most tokens first; null where the dataset does not say of which sources its documents are. */
  sources: SourceStats[] | null
  documents: number
  tokens: number
  bytes: number
  dtype: 'u16' | 'i32'
  sequenceLength: number
  splits: SplitStats[]
  /** Of documents, in tokens. */
  lengths: {
    mean: number
    /** The length that this share of the documents does not exceed; exact below 65,536, from there on to .4 %. */
    quantiles: { share: number; tokens: number }[]
    /** Documents of 2^(k-1) up to 2^k − 1 tokens, by k. */
    powers: number[]
  }
  vocabulary: {
    tokenizer: string
    size: number
    /** Ids that occur, and those of the vocabulary that do not. */
    used: number
    unused: number
    /** Tokens that are beyond the vocabulary: of another tokenizer. */
    stray: number
    /** Of all documents. */
    use: TokenUse
    /** Of the tokens, in bits: what the best code that knows frequencies alone would need for one. */
    entropy: number
    /** How much of the dataset the most frequent tokens are. */
    ranks: { tokens: number; occurrences: number }[]
    /** Occurrences of the token of each rank, at ranks that double. */
    byRank: { rank: number; occurrences: number }[]
    mostFrequent: CountedToken[]
    /** Of those that occur. */
    rarest: CountedToken[]
    /** Ids that never occur, ascending. */
    unusedIds: number[]
  }
}

/** `tokenizer` is that of a bare shard. */
export async function datasetStats(
  path: string,
  { tokenizer, sequenceLength, workers }: { tokenizer?: string | undefined; sequenceLength: number; workers: number },
  session: Session,
): Promise<DatasetStats> {
  const packed = await openShards(path, tokenizer)
  if (packed.tokenizer === undefined) {
    throw new KopipeError('usage', `--tokenizer FILE is required: the bare shard ${path} does not say which tokens there are`)
  }
  const loaded = await native.loadTokenizer(packed.tokenizer)
  const prefixes = packed.shards.map(({ prefix }) => prefix)
  const census = await native.ShardCensus.open(prefixes, loaded.vocabularySize)
  const { documents, dtypes } = census
  for (const [i, { prefix, documents: said }] of packed.shards.entries()) {
    const came = { documents: documents[i] as number, dtype: dtypes[i] as string }
    refuseOtherShard(prefix, came, { documents: said, dtype: packed.dataset?.dtype })
  }
  const counted = packed.dataset && (await readCounts(path, packed.dataset))
  if (!counted) await countAll(census, packed, workers, session)
  const occurrences = counted?.all ?? census.occurrences()
  const texts = textsOf(loaded, packed.endOfDocument?.id)
  const splits = splitsOf(packed, census.documents)
  const measured = await Promise.all(splits.map(({ stretches }) => census.lengths(stretches, sequenceLength, QUANTILES)))
  const [all] = measured as [DocumentLengths, ...DocumentLengths[]]
  const dtype = census.dtypes[0] ?? 'u16'
  return {
    packed: path,
    shards: packed.shards.map(({ name, split }, i) => ({
      prefix: name,
      ...(split && { split }),
      documents: census.documents[i] as number,
      tokens: census.tokens[i] as number,
    })),
    sources: sourcesOf(packed.dataset, counted?.bySource, texts),
    documents: all.documents,
    tokens: all.tokens,
    bytes: all.tokens * (dtype === 'u16' ? 2 : 4),
    dtype,
    sequenceLength,
    splits: splits.map(({ split }, i) => splitStats(split, measured[i] as DocumentLengths)),
    lengths: {
      mean: all.documents === 0 ? 0 : all.tokens / all.documents,
      quantiles: all.documents === 0 ? [] : QUANTILES.map((share, i) => ({ share, tokens: all.quantiles[i] as number })),
      powers: all.powers,
    },
    vocabulary: vocabularyOf(basename(packed.tokenizer), texts, occurrences, census.stray),
  }
}

/** Counted when it was packed: shards do not say whose a document is. */
function sourcesOf(dataset: Dataset | undefined, counted: Occurrences['bySource'], texts: TokenTexts): SourceStats[] | null {
  if (!dataset?.sources) return null
  const sources = Object.entries(dataset.sources).map(([source, counts]): SourceStats => {
    const occurrences = counted?.get(source)
    return { source, ...counts, ...(occurrences && { use: useOf(occurrences, texts) }) }
  })
  return sources.sort((a, b) => b.tokens - a.tokens || (a.source < b.source ? -1 : 1))
}

async function countAll(census: ShardCensus, { path }: PackedShards, workers: number, { progress, signal }: Session): Promise<void> {
  const pieces = census.tokens.flatMap((tokens, shard) =>
    Array.from({ length: Math.ceil(tokens / PIECE) }, (_, i) => ({ shard, from: i * PIECE, to: Math.min(tokens, (i + 1) * PIECE) })),
  )
  progress.stage(
    `counting ${basename(path)}`,
    census.tokens.reduce((sum, tokens) => sum + tokens, 0),
  )
  const counted = inOrder(
    (async function* () {
      yield* pieces
    })(),
    new PQueue({ concurrency: workers }),
    ({ shard, from, to }) => census.count(shard, from, to),
    { items: 2 * workers, bytes: Number.POSITIVE_INFINITY },
  )
  for await (const { shard, from, to } of counted) {
    if (signal.aborted) throw interrupted('nothing was written')
    progress.advance({ of: to - from, bytes: (to - from) * (census.dtypes[shard] === 'u16' ? 2 : 4) })
  }
}

interface Stretch {
  shard: number
  from: number
  to: number
}

/** The dataset as one, and its splits. */
function splitsOf({ shards }: PackedShards, documents: readonly number[]): { split: SplitStats['split']; stretches: Stretch[] }[] {
  const whole = documents.map((to, shard) => ({ shard, from: 0, to }))
  const all = { split: 'all' as const, stretches: whole }
  if (shards.some(({ split }) => split !== undefined)) {
    const own = SPLITS.map((split) => ({ split, stretches: whole.filter(({ shard }) => shards[shard]?.split === split) }))
    return [all, ...own.filter(({ stretches }) => stretches.length > 0)]
  }
  const bounds = native.splitBounds(
    [...SPLIT_WEIGHTS],
    documents.reduce((sum, count) => sum + count, 0),
  )
  const cut = SPLITS.map((split, i) => ({ split, stretches: within(whole, bounds[i] as number, bounds[i + 1] as number) }))
  return [all, ...cut.filter(({ stretches }) => stretches.length > 0)]
}

/** What of the whole lies from one document to before another. */
function within(whole: readonly Stretch[], from: number, to: number): Stretch[] {
  let before = 0
  return whole.flatMap((stretch) => {
    const start = before
    before += stretch.to
    const own = { shard: stretch.shard, from: Math.max(0, from - start), to: Math.min(stretch.to, to - start) }
    return own.from < own.to ? [own] : []
  })
}

function splitStats(split: SplitStats['split'], { documents, tokens, samples, withBoundary, pieces, cut }: DocumentLengths): SplitStats {
  const documentsASample = samples === 0 ? 0 : pieces / samples
  return { split, documents, tokens, samples, samplesWithBoundary: withBoundary, documentsASample, documentsCut: cut }
}

function vocabularyOf(name: string, texts: TokenTexts, occurrences: Float64Array, stray: number): DatasetStats['vocabulary'] {
  const counted = (id: number): CountedToken => ({ id, bytes: texts.of(id).toString('hex'), occurrences: occurrences[id] as number })
  const ids = Array.from(occurrences, (_, id) => id)
  // Equally frequent ones by id.
  const ranked = ids.filter((id) => occurrences[id] !== 0).sort((a, b) => (occurrences[b] as number) - (occurrences[a] as number) || a - b)
  const total = occurrences.reduce((sum, count) => sum + count, 0)
  const unusedIds = ids.filter((id) => occurrences[id] === 0)
  const sumOf = (count: number) => ranked.slice(0, count).reduce((sum, id) => sum + (occurrences[id] as number), 0)
  const doubling = Array.from({ length: Math.ceil(Math.log2(ranked.length + 1)) }, (_, k) => 2 ** k)
  return {
    tokenizer: name,
    size: occurrences.length,
    used: ranked.length,
    unused: unusedIds.length,
    stray,
    use: useOf(occurrences, texts),
    entropy: ranked.reduce((sum, id) => sum + ((occurrences[id] as number) / total) * Math.log2(total / (occurrences[id] as number)), 0),
    ranks: RANKS.filter((rank) => rank <= ranked.length).map((tokens) => ({ tokens, occurrences: sumOf(tokens) })),
    byRank: doubling.map((rank) => ({ rank, occurrences: occurrences[ranked[rank - 1] as number] as number })),
    mostFrequent: ranked.slice(0, LISTED).map(counted),
    rarest: ranked.slice(-LISTED).reverse().map(counted),
    unusedIds,
  }
}

/** A number of tokens to train on, how many steps of 1,024 samples that is, and how often the documents are seen. */
export interface Budget {
  tokens: number
  /** The model that was trained on as many. */
  like?: string
  steps: number
  epochs: number
}

/** Polyglot-Ko's budgets (Ko et al. 2023), and round ones. */
const BUDGETS: { tokens: number; like?: string }[] = [
  { tokens: 1e9 },
  { tokens: 1e10 },
  { tokens: 1e11 },
  { tokens: 172e9, like: 'Polyglot-Ko 5.8B' },
  { tokens: 213e9, like: 'Polyglot-Ko 1.3B' },
  { tokens: 219e9, like: 'Polyglot-Ko 3.8B' },
]
const SAMPLES_A_STEP = 1024

/** Of the train split. */
export function budgetsOf({ splits, sequenceLength }: Pick<DatasetStats, 'splits' | 'sequenceLength'>): Budget[] {
  const trained = splits.find(({ split }) => split === 'train')?.tokens ?? 0
  if (trained === 0) return []
  return BUDGETS.map(({ tokens, like }) => ({
    tokens,
    ...(like && { like }),
    steps: Math.ceil(tokens / sequenceLength / SAMPLES_A_STEP),
    epochs: tokens / trained,
  }))
}
