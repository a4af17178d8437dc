import { formatCount, formatSize } from '../core/sizes.ts'
import { stats, statsOptions } from '../pipeline/stats.ts'
import { command } from './command.ts'
import { damage } from './ledger.ts'

export default command({
  name: 'stats',
  summary: 'What a corpus is made of and what each stage did to it: an HTML page and stats.json.',
  inputs: 'ARTIFACT|FILE...',
  options: statsOptions,
  examples: [
    ['kopipe stats clean -o report.html', 'the documents of an artifact and what was dropped on the way'],
    ['kopipe stats clean tokenizer shards run --lang ko', 'a whole chain on one page, in Korean'],
    ['kopipe stats raw/*.jsonl.zst -o raw.html', 'files as they came'],
  ],
  async run(inputs, options, session) {
    const { stats: result, summary } = await stats(inputs, options, session)
    const { docs, bytes, chars, eojeol } = result.documents.total
    const lines = [
      `${formatCount(docs)} documents, ${formatSize(bytes)}, ${formatCount(chars)} characters, ${formatCount(eojeol)} eojeol`,
      `→ ${options.output}`,
    ]
    return { summary: { ...summary }, lines, ...damage(summary.damaged, options, 'measured') }
  },
})
