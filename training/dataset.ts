/** A dataset to train on: folders that `pack` wrote and bare shards by their prefixes, read as one concatenation. */

import { resolve } from 'node:path'
import { type Dataset as DatasetFile, readDataset, type Split } from '../core/dataset.ts'
import { KopipeError } from '../core/errors.ts'
import { type Dataset, io, native, type SamplePiece, type SamplePlan } from '../native/index.ts'
import type { Samples } from './engines/engine.ts'

interface Part {
  readonly shards: readonly { prefix: string; split?: Split | undefined }[]
  /** Null for bare shards, which do not say. */
  readonly manifest: DatasetFile | null
}

export interface OpenDataset {
  readonly prefixes: readonly string[]
  readonly shards: Dataset
  /** The shards of each split, where `pack --split` parted the documents. */
  readonly splits: Readonly<Record<Split, readonly string[]>> | null
  /** Shares of train, valid and test, where it is not split; GPT-NeoX's default where they are not said. */
  readonly splitWeights?: readonly number[]
  /** Tokens are below it. */
  readonly vocabulary: number
  /** Digest of the tokenizer that packed it; null for bare shards. */
  readonly tokenizer: string | null
}

/**
 * Opens what was named on the command line: a folder with `dataset.json`, or `PREFIX` (also `PREFIX.bin`, `PREFIX.idx`).
 * `vocabulary` is that of bare shards; without, all their tokens are read to find it.
 */
export async function openDataset(paths: readonly string[], vocabulary?: number): Promise<OpenDataset> {
  const parts = await Promise.all(paths.map(readPart))
  const manifests = parts.map((part) => part.manifest).filter((manifest) => manifest !== null)
  const other = manifests.find(({ tokenizer }) => tokenizer.digest !== manifests[0]?.tokenizer.digest)
  if (other) {
    throw new KopipeError('invalid', 'these datasets were packed with different tokenizers, so their tokens mean different things', {
      hint: 'Pack them with one tokenizer.json, or train on one of them.',
    })
  }
  const all = parts.flatMap((part) => part.shards)
  const prefixes = all.map(({ prefix }) => prefix)
  const splits = splitsOf(all)
  const shards = await native.Dataset.open([...prefixes])
  // Bare shards say nothing of a vocabulary: the largest token bounds it.
  const known = manifests[0]?.tokenizer.vocabulary ?? vocabulary ?? (await shards.largestToken()) + 1
  return { prefixes, shards, splits, vocabulary: known, tokenizer: manifests[0]?.tokenizer.digest ?? null }
}

/** Samples that may be taken apart. */
export interface OpenSamples extends Samples {
  /** How often the documents are repeated to give as many. */
  readonly epochs: number
  /** What the sample at a position is made of; `shard` counts `prefixes`. Null where there is none. */
  pieces(position: number): SamplePiece[] | null
}

/**
 * The samples of one split in GPT-NeoX's order, `samples` of them at least. A dataset that was split has shards of its own
 * for each; of any other a range of documents is cut.
 */
export async function openSamples(dataset: OpenDataset, plan: Omit<SamplePlan, 'vocabulary' | 'splitWeights'>): Promise<OpenSamples> {
  const { vocabulary, splits } = dataset
  const prefixes = splits ? splits[plan.split] : dataset.prefixes
  if (prefixes.length === 0) throw new KopipeError('invalid', `the ${plan.split} split of this dataset holds no document`)
  const shards = splits ? await native.Dataset.open([...prefixes]) : dataset.shards
  const whole = { ...plan, vocabulary, splitWeights: splits ? WHOLE[plan.split] : [...(dataset.splitWeights ?? SPLIT_WEIGHTS)] }
  const index = await native.SampleIndex.build(shards, whole)
  return {
    prefixes,
    plan: whole,
    length: index.length,
    epochs: index.epochs,
    pieces: (position) => index.pieces(position),
    gather: (positions) => index.gather([...positions]),
    unigramLoss: (samples) => index.unigramLoss(samples),
  }
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

/** Shares of train, valid and test: GPT-NeoX's default. */
const SPLIT_WEIGHTS = [969, 30, 1]

async function readPart(path: string): Promise<Part> {
  const bare = (prefix: string) => ({ shards: [{ prefix: resolve(prefix) }], manifest: null })
  if (/\.(bin|idx)$/.test(path)) return bare(path.slice(0, -4))
  if (!(await io.listFolder(path)).includes('dataset.json')) return bare(path)
  const manifest = await readDataset(path, io)
  return { shards: manifest.shards.map(({ prefix, split }) => ({ prefix: resolve(path, prefix), split })), manifest }
}
