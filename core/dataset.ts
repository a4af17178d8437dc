/** dataset.json: what a packed dataset says of itself, to whoever reads its shards. */

import { join, normalize } from 'node:path'
import { z } from 'zod'
import { KopipeError } from './errors.ts'
import type { Io } from './io.ts'

/** In the order in which they stand in a dataset. */
export const SPLITS = ['train', 'valid', 'test'] as const
export type Split = (typeof SPLITS)[number]

const whole = z.int().min(0)
const sealed = z.object({ bytes: whole, digest: z.string().regex(/^[0-9a-f]{32}$/) })

const SourceTokensFile = z.object({
  documents: whole,
  tokens: whole,
  /** How often each of its documents is there, where that was asked for; of a fraction, so many of them once more. */
  epochs: z.number().min(0).exactOptional(),
})

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
  sources: z.record(z.string(), SourceTokensFile).exactOptional(),
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

/** The dataset.json of a folder; refused where something of it lies outside. */
export async function readDataset(folder: string, io: Io): Promise<Dataset> {
  const path = join(folder, 'dataset.json')
  const dataset = parsed(await io.readFile(path), path)
  for (const inner of [dataset.tokenizer.path, ...dataset.shards.map(({ prefix }) => prefix)]) {
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
