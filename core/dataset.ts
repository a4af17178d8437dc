/** dataset.json: what a packed dataset says of itself, to whoever reads its shards. */

import { join, normalize } from 'node:path'
import { z } from 'zod'
import { KopipeError } from './errors.ts'
import type { Io } from './io.ts'

/** In the order in which they stand in a dataset. */
export const SPLITS = ['train', 'valid', 'test'] as const
export type Split = (typeof SPLITS)[number]

/** Shares by which GPT-NeoX cuts a dataset that was not split, by position: its default. */
export const SPLIT_WEIGHTS: readonly number[] = [969, 30, 1]

const whole = z.int().min(0)
const sealed = z.object({ bytes: whole, digest: z.string().regex(/^[0-9a-f]{32}$/) })

const SourceTokensFile = z.object({
  documents: whole,
  tokens: whole,
  /** How often each of its documents is there, where that was asked for; of a fraction, so many of them once more. */
  epochs: z.number().min(0).exactOptional(),
})

/** By name. A source may be called `__proto__`, which z.record leaves out. */
const BySource = z
  .custom<Record<string, unknown>>((table) => typeof table === 'object' && table !== null && !Array.isArray(table), 'expected an object')
  .transform((table): [string, unknown][] => Object.entries(table))
  .pipe(z.array(z.tuple([z.string(), SourceTokensFile]) as z.ZodType<[string, z.output<typeof SourceTokensFile>], [string, unknown]>))
  .transform((entries): Record<string, z.output<typeof SourceTokensFile>> => Object.fromEntries(entries))

/** What of a source is in a dataset. */
export type SourceTokens = z.output<typeof SourceTokensFile>

/** Paths are relative to the dataset's folder. */
const DatasetFile = z.object({
  format: z.literal('kopipe-dataset'),
  version: z.literal(1),
  tokenizer: z.object({ path: z.string(), digest: z.string(), vocabulary: z.int().min(1) }),
  /** The last token of every document. */
  endOfDocument: z.object({ text: z.string(), id: whole }),
  dtype: z.enum(['u16', 'i32']),
  documents: whole,
  tokens: whole,
  /** Documents without a token, which are in no shard. */
  empty: whole,
  /** By name; nothing where shards came from elsewhere and do not say. */
  sources: BySource.exactOptional(),
  /** Files that say how often each token stands in the documents of each source; nothing where shards came from elsewhere. */
  tokenCounts: z.array(sealed.extend({ path: z.string() })).exactOptional(),
  /** In input order, split by split where there are splits: together they are the dataset. */
  shards: z.array(
    z.object({
      /** Its path without extension. */
      prefix: z.string(),
      /** Where the dataset is split. */
      split: z.enum(SPLITS).exactOptional(),
      documents: whole,
      tokens: whole,
      bin: sealed,
      idx: sealed,
    }),
  ),
})

export type Dataset = z.output<typeof DatasetFile>
export type PackedShard = Dataset['shards'][number]
export type CountsFile = NonNullable<Dataset['tokenCounts']>[number]

/** The dataset.json of a folder; refused where something of it lies outside. */
export async function readDataset(folder: string, io: Io): Promise<Dataset> {
  const path = join(folder, 'dataset.json')
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
