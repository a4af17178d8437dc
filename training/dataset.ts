/** A dataset to train on: folders that `pack` wrote and bare shards by their prefixes, read as one concatenation. */

import { resolve } from 'node:path'
import { type Dataset as DatasetFile, placeOf, readDataset, SPLIT_WEIGHTS, type Split } from '../core/dataset.ts'
import { KopipeError } from '../core/errors.ts'
import { type Dataset, io, native, type SamplePiece, type SamplePlan } from '../native/index.ts'
import type { Resets, Samples } from './engines/engine.ts'

interface Part {
  readonly shards: readonly { prefix: string; split?: Split | undefined }[]
  /** Null for bare shards, which do not say. */
  readonly manifest: DatasetFile | null
  readonly tokenizerFile?: string
}

/** Shards that are read as one concatenation. */
interface Concatenation {
  readonly prefixes: readonly string[]
  readonly shards: Dataset
  /** The shards of each split, where `pack --split` parted the documents. */
  readonly splits: Readonly<Record<Split, readonly string[]>> | null
  /** Shares of train, valid and test, where it is not split; GPT-NeoX's default where they are not said. */
  readonly splitWeights?: readonly number[]
}

export interface OpenDataset extends Concatenation {
  /** With weights, each of what was named with its own; empty without: then all are one. */
  readonly blend: readonly (Concatenation & { readonly weight: number })[]
  /** Tokens are below it. */
  readonly vocabulary: number
  /** Digest of the tokenizer that packed it; null for bare shards. */
  readonly tokenizer: string | null
  /** Where that tokenizer is; null for bare shards. */
  readonly tokenizerFile: string | null
  /** What stands where a sample has no token: the end of a document, where it is known. */
  readonly padding: number
}

/** How samples are made of documents. */
export interface Packing {
  readonly packing: 'neox' | 'best-fit'
  readonly resets: Resets
  /** Whether the first token of a document is to be predicted from the end of the one before. */
  readonly eodMaskLoss: boolean
}

/** GPT-NeoX's. */
export const NEOX: Packing = { packing: 'neox', resets: { positions: false, attention: false }, eodMaskLoss: false }

/**
 * Opens what was named on the command line: a folder with `dataset.json`, or `PREFIX` (also `PREFIX.bin`, `PREFIX.idx`).
 * With `weights`, one for each, they are a blend; without, one dataset. `vocabulary` is that of bare shards; without, all
 * their tokens are read to find it.
 */
export async function openDataset(
  paths: readonly string[],
  { weights = [], vocabulary: known }: { weights?: readonly number[] | undefined; vocabulary?: number } = {},
): Promise<OpenDataset> {
  if (weights.length > 0 && weights.length !== paths.length) {
    throw new KopipeError('usage', `--weights: expected a weight a DATASET, that is ${paths.length}, got ${weights.length}`)
  }
  const parts = await Promise.all(paths.map(readPart))
  const manifests = parts.map((part) => part.manifest).filter((manifest) => manifest !== null)
  const other = manifests.find(({ tokenizer }) => tokenizer.digest !== manifests[0]?.tokenizer.digest)
  if (other) {
    throw new KopipeError('invalid', 'these datasets were packed with different tokenizers, so their tokens mean different things', {
      hint: 'Pack them with one tokenizer.json, or train on one of them.',
    })
  }
  const blend = await Promise.all(weights.map(async (weight, i) => ({ ...(await concatenation((parts[i] as Part).shards)), weight })))
  const all = parts.flatMap((part) => part.shards)
  // What is a blend need not be split alike.
  const whole = blend.length > 0 ? { ...(await concatenation(all.map(({ prefix }) => ({ prefix })))) } : await concatenation(all)
  // Bare shards say nothing of a vocabulary: the largest token bounds it.
  const vocabulary = manifests[0]?.tokenizer.vocabulary ?? known ?? (await whole.shards.largestToken()) + 1
  const padding = manifests[0]?.endOfDocument.id ?? 0
  const tokenizerFile = parts.find((part) => part.tokenizerFile !== undefined)?.tokenizerFile ?? null
  return { ...whole, blend, vocabulary, tokenizer: manifests[0]?.tokenizer.digest ?? null, tokenizerFile, padding }
}

async function concatenation(shards: Part['shards']): Promise<Concatenation> {
  const prefixes = shards.map(({ prefix }) => prefix)
  return { prefixes, shards: await native.Dataset.open(prefixes), splits: splitsOf(shards) }
}

