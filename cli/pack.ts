import { formatCount } from '../core/sizes.ts'
import { type PackSummary, pack, packOptions } from '../pipeline/pack.ts'
import { command } from './command.ts'
import { damage, ledgerTable } from './ledger.ts'

export default command({
  name: 'pack',
  summary: 'Documents + tokenizer → shards that GPT-NeoX and Megatron-LM train on as they are.',
  inputs: 'INPUT...',
  options: packOptions,
  examples: [
    ['kopipe pack clean --tokenizer tokenizer/tokenizer.json -o packed', 'of a cleaned artifact'],
    ['kopipe pack clean --tokenizer tokenizer/tokenizer.json -o packed --shard-size 1GB', 'in smaller shards'],
    [
      'kopipe pack clean --tokenizer tokenizer/tokenizer.json -o packed --split train=.98,valid=.01,test=.01',
      'in splits that stay as data is added',
    ],
  ],
  async run(inputs, options, session) {
    const summary = await pack(inputs, options, session)
    return { summary: { ...summary }, lines: lines(summary), ...damage(summary.damaged, options, 'packed') }
  },
})

function lines(summary: PackSummary): string[] {
  return [...ledgerTable(summary), ...packedLines(summary)]
}

/** What was packed, and where it is. */
export function packedLines({
  tokens,
  documents,
  shards,
  artifact,
}: Pick<PackSummary, 'tokens' | 'documents' | 'shards' | 'artifact'>): string[] {
  const number = shards === 1 ? '1 shard' : `${formatCount(shards)} shards`
  return [`${formatCount(tokens)} tokens in ${formatCount(documents)} documents and ${number}`, `→ ${artifact}`]
}
