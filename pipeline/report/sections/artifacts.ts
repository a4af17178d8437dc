/** What the sections read in the records of artifacts. */

import type { Counts, Ledger } from '../../../core/ledger.ts'
import type { Funnel } from '../../funnel.ts'
import type { Evidence } from '../evidence.ts'
import type { ArtifactStats, Stats } from '../measures.ts'

/** An artifact that accounts for documents. */
export interface Account {
  artifact: ArtifactStats
  totals: Counts
  ledger: Ledger
}

export function accountsOf({ artifacts }: Pick<Stats, 'artifacts'>): Account[] {
  return artifacts.flatMap((artifact) => {
    const { totals, ledger = {} } = artifact.record as { totals?: Partial<Counts>; ledger?: Ledger }
    return isAccount(totals) ? [{ artifact, totals, ledger }] : []
  })
}

/** Of those that `clean` made: also what each stage did. */
export function cleaned(stats: Pick<Stats, 'artifacts'>): (Account & { funnel: Funnel; evidence?: Evidence })[] {
  return accountsOf(stats).flatMap((account) => {
    const { funnel } = account.artifact.record as { funnel?: Funnel }
    const { evidence } = account.artifact
    return account.artifact.record.kind === 'clean' && funnel ? [{ ...account, funnel, ...(evidence && { evidence }) }] : []
  })
}

/** `train` and `sample` have totals of another kind. */
function isAccount(totals: Partial<Counts> | undefined): totals is Counts {
  return totals?.read !== undefined && totals.kept !== undefined && totals.dropped !== undefined && totals.malformed !== undefined
}

/** Whether read = kept + dropped + malformed, in documents and in bytes. */
export function addsUp({ read, kept, dropped, malformed }: Counts): boolean {
  const parts = [kept, malformed, ...Object.values(dropped)]
  return (['docs', 'bytes'] as const).every((what) => read[what] === parts.reduce((sum, part) => sum + part[what], 0))
}

export interface Loss {
  source: string
  counts: Counts
  /** Of its documents, and of its text: the larger is what is judged. */
  documents: number
  text: number
  level: 'fine' | 'alarm' | 'stop'
  /** The reason that took most documents. */
  most: string
}

const [ALARM, STOP] = [0.5, 0.95]

/** Of every source, those that lost most first. */
export function lossesOf(ledger: Ledger): Loss[] {
  const losses = Object.entries(ledger).map(([source, counts]): Loss => {
    const { read, kept, dropped, malformed } = counts
    const lost = (what: 'docs' | 'bytes') => (read[what] === 0 ? 0 : 1 - kept[what] / read[what])
    const [documents, text] = [lost('docs'), lost('bytes')]
    const worst = Math.max(documents, text)
    const [most = ''] = Object.entries({ ...dropped, malformed }).reduce<[string, number]>(
      (best, [reason, { docs }]) => (docs > best[1] ? [reason, docs] : best),
      ['', 0],
    )
    return { source, counts, documents, text, level: worst > STOP ? 'stop' : worst > ALARM ? 'alarm' : 'fine', most }
  })
  return losses.sort((a, b) => b.documents - a.documents || b.counts.read.docs - a.counts.read.docs || (a.source < b.source ? -1 : 1))
}