/** Samples that may be taken apart. */
export interface OpenSamples extends Samples {
  /** `PREFIX.bin` and `PREFIX.idx` of each shard, in order. */
  readonly prefixes: readonly string[]
  /** How often the documents of each dataset come. */
  readonly epochs: readonly number[]
  /** What the sample at a position is made of; `shard` counts `prefixes`. Null where there is none. */
  pieces(position: number): SamplePiece[] | null
}

/**
 * The samples of one split, `samples` of them at least; GPT-NeoX's without a packing. A dataset that was split has shards
 * of its own for each; of any other a range of documents is cut.
 */
export async function openSamples(
  dataset: OpenDataset,
  plan: Pick<SamplePlan, 'split' | 'sequenceLength' | 'samples' | 'seed'>,
  { packing, resets, eodMaskLoss }: Packing = NEOX,
): Promise<OpenSamples> {
  const whole: SamplePlan = {
    ...plan,
    vocabulary: dataset.vocabulary,
    splitWeights: dataset.splits ? WHOLE[plan.split] : [...(dataset.splitWeights ?? SPLIT_WEIGHTS)],
    ...(packing === 'best-fit' && { packing }),
    starts: resets.positions || resets.attention,
    weights: eodMaskLoss || packing === 'best-fit',
    padding: dataset.padding,
  }
  const blend = dataset.blend.filter(({ splits }) => !splits || splits[plan.split].length > 0)
  const sources = await Promise.all((dataset.blend.length > 0 ? blend : [dataset]).map((source) => ofSplit(source, plan.split)))
  const index =
    dataset.blend.length > 0
      ? await native.SampleIndex.blend(
          sources.map(({ shards }) => shards),
          blend.map(({ weight }) => weight),
          sources.map(({ splitWeights }) => splitWeights),
          whole,
        )
      : await native.SampleIndex.build((sources[0] as Concatenation).shards, whole)
  return {
    prefixes: sources.flatMap(({ prefixes }) => prefixes),
    files: sources.flatMap(({ prefixes, shards: { dtype } }) => prefixes.map((prefix) => ({ path: `${prefix}.bin`, dtype }))),
    plan: whole,
    resets,
    length: index.length,
    digest: index.digest,
    epochs: index.epochs,
    pieces: (position) => index.pieces(position),
    gather: (positions) => index.gather([...positions]),
    spans: (positions) => index.spans([...positions]),
    packed: () => index.packed(),
    unigramLoss: (samples) => index.unigramLoss(samples),
  }
}

async function ofSplit(source: Concatenation, split: Split): Promise<Concatenation & { splitWeights: number[] }> {
  const { splits } = source
  if (!splits) return { ...source, splitWeights: [...(source.splitWeights ?? SPLIT_WEIGHTS)] }
  const prefixes = splits[split]
  if (prefixes.length === 0) throw new KopipeError('invalid', `the ${split} split of this dataset holds no document`)
  return { prefixes, shards: await native.Dataset.open([...prefixes]), splits, splitWeights: WHOLE[split] }
}

/** Shares by which one split is all there is. */
const WHOLE: Record<Split, number[]> = { train: [1, 0, 0], valid: [0, 1, 0], test: [0, 0, 1] }

/** The shards of each split; null where none says its split. */
function splitsOf(shards: Part['shards']): OpenDataset['splits'] {
  const other = shards.find(({ split }) => (split === undefined) !== (shards[0]?.split === undefined))
  if (other) {
    throw new KopipeError(
      'invalid',
      `some of these shards belong to a split and others to none: ${shards[0]?.prefix} and ${other.prefix}`,
      {
        hint: 'Split all of them with `kopipe pack split`, or none.',
      },
    )
  }
  if (shards[0]?.split === undefined) return null
  const of = (split: Split) => shards.filter((shard) => shard.split === split).map(({ prefix }) => prefix)
  return { train: of('train'), valid: of('valid'), test: of('test') }
}

async function readPart(path: string): Promise<Part> {
  const place = placeOf(path)
  if ('prefix' in place) return { shards: [place], manifest: null }
  const manifest = await readDataset(path, io)
  const shards = manifest.shards.map(({ prefix, split }) => ({ prefix: resolve(path, prefix), split }))
  return { shards, manifest, tokenizerFile: resolve(path, manifest.tokenizer.path) }
}
