/**
 * What stands in an artifact of `clean` beside its counts: drops and documents that just passed, by reason, pairs and
 * clusters. Of a large artifact a few parts are looked at, spread over it, and of their kept documents only so many are
 * measured again; what was looked at is told. Measured on a core of two that others used too: 2.6 s for an artifact of 77 MB
 * kept of 101 read, of which measuring 8 MB again by 40 numbers is 1.1 s; 170 MB of memory. Of a larger one up to four parts
 * of 256 MB are read, and their inputs once more for pairs.
 */

import { interrupted } from '../../core/errors.ts'
import { type Count, type Ledger, total } from '../../core/ledger.ts'
import type { Session } from '../../core/progress.ts'
import { type Bounds, CleanArtifact, sourceOf } from '../explain/artifact.ts'
import { Best, scattered } from '../explain/chosen.ts'
import { type Met, meaningOf } from '../explain/inspect.ts'
import { spread } from '../spread.ts'
import { type ClusterEvidence, clustersOf, type Reject } from './clusters.ts'

/** Parts that are looked at, and bytes of kept documents that are measured again. */
const PARTS = 4
const MEASURED = 8e6
/** Drops and kept documents that are shown of each reason, and characters of each. */
const SHOWN = 10
const BEGINNING = 280
/** A threshold is moved by this share. */
const MOVED = 0.1

/** The beginning of a document, with the number it was judged by. */
export interface Excerpt {
  id: unknown
  source: string
  chars: number
  text: string
  value?: number
  /** The evaluation item that a contaminated document shares most with. */
  against?: Met
}

export interface ReasonEvidence {
  reason: string
  /** What its number is; empty where it has none. */
  number: string
  threshold?: number
  count: Count
  /** A random sample of the drops. */
  dropped: Excerpt[]
  /** The kept documents that came nearest to the threshold. */
  kept: Excerpt[]
  /** Drops that were looked at, and those whose number a threshold a tenth off would let pass. */
  loosened: { looked: number; pass: number }
  /** Of these the ones that have such a number, and those that a threshold a tenth stricter would drop. */
  tightened: { looked: number; go: number }
}

export interface Evidence {
  /** Parts of the artifact that were looked at, of all. */
  parts: { looked: number; all: number }
  /** Kept documents that were measured again. */
  measured: number
  reasons: ReasonEvidence[]
  clusters: ClusterEvidence
}

type Files = Awaited<ReturnType<CleanArtifact['files']>>

export async function evidenceOf(folder: string, bounds: Bounds, session: Session): Promise<Evidence> {
  const artifact = await CleanArtifact.open(folder)
  const [documents, rejects, duplicates] = await Promise.all(
    (['documents', 'rejects', 'duplicates'] as const).map((output) => artifact.files(output)),
  )
  const parts = [...new Set([...(documents ?? []), ...(rejects ?? [])].map(({ part }) => part))].sort((a, b) => a - b)
  const looked = new Set(spread(parts, PARTS))
  const among = (files: Files | undefined) => (files ?? []).filter(({ part }) => looked.has(part))
  const reasons = reasonsOf(artifact)
  const read = [...among(rejects), ...among(documents)]
  session.progress.stage(
    `looking at ${folder}`,
    read.reduce((sum, { file }) => sum + file.bytes, 0),
  )
  const look = { bounds, session }
  await addDrops(artifact, among(rejects), reasons, look)
  const measured = await addKept(artifact, among(documents), reasons, look)
  const found = [...reasons.values()].map(({ chosen, near, ...reason }): ReasonEvidence => {
    // Of a rule that drops nothing, and would not a tenth stricter, nothing is just kept.
    const isNear = reason.count.docs > 0 || reason.tightened.go > 0
    return { ...reason, dropped: chosen.items(), kept: isNear ? near.items() : [] }
  })
  return {
    parts: { looked: looked.size, all: parts.length },
    measured,
    reasons: found.sort((a, b) => b.count.docs - a.count.docs),
    clusters: await clustersOf(artifact, among(duplicates), among(rejects), { begin: beginning, bounds }),
  }
}

interface Gathered extends Omit<ReasonEvidence, 'dropped' | 'kept'> {
  chosen: Best<Excerpt>
  near: Best<Excerpt>
}

function reasonsOf(artifact: CleanArtifact): Map<string, Gathered> {
  const reasons = new Map<string, Gathered>()
  const { dropped, malformed } = total(artifact.ledger)
  for (const [reason, count] of Object.entries({ ...dropped, ...(malformed.docs > 0 && { malformed }) })) {
    reasonIn(reasons, artifact, reason).count = count
  }
  return reasons
}

