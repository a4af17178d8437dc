import { formatSize } from '../core/sizes.ts'
import { type CleanSummary, clean, cleanOptions } from '../pipeline/clean.ts'
import { command } from './command.ts'

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
    const outcome = { summary: { ...summary }, lines: table(summary) }
    if (summary.damaged.length === 0 || options.allowCorrupt) return outcome
    const where = summary.damaged.map(({ path, offset, what }) => `  ${path} after ${offset} decoded bytes: ${what}`).join('\n')
    return {
      ...outcome,
      failure: `damaged input; what could be read of it was cleaned:\n${where}\nWith --allow-corrupt this is no failure.`,
    }
  },
})

function table(summary: CleanSummary): string[] {
  const rows: [string, { docs: number; bytes: number }][] = [
    ['read', summary.read],
    ...Object.entries(summary.dropped).map(([reason, count]): [string, typeof count] => [`− ${reason}`, count]),
    ['− malformed', summary.malformed],
    ['kept', summary.kept],
  ]
  return [
    ...rows.map(
      ([name, { docs, bytes }]) => `${name.padEnd(20)}${docs.toLocaleString('en').padStart(14)} documents${formatSize(bytes).padStart(12)}`,
    ),
    `→ ${summary.artifact}`,
  ]
}
