/** What of each source stands in a dataset. */

import type { SourceTally } from '../../native/index.ts'

/** Sums by source, sorted by name: parts were written one after the other, and a resumed run cuts them elsewhere. */
export function sumSources(parts: readonly { sources: readonly SourceTally[] }[]): SourceTally[] {
  const sums = new Map<string, SourceTally>()
  for (const tally of parts.flatMap(({ sources }) => sources)) {
    const sum = sums.get(tally.name)
    if (!sum) {
      sums.set(tally.name, { ...tally })
      continue
    }
    sum.documents += tally.documents
    sum.tokens += tally.tokens
    sum.distinctDocuments += tally.distinctDocuments
    sum.distinctBytes += tally.distinctBytes
  }
  return [...sums.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}
