/** What `pack` is told. */

import { z } from 'zod'
import { common, count, keys, output, size } from '../../core/options.ts'
import type { DocumentOrder } from '../../native/index.ts'
import { type BySource, bySource, epochsOption, weightsOption } from './blend.ts'
import { shares } from './shares.ts'

export const packOptions = z.strictObject({
  tokenizer: z.string('--tokenizer FILE is required').meta({ help: 'a tokenizer.json', placeholder: 'FILE', path: 'file' }),
  output,
  shardSize: size().default(4e9).meta({ help: 'a shard ends before its .bin would pass this', placeholder: 'SIZE', shownDefault: '4GB' }),
  split: shares()
    .optional()
    .meta({ help: 'part documents by a hash of their tokens: train=.98,valid=.01,test=.01', placeholder: 'SHARES' }),
  shuffle: count(0)
    .max(Number.MAX_SAFE_INTEGER, 'expected a number below 2^53')
    .optional()
    .meta({ help: 'put all documents in a random order, the one of this seed', placeholder: 'SEED' }),
  epochs: epochsOption().meta({ help: "how often a source's documents are there; 1 for all others", placeholder: 'SOURCE=N' }),
  weights: weightsOption().meta({
    help: 'tokens of the sources in these proportions, as many as --epochs allows',
    placeholder: 'SOURCE=W',
  }),
  repeatByCluster: z
    .boolean()
    .default(false)
    .meta({ help: 'documents that stand for 2 to 4 or 20 to 62 near-duplicates are there twice, for 5 to 19 three times' }),
  appendTo: z
    .string()
    .optional()
    .meta({ help: 'a packed dataset whose shards stand before the new ones', placeholder: 'PACKED', path: 'file' }),
  parseSpecials: z
    .boolean()
    .default(false)
    .meta({ help: 'strings of special tokens in documents are those tokens, as HF has it by default; without, they are text' }),
  ...keys,
  allowCorrupt: z.boolean().default(false).meta({ help: 'exit 0 where compressed input is damaged' }),
  ...common,
})

export type PackOptions = z.output<typeof packOptions>

/**
 * From a cluster's size on, how often its document stands there: FineWeb-2's rehydration for Korean, chosen from what share of
 * the documents of each size its filters keep.
 */
const REHYDRATION = [
  { from: 2, times: 2 },
  { from: 5, times: 3 },
  { from: 20, times: 2 },
  { from: 63, times: 1 },
]

export interface Blend {
  order: DocumentOrder
  epochs: BySource
  weights: BySource
}

/** The order that was asked for; undefined where documents stand as they come. */
export function blendOf(options: PackOptions): Blend | undefined {
  const { shuffle, repeatByCluster } = options
  const [epochs, weights] = [bySource('--epochs', options.epochs), bySource('--weights', options.weights)]
  if (shuffle === undefined && !repeatByCluster && epochs.size === 0 && weights.size === 0) return undefined
  const order = {
    ...(shuffle !== undefined && { seed: shuffle }),
    epochs: Object.fromEntries(epochs),
    repeats: repeatByCluster ? REHYDRATION : [],
  }
  return { order, epochs, weights }
}
