/** `inspect` of what is packed: what a dataset, or a bare shard, is; and a document of it by number. Indexes are read, tokens only of that document. */

import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Artifact } from '../../core/artifact.ts'
import { type Dataset, readDataset, SPLITS, type Split } from '../../core/dataset.ts'
import { KopipeError } from '../../core/errors.ts'
import { endOfDocument } from '../../native/end-of-document.ts'
import { io, native, type Tokenizer } from '../../native/index.ts'
import { placesOf } from '../shards/packed.ts'

export interface ShardOverview {
  /** Its path without extension; within a dataset relative to its folder. */
  prefix: string
  split?: Split
  documents: number
  tokens: number
  /** Of `.bin`. */
  bytes: number
}

/** A document by its number in the dataset, and its length. */
export interface DocumentLength {
  document: number
  tokens: number
}

export interface Overview {
  shards: ShardOverview[]
  documents: number
  tokens: number
  bytes: number
  dtype: 'u16' | 'i32'
  /** Sequences of a bare shard where documents have several. */
  sequences: number
  splits: { split: Split; shards: number; documents: number; tokens: number }[]
  shortest: DocumentLength | null
  longest: DocumentLength | null
  tokenizer: { path: string; digest: string; vocabulary: number } | null
  endOfDocument: { text: string; id: number } | null
}

export interface InspectedDocument {
  /** Its number in the dataset, over all shards in order, and in its shard. */
  document: number
  inShard: number
  shard: string
  /** First byte in the shard's `.bin`. */
  offset: number
  /** Tokens, the one that ends it included. */
  length: number
  tokens: Uint32Array
}

/** Shards in the order of their dataset. */
export interface PackedShards {
  path: string
  /** Nothing where it is a bare shard. */
  dataset: Dataset | undefined
  shards: { name: string; prefix: string; split: Split | undefined; documents: number | undefined }[]
  /** The tokenizer.json that made them, where it is known, and the token that ends documents. */
  tokenizer: string | undefined
  endOfDocument: { text: string; id: number } | null
}

/** What a path names; `tokenizer` is that of a bare shard. */
export async function openShards(path: string, tokenizer: string | undefined): Promise<PackedShards> {
  const [place] = placesOf([path])
  if (place && 'prefix' in place) {
    const shard = { name: place.prefix, prefix: place.prefix, split: undefined, documents: undefined }
    return { path, dataset: undefined, shards: [shard], tokenizer, endOfDocument: await endAt(tokenizer) }
  }
  if (tokenizer !== undefined) {
    throw new KopipeError('usage', `--tokenizer is for bare shards: ${path} has the one that packed it`)
  }
  if (existsSync(join(path, 'kopipe.json'))) await Artifact.finished(path, 'pack', io)
  const dataset = await readDataset(path, io)
  const shards = dataset.shards.map(({ prefix, split, documents }) => ({ name: prefix, prefix: resolve(path, prefix), split, documents }))
  const own = join(path, dataset.tokenizer.path)
  refuseOtherTokenizer(dataset, await native.loadTokenizer(own), own)
  return { path, dataset, shards, tokenizer: own, endOfDocument: dataset.endOfDocument }
}

/** With another tokenizer its tokens would be other text. */
function refuseOtherTokenizer({ tokenizer: { digest } }: Dataset, tokenizer: Tokenizer, path: string): void {
  if (digest === tokenizer.digest) return
  throw new KopipeError('corrupt', `${path} is not the tokenizer that dataset.json names: ${digest} there, it is ${tokenizer.digest}`, {
    path,
    hint: '`kopipe pack verify` tells all that is wrong.',
  })
}

export async function overview({ path, dataset, shards, tokenizer, endOfDocument }: PackedShards): Promise<Overview> {
  const found: ShardOverview[] = []
  const overview: Overview = {
    shards: found,
    documents: 0,
    tokens: 0,
    bytes: 0,
    dtype: dataset?.dtype ?? 'u16',
    sequences: 0,
    splits: [],
    shortest: null,
    longest: null,
    tokenizer: dataset ? { ...dataset.tokenizer, path: join(path, dataset.tokenizer.path) } : await tokenizerAt(tokenizer),
    endOfDocument,
  }
  for (const { name, prefix, split, documents: said } of shards) {
    const shard = await native.ShardDocuments.open(prefix)
    const { documents, tokens, sequences, dtype } = shard
    refuseOtherShard(prefix, { documents, dtype }, { documents: said, dtype: dataset?.dtype })
    const bytes = tokens * (dtype === 'u16' ? 2 : 4)
    found.push({ prefix: name, ...(split && { split }), documents, tokens, bytes })
    const extremes = await shard.extremes()
    if (extremes) {
      const at = ({ document, tokens }: DocumentLength) => ({ document: overview.documents + document, tokens })
      if (!overview.shortest || extremes.shortest.tokens < overview.shortest.tokens) overview.shortest = at(extremes.shortest)
      if (!overview.longest || extremes.longest.tokens > overview.longest.tokens) overview.longest = at(extremes.longest)
    }
    overview.documents += documents
    overview.tokens += tokens
    overview.bytes += bytes
    overview.sequences += sequences
    overview.dtype = dtype
  }
  overview.splits = SPLITS.flatMap((split) => {
    const own = found.filter((shard) => shard.split === split)
    const sum = (what: 'documents' | 'tokens') => own.reduce((n, shard) => n + shard[what], 0)
    return own.length === 0 ? [] : [{ split, shards: own.length, documents: sum('documents'), tokens: sum('tokens') }]
  })
  return overview
}

/** The document of a number, counted from 0 over all shards in the dataset's order. */
export async function documentAt({ path, dataset, shards }: PackedShards, document: number): Promise<InspectedDocument> {
  let before = 0
  for (const { name, prefix, documents: said } of shards) {
    // What dataset.json says of shards before it is enough to know that they do not have it.
    if (said !== undefined && document >= before + said) {
      before += said
      continue
    }
    const shard = await native.ShardDocuments.open(prefix)
    refuseOtherShard(prefix, shard, { documents: said, dtype: dataset?.dtype })
    const inShard = document - before
    const [place, tokens] = [shard.place(inShard), await shard.read(inShard)]
    if (place && tokens) return { document, inShard, shard: name, ...place, tokens }
    before += shard.documents
  }
  throw new KopipeError('usage', `--document ${document}: ${path} has ${before} documents, counted from 0`)
}

/** Refuses a shard that is not what dataset.json says. */
export function refuseOtherShard(
  prefix: string,
  came: { documents: number; dtype: string },
  said: { documents: number | undefined; dtype: string | undefined },
): void {
  for (const key of ['documents', 'dtype'] as const) {
    if (said[key] === undefined || said[key] === came[key]) continue
    throw new KopipeError('corrupt', `${prefix}.idx: expected ${key} ${said[key]}, as dataset.json says, it has ${came[key]}`, {
      path: `${prefix}.idx`,
      hint: '`kopipe pack verify` tells all that is wrong.',
    })
  }
}

async function tokenizerAt(path: string | undefined): Promise<Overview['tokenizer']> {
  if (path === undefined) return null
  const { digest, vocabularySize } = await native.loadTokenizer(path)
  return { path, digest, vocabulary: vocabularySize }
}

async function endAt(path: string | undefined): Promise<PackedShards['endOfDocument']> {
  return path === undefined ? null : endOfDocument(await native.loadTokenizer(path))
}
