/** The data that a GPT-NeoX configuration names, opened as `train` reads it. */

import { resolve } from 'node:path'
import type { Split } from '../../core/dataset.ts'
import { KopipeError } from '../../core/errors.ts'
import { endOfDocument } from '../../native/end-of-document.ts'
import { native } from '../../native/index.ts'
import type { OpenDataset } from '../dataset.ts'
import type { Neox, WeightedPath } from './read.ts'

/** A weight may be rounded. */
const ALIKE = 1e-3

/** Paths are relative to the current folder, as in GPT-NeoX. */
export async function openNeoxDataset({
  data,
  tokenizer: path,
  otherTokenizer,
}: Pick<Neox, 'data' | 'tokenizer' | 'otherTokenizer'>): Promise<OpenDataset> {
  if (data && otherTokenizer) {
    throw new KopipeError('usage', `tokenizer_type: ${otherTokenizer}, and kopipe reads a tokenizer.json only, which is HFTokenizer`)
  }
  if (data === null) {
    throw new KopipeError('usage', 'expected at least one DATASET: the GPT-NeoX configuration names no data', {
      hint: 'Name it on the command line, or add the neox.yml of a packed dataset.',
    })
  }
  const splits = 'path' in data ? null : await splitsOf(data)
  const prefixes = 'path' in data ? [resolve(data.path)] : [...new Set(Object.values(splits ?? {}).flat())]
  const shards = await native.Dataset.open(prefixes)
  const tokenizer = path === null ? null : await native.loadTokenizer(resolve(path))
  const vocabulary = tokenizer?.vocabularySize ?? (await shards.largestToken()) + 1
  const splitWeights = 'path' in data ? data.splitWeights : undefined
  const padding = (tokenizer && endOfDocument(tokenizer)?.id) ?? 0
  return {
    prefixes,
    shards,
    splits,
    blend: [],
    vocabulary,
    tokenizer: tokenizer?.digest ?? null,
    tokenizerFile: path === null ? null : resolve(path),
    padding,
    ...(splitWeights && { splitWeights }),
  }
}

async function splitsOf(data: Record<Split, WeightedPath[]>): Promise<Record<Split, string[]>> {
  for (const split of ['train', 'valid', 'test'] as const) await refuseBlend(split, data[split])
  const of = (split: Split) => data[split].map(({ path }) => resolve(path))
  return { train: of('train'), valid: of('valid'), test: of('test') }
}

/** Shards of which each weighs what it holds are one dataset; anything else is drawn from by weight. */
async function refuseBlend(split: Split, parts: readonly WeightedPath[]): Promise<void> {
  if (parts.length === 1) return
  const tokens = await Promise.all(parts.map(async ({ path }) => (await native.Dataset.open([resolve(path)])).tokens))
  const [all, weights] = [tokens.reduce((sum, n) => sum + n, 0), parts.reduce((sum, { weight }) => sum + weight, 0)]
  const other = parts.find(
    ({ weight }, i) => Math.abs(weight / weights - (tokens[i] as number) / all) > ALIKE * ((tokens[i] as number) / all),
  )
  if (!other) return
  throw new KopipeError(
    'usage',
    `${split}_data_weights: ${other.path} has a weight of ${other.weight} of ${weights}, which is not its share of the tokens`,
    { hint: 'kopipe reads these shards as one dataset, each as often as the others. Give each its number of tokens as its weight.' },
  )
}
