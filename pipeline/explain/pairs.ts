/** Pairs of documents that were compared: what stands in duplicates/, and the texts on both sides. */

import type { InputFile } from '../../core/input-file.ts'
import { type Bounds, CleanArtifact, type Place } from './artifact.ts'

/** A line of duplicates/. */
export interface Compared extends Place {
  /** The document that stays in its place, or the most alike of those it was compared with; none for one that stands for a cluster. */
  of?: Place
  /** exact, jaccard, band: it goes; different: it stays; kept: others go for it. */
  rule: string
  score?: number
  cluster: Place
  /** Documents of the cluster. */
  size: number
  /** Of the text as it came. */
  bytes: number
}

/** Every line of a file of duplicates. */
export async function* comparedIn(artifact: CleanArtifact, file: InputFile, bounds: Bounds): AsyncGenerator<Compared> {
  // Node's zstd stream ends with the first frame; to kopipe's reader the rule is the text of a record.
  for await (const batch of artifact.batches(file, bounds, 'rule')) {
    for (let ordinal = batch.firstOrdinal; ordinal < batch.firstOrdinal + batch.records; ordinal++) {
      const { text, ...line } = JSON.parse(batch.line(ordinal, 0) ?? '{}') as Omit<Compared, 'rule'> & { text: string }
      yield { ...line, rule: text }
    }
  }
}

/**
 * The documents of some places, in this artifact or in earlier ones; those whose input is gone or has changed are missing,
 * and those of artifacts that are gone.
 */
export async function documentsAt(
  artifact: CleanArtifact,
  places: readonly Place[],
  bounds: Bounds,
): Promise<(place: Place) => { id: unknown; source: string; text: string } | undefined> {
  const found = new Map<string, { id: unknown; source: string; text: string }>()
  for (const folder of new Set(places.map((place) => place.artifact))) {
    const from = folder === undefined ? artifact : await CleanArtifact.open(folder).catch(() => undefined)
    const here = places.filter((place) => place.artifact === folder)
    for (const unit of from ? new Set(here.map((place) => place.unit)) : []) {
      const ordinals = new Set(here.filter((place) => place.unit === unit).map(({ ordinal }) => ordinal))
      for await (const { ordinal, ...document } of from?.finished(unit, ordinals, bounds) ?? []) {
        found.set(keyOf({ ...(folder !== undefined && { artifact: folder }), unit, ordinal }), document)
      }
    }
  }
  return (place) => found.get(keyOf(place))
}

const keyOf = ({ artifact = '', unit, ordinal }: Place) => `${unit}:${ordinal}:${artifact}`
