import { basename } from 'node:path'
import { formatCount } from '../core/sizes.ts'
import { type CleanSummary, clean, cleanOptions } from '../pipeline/clean.ts'
import type { AgainstCounts } from '../pipeline/decontaminate.ts'
import type { FrequentLine } from '../pipeline/lines.ts'
import { command } from './command.ts'
import { printable } from './errors.ts'
import { countedDocuments, damage, ledgerTable } from './ledger.ts'
import { padded } from './width.ts'

export default command({
  name: 'clean',
  summary: 'Raw text → clean, deduplicated documents, every decision explained.',
  inputs: 'INPUT...',
  options: cleanOptions,
  examples: [
    ['kopipe clean crawl/*.jsonl.zst -o clean', 'the recipe for Korean, exact and near-duplicates removed'],
    ['kopipe clean news.jsonl --recipe none -o unique', 'only duplicates are removed, the text stays as it came'],
    ['kopipe clean crawl -o clean --against kobest/ --against klue.jsonl', 'and without what evaluation sets ask'],
    ['kopipe clean may.jsonl -o may --known april --keep-index', 'and without what an earlier artifact has (it kept an index too)'],
    ['kopipe clean dump.jsonl.gz --text-key body --id-key url -o clean --workers 8 --memory 8GB', 'other keys, more of the machine'],
  ],
  async run(inputs, options, session) {
    const summary = await clean(inputs, options, session)
    const most = summary.lines?.most ? [cutMost(summary.lines.most, summary.lines.listed)] : []
    const across = [...(summary.against ?? []).map(metTable), ...knownTable(summary)]
    const lines = [...ledgerTable(summary), ...most, ...across, `→ ${summary.artifact}`]
    return { summary: { ...summary }, lines, ...damage(summary.damaged, options, 'cleaned') }
  },
})

function knownTable({ known, index }: CleanSummary): string[] {
  return [
    ...(known === undefined ? [] : [`${'known, of the duplicates'.padEnd(30)}${formatCount(known).padStart(14)} documents`]),
    ...(index === undefined ? [] : [countedDocuments('index kept of', { docs: index.documents, bytes: index.bytes })]),
  ]
}

function metTable({ file, items, used, tooShort, unreadable, met }: AgainstCounts): string {
  const not = [`${formatCount(tooShort)} too short`, ...(unreadable > 0 ? [`${formatCount(unreadable)} unreadable`] : [])].join(', ')
  const name = padded(printable(`against ${basename(file)}`), 30)
  return `${name}${formatCount(met).padStart(14)} of ${formatCount(used)} items met (${formatCount(items)} in all, ${not})`
}

/** The line that was cut of most documents; its text is the input's. */
function cutMost({ text, documents, cut }: FrequentLine, listed: number): string {
  const shown = [...printable(text.replace(/\s+/g, ' '))].slice(0, 50).join('')
  const more = listed > 1 ? `; lines.json has ${formatCount(listed)}` : ''
  return `${'cut line, most of all'.padEnd(30)}${formatCount(cut).padStart(14)} of ${formatCount(documents)} documents: ${shown}${more}`
}
