import { clean, cleanOptions } from '../pipeline/clean.ts'
import { command } from './command.ts'
import { damage, ledgerTable } from './ledger.ts'

export default command({
  name: 'clean',
  summary: 'Raw text → clean, deduplicated documents, every decision explained.',
  inputs: 'INPUT...',
  options: cleanOptions,
  examples: [
    ['kopipe clean crawl/*.jsonl.zst -o clean', 'the recipe for Korean, exact duplicates removed'],
    ['kopipe clean news.jsonl --recipe none -o unique', 'only duplicates are removed, the text stays as it came'],
    ['kopipe clean dump.jsonl.gz --text-key body --id-key url -o clean --workers 8 --memory 8GB', 'other keys, more of the machine'],
  ],
  async run(inputs, options, session) {
    const summary = await clean(inputs, options, session)
    const lines = [...ledgerTable(summary), `→ ${summary.artifact}`]
    return { summary: { ...summary }, lines, ...damage(summary.damaged, options, 'cleaned') }
  },
})
