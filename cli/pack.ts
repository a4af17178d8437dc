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
  ],
  async run(inputs, options, session) {
    const summary = await pack(inputs, options, session)
    return { summary: { ...summary }, lines: lines(summary), ...damage(summary.damaged, options, 'packed') }
  },
})

function lines(summary: PackSummary): string[] {
  const shards = summary.shards === 1 ? '1 shard' : `${formatCount(summary.shards)} shards`
  return [
    ...ledgerTable(summary),
    `${formatCount(summary.tokens)} tokens in ${formatCount(summary.documents)} documents and ${shards}`,
    `→ ${summary.artifact}`,
  ]
}
