/** A dataset to train on: folders that `pack` wrote and bare shards by their prefixes, read as one concatenation. */

import { join, normalize, resolve } from 'node:path'
import { z } from 'zod'
import { KopipeError } from '../core/errors.ts'
import { type Dataset, io, native, type SamplePlan } from '../native/index.ts'
import type { Samples } from './engines/engine.ts'

/** What `pack` writes beside its shards, as far as training needs it. */
const Manifest = z.object({
  format: z.literal('kopipe-dataset'),
  version: z.literal(1),
  tokenizer: z.object({ digest: z.string(), vocabulary: z.int().positive() }),
  shards: z.array(z.object({ prefix: z.string() })),
})

interface Part {
  readonly prefixes: readonly string[]
  /** Null for bare shards, which do not say. */
  readonly manifest: z.infer<typeof Manifest> | null
}

export interface OpenDataset {
  readonly prefixes: readonly string[]
  readonly shards: Dataset
  /** Tokens are below it. */
  readonly vocabulary: number
  /** Digest of the tokenizer that packed it; null for bare shards. */
  readonly tokenizer: string | null
}

/** Opens what was named on the command line: a folder with `dataset.json`, or `PREFIX` (also `PREFIX.bin`, `PREFIX.idx`). */
export async function openDataset(paths: readonly string[]): Promise<OpenDataset> {
  const parts = await Promise.all(paths.map(readPart))
  const manifests = parts.map((part) => part.manifest).filter((manifest) => manifest !== null)
  const other = manifests.find(({ tokenizer }) => tokenizer.digest !== manifests[0]?.tokenizer.digest)
  if (other) {
    throw new KopipeError('invalid', 'these datasets were packed with different tokenizers, so their tokens mean different things', {
      hint: 'Pack them with one tokenizer.json, or train on one of them.',
    })
  }
  const prefixes = parts.flatMap((part) => part.prefixes)
  const shards = await native.Dataset.open([...prefixes])
  // Bare shards say nothing of a vocabulary: the largest token bounds it.
  const vocabulary = manifests[0]?.tokenizer.vocabulary ?? (await shards.largestToken()) + 1
  return { prefixes, shards, vocabulary, tokenizer: manifests[0]?.tokenizer.digest ?? null }
}

/** The samples of one split in GPT-NeoX's order, `samples` of them at least. */
export async function openSamples(dataset: OpenDataset, plan: Omit<SamplePlan, 'vocabulary' | 'splitWeights'>): Promise<Samples> {
  const whole = { ...plan, vocabulary: dataset.vocabulary, splitWeights: SPLIT_WEIGHTS }
  const index = await native.SampleIndex.build(dataset.shards, whole)
  return {
    prefixes: dataset.prefixes,
    plan: whole,
    length: index.length,
    gather: (positions) => index.gather([...positions]),
    unigramLoss: (samples) => index.unigramLoss(samples),
  }
}

/** Shares of train, valid and test: GPT-NeoX's default. */
const SPLIT_WEIGHTS = [969, 30, 1]

async function readPart(path: string): Promise<Part> {
  const bare = (prefix: string) => ({ prefixes: [resolve(prefix)], manifest: null })
  if (/\.(bin|idx)$/.test(path)) return bare(path.slice(0, -4))
  if (!(await io.listFolder(path)).includes('dataset.json')) return bare(path)
  const file = join(path, 'dataset.json')
  const manifest = parseManifest(await io.readFile(file), file)
  const prefixes = manifest.shards.map(({ prefix }) => {
    if (normalize(prefix).startsWith('..') || prefix.startsWith('/')) {
      throw new KopipeError('invalid', `${file} names the shard ${JSON.stringify(prefix)}, which lies outside its folder`, { path: file })
    }
    return resolve(path, prefix)
  })
  return { prefixes, manifest }
}

function parseManifest(content: Buffer, file: string): z.infer<typeof Manifest> {
  try {
    return Manifest.parse(JSON.parse(content.toString()))
  } catch (error) {
    const what = error instanceof z.ZodError ? z.prettifyError(error) : String(error)
    throw new KopipeError('corrupt', `${file} does not describe a dataset: ${what}`, { path: file, cause: error })
  }
}
