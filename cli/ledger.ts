/** How the account of documents, and damaged input, are told to a person. */

import type { Count, Counts } from '../core/ledger.ts'
import { formatSize } from '../core/sizes.ts'
import type { Damaged } from '../native/documents.ts'

export function ledgerTable({ read, kept, dropped, malformed, cut }: Counts): string[] {
  const rows: [string, Count][] = [
    ['read', read],
    ...Object.entries(dropped).map(([reason, count]): [string, Count] => [`− ${reason}`, count]),
    ['− malformed', malformed],
    ['kept', kept],
  ]
  const row = ([name, { docs, bytes }]: [string, Count]) =>
    `${name.padEnd(20)}${docs.toLocaleString('en').padStart(14)} documents${formatSize(bytes).padStart(12)}`
  const masked = Object.entries(cut).map(([kind, count]) => `${row([`masked ${kind}`, count])}, ${count.hits.toLocaleString('en')} times`)
  return [...rows.map(row), ...masked]
}

/** Damaged input fails the command after its work is done, unless that is allowed. */
export function damage(damaged: Damaged[], { allowCorrupt }: { allowCorrupt: boolean }, done: string): { failure?: string } {
  if (damaged.length === 0 || allowCorrupt) return {}
  const where = damaged.map(({ path, offset, what }) => `  ${path} after ${offset} decoded bytes: ${what}`).join('\n')
  return { failure: `damaged input; what could be read of it was ${done}:\n${where}\nWith --allow-corrupt this is no failure.` }
}
