/** The account of a dataset made of datasets: documents and bytes of `.bin`, all of which stay. */

import type { Dataset } from '../../core/dataset.ts'
import { type Counts, noCounts } from '../../core/ledger.ts'

export interface CopiedSummary extends Counts {
  documents: number
  tokens: number
  shards: number
  artifact: string
}

export function copiedTotals({ documents, tokens, shards }: Dataset): Omit<CopiedSummary, 'artifact'> {
  const bytes = shards.reduce((sum, { bin }) => sum + bin.bytes, 0)
  const all = { docs: documents, bytes }
  return { ...noCounts(), read: all, kept: all, documents, tokens, shards: shards.length }
}
