/** dataset.json: what a packed dataset says of itself, to whoever reads its shards. */

import { existsSync, statSync } from 'node:fs'
import { join, normalize, resolve } from 'node:path'
import { z } from 'zod'
import { KopipeError } from './errors.ts'
import type { Io } from './io.ts'

/** In the order in which they stand in a dataset. */
export const SPLITS = ['train', 'valid', 'test'] as const
export type Split = (typeof SPLITS)[number]

/** Shares by which GPT-NeoX cuts a dataset that was not split, by position: its default. */
export const SPLIT_WEIGHTS: readonly number[] = [969, 30, 1]

const whole = z.int().min(0)
const sealed = z.object({
  bytes: whole.describe('length of the file'),
  digest: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .describe('xxh3-128 of it'),
})

/** What of a source is in a dataset. */
export const SourceTokensFile = z.object({
  documents: whole.describe('of this source, copies counted'),
  tokens: whole.describe('in them'),
  epochs: z
    .number()
    .min(0)
    .exactOptional()
    .describe('how often each of its documents is there, where that was asked for; of a fraction, so many of them once more'),
})

/** By name. A source may be called `__proto__`, which z.record leaves out. */
const BySource = z
  .custom<Record<string, unknown>>((table) => typeof table === 'object' && table !== null && !Array.isArray(table), 'expected an object')
  .transform((table): [string, unknown][] => Object.entries(table))
  .pipe(z.array(z.tuple([z.string(), SourceTokensFile]) as z.ZodType<[string, z.output<typeof SourceTokensFile>], [string, unknown]>))
  .transform((entries): Record<string, z.output<typeof SourceTokensFile>> => Object.fromEntries(entries))

export type SourceTokens = z.output<typeof SourceTokensFile>

/** What dataset.json says; docs/formats.md is made from it. */
export const DatasetFile = z.object({
  format: z.literal('kopipe-dataset'),
  version: z.literal(1),
  tokenizer: z
    .object({
      path: z.string().describe("from the dataset's folder"),
      digest: z.string().describe('xxh3-128 of it'),
      vocabulary: z.int().min(1).describe('every token is below it'),
    })
    .describe('what the documents were encoded with'),
  endOfDocument: z.object({ text: z.string(), id: whole }).describe('the last token of every document'),
  dtype: z.enum(['u16', 'i32']).describe('of a token in `.bin`, little-endian: u16 where the vocabulary is below 65,500'),
  documents: whole,
  tokens: whole,
  empty: whole.describe('documents without a token, which are in no shard'),
  sources: BySource.exactOptional().describe('by name; missing where shards came from elsewhere and do not say'),
  tokenCounts: z
    .array(sealed.extend({ path: z.string().describe("the file's path from the dataset's folder") }))
    .exactOptional()
    .describe('how often each token stands in the documents of each source, part by part; missing where shards came from elsewhere'),
  shards: z
    .array(
      z.object({
        prefix: z.string().describe("the shard's path from the dataset's folder, without extension"),
        split: z.enum(SPLITS).exactOptional().describe('where the dataset is split'),
        documents: whole,
        tokens: whole,
        bin: sealed.describe('the file of tokens'),
        idx: sealed.describe('the file of lengths and places'),
      }),
    )
    .describe('in input order, split by split where there are splits: together they are the dataset'),
})

export type Dataset = z.output<typeof DatasetFile>
export type PackedShard = Dataset['shards'][number]
export type CountsFile = NonNullable<Dataset['tokenCounts']>[number]

/** A shard without a record, by its path without extension. */
export interface BareShard {
  prefix: string
}

/** Where a dataset is: in a folder that describes it, or in the two files of a shard. */
export type DatasetPlace = { folder: string } | BareShard

/** The dataset that a path names, a shard with extension or without; undefined where it names something else. */
export function datasetAt(path: string): DatasetPlace | undefined {
  if (/\.(bin|idx)$/.test(path)) return { prefix: resolve(path.slice(0, -4)) }
  if (existsSync(join(path, 'dataset.json'))) return { folder: path }
  return existsSync(`${path}.idx`) ? { prefix: resolve(path) } : undefined
}

/** Where a dataset is expected: what lacks a part is still one, of which the part is missed. */
export function placeOf(path: string): DatasetPlace {
  const place = datasetAt(path)
  if (place) return place
  if (existsSync(path) && statSync(path).isDirectory()) return { folder: path }
  if (existsSync(`${path}.bin`)) return { prefix: resolve(path) }
  throw new KopipeError('not-found', `no such dataset: ${path}`, {
    path,
    hint: 'A dataset is a folder that `kopipe pack` wrote, or a shard: PREFIX, PREFIX.bin or PREFIX.idx.',
  })
}

/** The dataset.json of a folder; refused where something of it lies outside. */
export async function readDataset(folder: string, io: Io): Promise<Dataset> {
  const path = join(folder, 'dataset.json')
  if (!existsSync(path)) {
    throw new KopipeError('not-found', `${folder} is no dataset: it has no dataset.json`, {
      path,
      hint: 'Expected a folder that `kopipe pack` has finished.',
    })
  }
  const dataset = parsed(await io.readFile(path), path)
  const counts = dataset.tokenCounts ?? []
  for (const inner of [dataset.tokenizer.path, ...dataset.shards.map(({ prefix }) => prefix), ...counts.map(({ path }) => path)]) {
    if (normalize(inner).startsWith('..') || inner.startsWith('/')) {
      throw new KopipeError('invalid', `${path} names ${JSON.stringify(inner)}, which lies outside its folder`, { path })
    }
  }
  return dataset
}

function parsed(content: Buffer, path: string): Dataset {
  try {
    return DatasetFile.parse(JSON.parse(content.toString()))
  } catch (error) {
    const what = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message
    throw new KopipeError('corrupt', `${path} does not describe a dataset: ${what}`, { path, cause: error })
  }
}
