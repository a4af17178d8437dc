/**
 * What stands in duplicates/: how large clusters are, the largest with their texts, pairs beside each other with what
 * differs. Pairs are taken among the parts that are looked at, since the text of the other one is read from the input.
 */

import { diffWordsWithSpace } from 'diff'
import { total } from '../../core/ledger.ts'
import { type Bounds, type CleanArtifact, type Place, sourceOf } from '../explain/artifact.ts'
import { Best, scattered } from '../explain/chosen.ts'
import type { Met } from '../explain/inspect.ts'
import { type Compared, comparedIn, documentsAt } from '../explain/pairs.ts'

/** From which size clusters are counted together: where FineWeb-2 tells of Korean ones. */
export const SIZES = [1, 2, 3, 5, 9, 31, 101, 177] as const
/** Clusters that are shown, and members of each beside the one that stays. */
const CLUSTERS = 10
const MEMBERS = 3
const PAIRS = 10
/** Characters of two texts that are compared, and those shown around a difference and in all. */
const COMPARED = 2000
const AROUND = 32
const SHOWN = 900

export interface Pair {
  id: unknown
  source: string
  other: unknown
  /** Share of the runs of five characters that they have in common. */
  score?: number
  /** Pieces of both texts in order: of the one that stays or was there before, of this one, or of both. */
  pieces: { text: string; of: 'both' | 'other' | 'this' }[]
}

export interface ClusterEvidence {
  /** Documents in clusters of this size and more, up to the next; 1 are those like no other. */
  sizes: { from: number; clusters: number; docs: number }[]
  largest: { size: number; stays: Shown; members: Shown[] }[]
  /** Near-duplicates that went, each beside the one that stays for it: a random sample. */
  went: Pair[]
  /** Documents that stayed, each beside the one it was most like: nearest to the threshold. */
  stayed: Pair[]
}

interface Shown {
  id: unknown
  source: string
  chars: number
  text: string
}

/** A line of rejects/. */
export interface Reject {
  id: unknown
  text?: string
  raw?: string
  kopipe: { of?: Place; value?: number; against?: Met }
}

type Files = Awaited<ReturnType<CleanArtifact['files']>>
type Begin = (text: string) => { chars: number; text: string }

export async function clustersOf(
  artifact: CleanArtifact,
  duplicates: Files,
  rejects: Files,
  { begin, bounds }: { begin: Begin; bounds: Bounds },
): Promise<ClusterEvidence> {
  const looked = new Set(duplicates.map(({ part }) => part))
  const isHere = (place: Place) => place.artifact === undefined && looked.has(place.unit)
  const counts = new Map<number, { clusters: number; docs: number }>()
  const largest = new Best<Compared>(CLUSTERS)
  const different = new Best<Compared & { of: Place; score: number }>(PAIRS)
  for (const { file } of duplicates) {
    for await (const line of comparedIn(artifact, file, bounds)) {
      const { rule, size, unit, ordinal, of, score } = line
      // One that stays though it was like another may stand for others, too.
      if (rule === 'kept' || (rule === 'different' && size > 1)) {
        const bin = SIZES.findLast((from) => from <= size) ?? 1
        const { clusters, docs } = counts.get(bin) ?? { clusters: 0, docs: 0 }
        counts.set(bin, { clusters: clusters + 1, docs: docs + size })
        largest.add([-size, unit, ordinal], line)
      }
      if (rule === 'different' && of && score !== undefined && isHere(of)) {
        different.add([-score, unit, ordinal], { ...line, of, score })
      }
    }
  }
  const clusters = largest.items()
  const members = await membersOf(artifact, duplicates, clusters, isHere, bounds)
  const went = await nearAmong(artifact, rejects, isHere, bounds)
  const places = [
    ...clusters.flatMap((cluster) => [cluster, ...(members.get(keyOf(cluster)) ?? [])]),
    ...went.map(({ of }) => of),
    ...different.items().flatMap(({ unit, ordinal, of }) => [{ unit, ordinal }, of]),
  ].map(({ unit, ordinal }) => ({ unit, ordinal }))
  const at = await documentsAt(artifact, places, bounds)
  const shown = (place: Place): Shown[] => {
    const document = at({ unit: place.unit, ordinal: place.ordinal })
    return document ? [{ id: document.id, source: document.source, ...begin(document.text) }] : []
  }
  const alone = duplicates.length === 0 ? 0 : singles(artifact, duplicates, counts)
  return {
    sizes: SIZES.map((from) => ({
      from,
      ...(from === 1 ? { clusters: alone, docs: alone } : (counts.get(from) ?? { clusters: 0, docs: 0 })),
    })),
    largest: clusters.flatMap((cluster) => {
      const [stays] = shown(cluster)
      return stays ? [{ size: cluster.size, stays, members: (members.get(keyOf(cluster)) ?? []).flatMap(shown) }] : []
    }),
    went: went.flatMap(({ of, text, ...pair }) => {
      const other = at(of)
      return other ? [{ ...pair, other: other.id, pieces: differing(other.text, text) }] : []
    }),
    stayed: different.items().flatMap(({ unit, ordinal, of, score }) => {
      const [own, other] = [at({ unit, ordinal }), at(of)]
      return own && other ? [{ id: own.id, source: own.source, score, other: other.id, pieces: differing(other.text, own.text) }] : []
    }),
  }
}

