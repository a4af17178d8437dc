/** How the account of documents, and damaged input, are told to a person. */

import type { Count, Counts } from '../core/ledger.ts'
import { formatCount, formatSize } from '../core/sizes.ts'
import type { Damaged } from '../native/documents.ts'
import type { Stage } from '../pipeline/funnel.ts'
import { printable } from './errors.ts'
import { padded } from './width.ts'

export function ledgerTable({ read, kept, dropped, malformed, cut }: Counts): string[] {
  const rows: [string, Count][] = [
    ['read', read],
    ...Object.entries(dropped).map(([reason, count]): [string, Count] => [`− ${reason}`, count]),
    ['− malformed', malformed],
    ['kept', kept],
  ]
  return [...rows.map(([name, count]) => countedDocuments(name, count)), ...cutTable(cut)]
}

/** What was cut inside documents that stay. */
export function cutTable(cut: Counts['cut']): string[] {
  return Object.entries(cut).map(
    ([kind, count]) => `${countedDocuments(`${CUTS.includes(kind) ? 'cut' : 'masked'} ${kind}`, count)}, ${formatCount(count.hits)} times`,
  )
}

/** Kinds in whose place nothing stands. */
const CUTS = ['byline', 'footer', 'evaluation', 'line']

/** `name   1,234 documents   5.6 MB`. Names are text from the input. */
export function countedDocuments(name: string, { docs, bytes }: Count): string {
  return `${padded(printable(name), 30)}${formatCount(docs).padStart(14)} documents${formatSize(bytes).padStart(12)}`
}

/** What each stage was given, dropped and took. */
export function funnelTable(stages: readonly Stage[]): string[] {
  const row = (stage: string, docs: string, bytes: string, dropped: string, gone: string, seconds: string, rate: string) =>
    `${stage.padEnd(16)}${docs.padStart(14)}${bytes.padStart(10)}${dropped.padStart(14)}${gone.padStart(10)}${seconds.padStart(10)}${rate.padStart(12)}`
  const rows = stages.map(({ stage, docs, bytes, dropped, seconds }) =>
    row(
      printable(stage),
      formatCount(docs),
      formatSize(bytes),
      dropped.docs === 0 ? '' : formatCount(dropped.docs),
      dropped.docs === 0 ? '' : formatSize(dropped.bytes),
      seconds.toFixed(2),
      seconds > 0 ? `${formatSize(bytes / seconds)}/s` : '',
    ),
  )
  return [row('stage', 'documents', 'text', 'dropped', '', 'seconds', ''), ...rows]
}

/** Damaged input fails the command after its work is done, unless that is allowed. */
export function damage(damaged: Damaged[], { allowCorrupt }: { allowCorrupt: boolean }, done: string): { failure?: string } {
  if (damaged.length === 0 || allowCorrupt) return {}
  const where = damaged.map(({ path, offset, what }) => `  ${path} after ${offset} decoded bytes: ${what}`).join('\n')
  return { failure: `damaged input; what could be read of it was ${done}:\n${where}\nWith --allow-corrupt this is no failure.` }
}
