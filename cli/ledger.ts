/** How the account of documents, and damaged input, are told to a person. */

import type { Count, Counts } from '../core/ledger.ts'
import { formatSize } from '../core/sizes.ts'
import type { Damaged } from '../native/documents.ts'

export function ledgerTable({ read, kept, dropped, malformed }: Counts): string[] {
  const rows: [string, Count][] = [
    ['read', read],
    ...Object.entries(dropped).map(([reason, count]): [string, Count] => [`− ${reason}`, count]),
    ['− malformed', malformed],
    ['kept', kept],
  ]
  return rows.map(
    ([name, { docs, bytes }]) => `${name.padEnd(20)}${docs.toLocaleString('en').padStart(14)} documents${formatSize(bytes).padStart(12)}`,
  )
}

/** Damaged input fails the command after its work is done, unless that is allowed. */
export function damage(damaged: Damaged[], { allowCorrupt }: { allowCorrupt: boolean }, done: string): { failure?: string } {
  if (damaged.length === 0 || allowCorrupt) return {}
  const where = damaged.map(({ path, offset, what }) => `  ${path} after ${offset} decoded bytes: ${what}`).join('\n')
  return { failure: `damaged input; what could be read of it was ${done}:\n${where}\nWith --allow-corrupt this is no failure.` }
}
