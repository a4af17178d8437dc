/** Pairs of documents that were compared: what stands in duplicates/, and the texts on both sides. */

import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import type { CleanArtifact, Place } from './artifact.ts'

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

const DECODERS: Record<string, () => NodeJS.ReadWriteStream> = { zst: createZstdDecompress, gz: createGunzip }

/** Every line of the part's duplicates. */
export async function* comparedIn(path: string): AsyncGenerator<Compared> {
  const decoder = DECODERS[path.slice(path.lastIndexOf('.') + 1)]
  const file = createReadStream(path)
  for await (const line of createInterface({ input: decoder ? file.pipe(decoder()) : file })) yield JSON.parse(line) as Compared
}

/** The documents of some places; those whose input is gone or has changed are missing. */
export async function documentsAt(
  artifact: CleanArtifact,
  places: readonly Place[],
  bounds: { workers: number; memory: number },
): Promise<(place: Place) => { id: unknown; source: string; text: string } | undefined> {
  const found = new Map<string, { id: unknown; source: string; text: string }>()
  for (const unit of new Set(places.map((place) => place.unit))) {
    const ordinals = new Set(places.filter((place) => place.unit === unit).map(({ ordinal }) => ordinal))
    for await (const { ordinal, ...document } of artifact.finished(unit, ordinals, bounds)) found.set(`${unit}:${ordinal}`, document)
  }
  return ({ unit, ordinal }) => found.get(`${unit}:${ordinal}`)
}
