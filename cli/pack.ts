import { formatCount } from '../core/sizes.ts'
import { type PackSummary, pack } from '../pipeline/pack.ts'
import { packOptions } from '../pipeline/shards/options.ts'
import { command } from './command.ts'
import { printable } from './errors.ts'
import { damage, ledgerTable } from './ledger.ts'
import { padded } from './width.ts'

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
    ['kopipe pack clean --tokenizer tokenizer/tokenizer.json -o packed --shuffle 1', 'all documents in a random order'],
    [
      'kopipe pack clean --tokenizer tokenizer/tokenizer.json -o packed --shuffle 1 --epochs wiki=3 --epochs news=.5',
      'wiki three times, half of the news, all else once',
    ],
    [
      'kopipe pack clean --tokenizer tokenizer/tokenizer.json -o packed --shuffle 1 --weights wiki=1 --weights web=4 --epochs wiki=3',
      'four tokens of web for each of wiki, which is there three times at the most',
    ],
    ['kopipe pack crawl-2 --tokenizer tokenizer/tokenizer.json -o packed-2 --append-to packed', 'a new crawl behind what is packed'],
  ],
  async run(inputs, options, session) {
    const summary = await pack(inputs, options, session)
    return { summary: { ...summary }, lines: lines(summary), ...damage(summary.damaged, options, 'packed') }
  },
})

function lines(summary: PackSummary): string[] {
  return [...ledgerTable(summary), ...blend(summary), ...packedLines(summary)]
}

/** Sources, where it was asked how often they are there. */
function blend({ sources, tokens }: PackSummary): string[] {
  return Object.entries(sources ?? {}).map(([name, source]) => {
    const epochs =
      source.epochs === undefined ? '' : `, ${Number(source.epochs.toPrecision(4))} ${source.epochs === 1 ? 'epoch' : 'epochs'}`
    const share = ((100 * source.tokens) / Math.max(1, tokens)).toFixed(1)
    return `${padded(printable(name), 30)}${formatCount(source.documents).padStart(14)} documents, ${share} % of the tokens${epochs}`
  })
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
