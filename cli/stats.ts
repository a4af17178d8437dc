import { formatCount, formatSize } from '../core/sizes.ts'
import type { DatasetStats } from '../pipeline/shards/stats.ts'
import { stats, statsOptions } from '../pipeline/stats.ts'
import { command } from './command.ts'
import { printable } from './errors.ts'
import { damage } from './ledger.ts'

export default command({
  name: 'stats',
  summary: 'What a corpus is made of and what each stage did to it: an HTML page and stats.json.',
  inputs: 'ARTIFACT|FILE|SHARD...',
  options: statsOptions,
  examples: [
    ['kopipe stats clean -o report.html', 'the documents of an artifact and what was dropped on the way'],
    ['kopipe stats clean tokenizer shards run --lang ko', 'a whole chain on one page, in Korean'],
    ['kopipe stats raw/*.jsonl.zst -o raw.html', 'files as they came'],
    ['kopipe stats clean --versus raw -o both.html', 'before and after, side by side'],
    ['kopipe stats clean --tokenizer tokenizer/tokenizer.json', 'with the tokens of the documents, by source'],
    ['kopipe stats packed -o packed.html', 'of what is packed: tokens, lengths, samples, epochs, use of the vocabulary'],
    ['kopipe stats old.idx --tokenizer tokenizer.json', 'the same of a bare shard of GPT-NeoX or Megatron'],
  ],
  async run(inputs, options, session) {
    const { stats: result, summary } = await stats(inputs, options, session)
    const { docs, bytes, chars, eojeol } = result.documents.total
    const about = result.documents.measured === 'sample' ? 'about ' : ''
    const measured = `${formatCount(docs)} documents, ${formatSize(bytes)}, ${about}${formatCount(chars)} characters, ${about}${formatCount(eojeol)} eojeol`
    const lines = [
      ...(docs > 0 || result.datasets.length === 0 ? [measured] : []),
      ...result.datasets.map(datasetLine),
      `→ ${options.output}`,
    ]
    return { summary: { ...summary }, lines, ...damage(summary.damaged, options, 'measured') }
  },
})

function datasetLine({ packed, tokens, documents, vocabulary: { used, size, stray } }: DatasetStats): string {
  const share = `${((100 * used) / Math.max(1, size)).toFixed(1)} % of the vocabulary occurs`
  const others = stray > 0 ? `, ${formatCount(stray)} tokens are beyond it: of another tokenizer` : ''
  return `${printable(packed)}: ${formatCount(tokens)} tokens in ${formatCount(documents)} documents, ${share}${others}`
}
