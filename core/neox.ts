/**
 * Shards as GPT-NeoX's configuration names them, for what is packed and what is trained. Keys were compared with gpt-neox
 * at ea7aefd8. JSON lists are YAML, too.
 */

import { SPLIT_WEIGHTS, SPLITS, type Split } from './dataset.ts'

export interface NeoxShard {
  readonly prefix: string
  readonly tokens: number
  readonly split?: Split | undefined
}

/** Where GPT-NeoX finds documents to train, validate and test on. */
export function neoxData(shards: readonly NeoxShard[]): string[] {
  const [only, ...more] = shards
  if (only?.split) {
    return [
      '# Each split has shards of its own. Several are a blend: GPT-NeoX draws from each by its weight, shuffled apart.',
      ...SPLITS.flatMap((split) => {
        const own = shardsOf(shards, split)
        const other = own[0]?.split === split ? [] : [`# No document is in ${split}. GPT-NeoX wants all three: ${own[0]?.split} stands in.`]
        return [...other, ...paths(split, own)]
      }),
    ]
  }
  if (only && more.length === 0)
    return [`data_path: ${/^[\w./-]+$/.test(only.prefix) ? only.prefix : JSON.stringify(only.prefix)}`, `split: ${SPLIT_WEIGHTS}`]
  return [
    '# Several shards are a blend: GPT-NeoX draws from each by its weight, shuffled apart, so the order of samples',
    '# differs from that of one merged shard (which is the order of `kopipe train`). The last shard is held out.',
    ...paths('train', shards.slice(0, -1)),
    ...['valid', 'test'].flatMap((split) => [
      `${split}_data_paths: ${JSON.stringify(shards.slice(-1).map(({ prefix }) => prefix))}`,
      `${split}_data_weights: [1.0]`,
    ]),
  ]
}

/** The shards of a split; of the next that has documents, where it has none. */
function shardsOf(shards: readonly NeoxShard[], split: Split): readonly NeoxShard[] {
  const instead: Record<Split, readonly Split[]> = {
    train: ['train', 'valid', 'test'],
    valid: ['valid', 'test', 'train'],
    test: ['test', 'valid', 'train'],
  }
  const found = instead[split].map((split) => shards.filter((shard) => shard.split === split))
  return found.find((shards) => shards.length > 0) ?? []
}

function paths(split: string, shards: readonly NeoxShard[]): string[] {
  return [
    `${split}_data_paths: ${JSON.stringify(shards.map(({ prefix }) => prefix))}`,
    `${split}_data_weights: ${JSON.stringify(shards.map(({ tokens }) => tokens))}`,
  ]
}
