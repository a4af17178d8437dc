/**
 * The account of every document: read = kept + Σ dropped[reason] + malformed, in documents and in bytes of input
 * text (for a malformed record its raw bytes). Kept by source; the total is the sum of the sources.
 */

import { KopipeError } from './errors.ts'

export interface Count {
  docs: number
  bytes: number
}

/** What was cut inside documents: how many documents, how often, and the bytes that are gone. */
export interface Cut extends Count {
  hits: number
}

export interface Counts {
  read: Count
  kept: Count
  dropped: Record<string, Count>
  malformed: Count
  /** By kind what was cut inside kept documents: outside the identity. */
  cut: Record<string, Cut>
}

export type Ledger = Record<string, Counts>

const noCount = (): Count => ({ docs: 0, bytes: 0 })
export const noCounts = (): Counts => ({ read: noCount(), kept: noCount(), dropped: {}, malformed: noCount(), cut: {} })

function add(into: Count, more: Count, sign = 1): void {
  into.docs += sign * more.docs
  into.bytes += sign * more.bytes
}

function addCut(into: Record<string, Cut>, more: Record<string, Cut>, sign = 1): void {
  for (const [kind, cut] of Object.entries(more)) {
    const sum = entry(into, kind, () => ({ ...noCount(), hits: 0 }))
    add(sum, cut, sign)
    sum.hits += sign * cut.hits
    if (sum.docs === 0) delete into[kind]
  }
}

/** `table[key]`, which begins as `empty()`. Sources are text from the input: `__proto__` is a name like any other. */
export function entry<T>(table: Record<string, T>, key: string, empty: () => T): T {
  if (!Object.hasOwn(table, key)) {
    Object.defineProperty(table, key, { value: empty(), enumerable: true, writable: true, configurable: true })
  }
  return table[key] as T
}

function addCounts(into: Counts, more: Counts): void {
  add(into.read, more.read)
  add(into.kept, more.kept)
  add(into.malformed, more.malformed)
  for (const [reason, count] of Object.entries(more.dropped)) add(entry(into.dropped, reason, noCount), count)
  addCut(into.cut, more.cut)
}

export function addLedger(into: Ledger, more: Ledger): void {
  for (const [source, counts] of Object.entries(more)) addCounts(entry(into, source, noCounts), counts)
}

/** More was cut inside documents that are kept, by source and kind. */
export function addCuts(ledger: Ledger, cutBySource: Record<string, Record<string, Cut>>): void {
  for (const [source, cut] of Object.entries(cutBySource)) addCut(entry(ledger, source, noCounts).cut, cut)
}

/** Documents that were kept so far turn out to be dropped, by reason and source; what was cut from them counts no more. */
export function dropKept(
  ledger: Ledger,
  byReason: Record<string, Record<string, Count>>,
  cutBySource: Record<string, Record<string, Cut>> = {},
): void {
  for (const [source, cut] of Object.entries(cutBySource)) addCut(entry(ledger, source, noCounts).cut, cut, -1)
  for (const [reason, bySource] of Object.entries(byReason)) {
    for (const [source, count] of Object.entries(bySource)) {
      const counts = entry(ledger, source, noCounts)
      add(counts.kept, count, -1)
      add(entry(counts.dropped, reason, noCount), count)
    }
  }
}

/** The sum over all sources, with sorted reasons and kinds. */
export function total(ledger: Ledger): Counts {
  const sum = noCounts()
  for (const counts of Object.values(ledger)) addCounts(sum, counts)
  sortReasons(sum)
  return sum
}

function sortReasons(counts: Counts): void {
  const byKey = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1)
  counts.dropped = Object.fromEntries(Object.entries(counts.dropped).sort(byKey))
  counts.cut = Object.fromEntries(Object.entries(counts.cut).sort(byKey))
}

/** Sorted by source and reason, so that its JSON does not depend on who came first: batches differ with the memory. */
export function sorted(ledger: Ledger): Ledger {
  const result: Ledger = {}
  for (const source of Object.keys(ledger).sort()) {
    const counts = entry(result, source, noCounts)
    addCounts(counts, ledger[source] as Counts)
    sortReasons(counts)
  }
  return result
}

/** Throws where a document or a byte is unaccounted for: a defect of kopipe, never of the input. */
export function checkIdentity(counts: Counts): void {
  const parts = [counts.kept, counts.malformed, ...Object.values(counts.dropped)]
  for (const what of ['docs', 'bytes'] as const) {
    const accounted = parts.reduce((sum, part) => sum + part[what], 0)
    if (accounted !== counts.read[what]) {
      throw new KopipeError('internal', `the ledger does not add up: ${counts.read[what]} ${what} read, ${accounted} accounted for`)
    }
  }
}