const keyOf = ({ unit, ordinal }: Place) => `${unit}:${ordinal}`

/** Those like no other: what the first pass kept of these parts, less what is in a cluster. */
function singles(artifact: CleanArtifact, files: Files, counts: Map<number, { docs: number }>): number {
  const entered = artifact.funnel.total.find(({ stage }) => stage === 'deduplicate')?.docs ?? 0
  const all = artifact.inputs.length
  const clustered = [...counts.values()].reduce((sum, { docs }) => sum + docs, 0)
  const read = (units: Files) => units.reduce((sum, { unit }) => sum + total(unit.ledger).read.docs, 0)
  const share = all === 0 || total(artifact.ledger).read.docs === 0 ? 1 : read(files) / total(artifact.ledger).read.docs
  return Math.max(0, Math.round(entered * share) - clustered)
}

async function membersOf(
  artifact: CleanArtifact,
  files: Files,
  clusters: readonly Compared[],
  isHere: (place: Place) => boolean,
  bounds: Bounds,
): Promise<Map<string, Place[]>> {
  const members = new Map(clusters.map((cluster): [string, Place[]] => [keyOf(cluster), []]))
  for (const { file } of clusters.length > 0 ? files : []) {
    for await (const { rule, cluster, unit, ordinal } of comparedIn(artifact, file, bounds)) {
      if (rule === 'kept' || rule === 'different' || !isHere(cluster)) continue
      const found = members.get(keyOf(cluster))
      if (found && found.length < MEMBERS) found.push({ unit, ordinal })
    }
  }
  return members
}

interface Near {
  id: unknown
  source: string
  score?: number
  of: Place
  text: string
}

/** Near-duplicates that went, whose other document can be read. */
async function nearAmong(artifact: CleanArtifact, files: Files, isHere: (place: Place) => boolean, bounds: Bounds): Promise<Near[]> {
  const chosen = new Best<Near>(PAIRS)
  if (!total(artifact.ledger).dropped['near-duplicate']) return []
  for (const { part, unit, file } of files) {
    for await (const batch of artifact.batches(file, bounds)) {
      for (const { ordinal, source } of JSON.parse(await batch.rejected('near-duplicate')) as { ordinal: number; source: string }[]) {
        const at = [scattered(2, part, ordinal)]
        if (!chosen.takes(at)) continue
        const { id, text = '', kopipe } = JSON.parse(batch.line(ordinal, part) ?? '{}') as Reject
        const { of, value } = kopipe
        if (!of || !isHere(of)) continue
        const from = source === sourceOf(file.path) ? sourceOf(unit.file) : source
        chosen.add(at, { id, source: from, ...(typeof value === 'number' && { score: value }), of, text })
      }
    }
  }
  return chosen.items()
}

/** Both texts as one, with what only one of them has; what they share is cut to what stands around a difference. */
function differing(other: string, text: string): Pair['pieces'] {
  const parts = diffWordsWithSpace(other.trim().slice(0, COMPARED), text.trim().slice(0, COMPARED), { timeout: 200 })
  if (!parts) return [{ text: text.slice(0, SHOWN), of: 'this' }]
  let left = SHOWN
  return parts.flatMap(({ value, added, removed }): Pair['pieces'] => {
    const characters = [...value]
    const isCut = !added && !removed && characters.length > 2 * AROUND + 8
    const around = isCut ? `${characters.slice(0, AROUND).join('')} … ${characters.slice(-AROUND).join('')}` : value
    const shown = [...around].slice(0, Math.max(0, left)).join('')
    left -= [...around].length
    return shown === '' ? [] : [{ text: shown, of: added ? 'this' : removed ? 'other' : 'both' }]
  })
}
