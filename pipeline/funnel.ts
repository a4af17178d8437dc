/**
 * What each stage of `clean` was given, dropped and took: in total, and by source. Documents and bytes follow from the
 * ledger, because every reason belongs to one stage; seconds are those of the workers, measured in the core.
 */

import { type Count, type Counts, entry, type Ledger, total } from '../core/ledger.ts'

/** By stage, what workers took. */
export type Seconds = Record<string, number>

export type SecondsBySource = Record<string, Seconds>

export interface Stage extends Count {
  stage: string
  dropped: Count
  seconds: number
}

export interface Funnel {
  total: Stage[]
  sources: Record<string, Stage[]>
}

export function addSeconds(into: SecondsBySource, more: SecondsBySource): void {
  for (const [source, seconds] of Object.entries(more)) {
    const sum = entry(into, source, (): Seconds => ({}))
    for (const [stage, taken] of Object.entries(seconds)) sum[stage] = (sum[stage] ?? 0) + taken
  }
}

/** What was taken for documents of several sources, divided by their bytes. */
export function divided(seconds: Seconds, ledger: Ledger): SecondsBySource {
  const sources = Object.entries(ledger)
  const bytes = sources.reduce((sum, [, { read }]) => sum + read.bytes, 0)
  const result: SecondsBySource = {}
  for (const [source, { read }] of sources) {
    const share = bytes === 0 ? 1 / sources.length : read.bytes / bytes
    entry(result, source, () => Object.fromEntries(Object.entries(seconds).map(([stage, taken]) => [stage, taken * share])))
  }
  return result
}

/** `stages` in the order of the flow; `stageOf` tells where a reason belongs. */
export function funnelOf(ledger: Ledger, seconds: SecondsBySource, stages: readonly string[], stageOf: (reason: string) => string): Funnel {
  const rows = (counts: Counts, taken: Seconds) => {
    const left = { ...counts.read }
    return stages.map((stage): Stage => {
      const dropped = { docs: 0, bytes: 0 }
      for (const [reason, { docs, bytes }] of [...Object.entries(counts.dropped), ['malformed', counts.malformed] as const]) {
        if (stageOf(reason) !== stage) continue
        dropped.docs += docs
        dropped.bytes += bytes
      }
      const row = { stage, ...left, dropped, seconds: Math.round(1e6 * (taken[stage] ?? 0)) / 1e6 }
      left.docs -= dropped.docs
      left.bytes -= dropped.bytes
      return row
    })
  }
  const all: SecondsBySource = {}
  for (const taken of Object.values(seconds)) addSeconds(all, { total: taken })
  const sources: Funnel['sources'] = {}
  for (const [source, counts] of Object.entries(ledger)) entry(sources, source, () => rows(counts, seconds[source] ?? {}))
  return { total: rows(total(ledger), all.total ?? {}), sources }
}