/** A reason; one that nothing was dropped for, too, since a threshold a little stricter might. */
function reasonIn(reasons: Map<string, Gathered>, artifact: CleanArtifact, reason: string): Gathered {
  let gathered = reasons.get(reason)
  if (!gathered) {
    gathered = {
      reason,
      number: meaningOf(artifact, reason),
      count: { docs: 0, bytes: 0 },
      chosen: new Best(SHOWN),
      near: new Best(SHOWN),
      loosened: { looked: 0, pass: 0 },
      tightened: { looked: 0, go: 0 },
    }
    reasons.set(reason, gathered)
  }
  return gathered
}

/** Within which bounds, and who is told. */
interface Look {
  bounds: Bounds
  session: Session
}

async function addDrops(artifact: CleanArtifact, files: Files, reasons: Map<string, Gathered>, { bounds, session }: Look): Promise<void> {
  for (const { part, unit, file } of files) {
    for (const textKey of ['text', 'raw'] as const) {
      // What never was a document has its raw beginning.
      const here = [...reasons.values()].filter(({ reason }) => (reason === 'malformed') === (textKey === 'raw'))
      if (here.length === 0) continue
      for await (const batch of artifact.batches(file, bounds, textKey)) {
        if (session.signal.aborted) throw interrupted('nothing was written')
        for (const gathered of here) {
          for (const { ordinal, source, value, threshold } of JSON.parse(await batch.rejected(gathered.reason)) as Rejected[]) {
            gathered.loosened.looked += 1
            if (value !== null && threshold !== null) {
              gathered.threshold = threshold
              if (Math.abs(value - threshold) <= MOVED * Math.abs(threshold)) gathered.loosened.pass += 1
            }
            const at = [scattered(1, part, ordinal)]
            if (!gathered.chosen.takes(at)) continue
            const { id, text, raw, kopipe } = JSON.parse(batch.line(ordinal, part) ?? '{}') as Reject
            const met = gathered.reason === 'contaminated' && kopipe.against
            const from = source === sourceOf(file.path) ? sourceOf(unit.file) : source
            gathered.chosen.add(at, {
              id,
              source: from,
              ...beginning(text ?? raw ?? ''),
              ...(value !== null && { value }),
              ...(met && { against: met }),
            })
          }
        }
      }
    }
    session.progress.advance({ of: file.bytes })
  }
}

interface Rejected {
  ordinal: number
  source: string
  value: number | null
  threshold: number | null
}

async function addKept(artifact: CleanArtifact, files: Files, reasons: Map<string, Gathered>, { bounds, session }: Look): Promise<number> {
  const filters = artifact.filters()
  const every = Math.max(1, Math.ceil(files.reduce((bytes, { unit }) => bytes + total(unit.ledger).kept.bytes, 0) / MEASURED))
  let documents = 0
  for (const { part, unit, file } of files) {
    let number = 0
    for await (const batch of artifact.batches(file, bounds)) {
      if (session.signal.aborted) throw interrupted('nothing was written')
      if (number++ % every > 0) continue
      const measured = JSON.parse(await batch.numbers(filters)) as { reason: string; value: number; threshold: number }[][]
      documents += measured.length
      for (const [i, numbers] of measured.entries()) {
        const ordinal = batch.firstOrdinal + i
        for (const { reason, value, threshold } of numbers) {
          const gathered = reasonIn(reasons, artifact, reason)
          gathered.threshold = threshold
          gathered.tightened.looked += 1
          const margin = Math.abs(value - threshold)
          if (margin < MOVED * Math.abs(threshold)) gathered.tightened.go += 1
          const at = [margin, part, ordinal]
          if (!gathered.near.takes(at)) continue
          const { id, text = '' } = JSON.parse(batch.line(ordinal, part) ?? '{}') as Reject
          const alone = batch.only(ordinal)
          const [source = ''] = Object.keys(JSON.parse(alone?.counts() ?? '{}') as Ledger)
          alone?.close()
          gathered.near.add(at, { id, source: source === sourceOf(file.path) ? sourceOf(unit.file) : source, ...beginning(text), value })
        }
      }
    }
    session.progress.advance({ of: file.bytes })
  }
  return documents
}

export function beginning(text: string): { chars: number; text: string } {
  const characters = [...text]
  return { chars: characters.length, text: characters.slice(0, BEGINNING).join('') }
}
