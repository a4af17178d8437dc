/** PACKED: folders that `pack` wrote, and bare shards by their paths, with extension or without. */

import { Artifact, type ArtifactRecord } from '../../core/artifact.ts'
import { type BareShard, type Dataset, type DatasetPlace, placeOf, readDataset } from '../../core/dataset.ts'
import { KopipeError } from '../../core/errors.ts'
import { io, native, type Tokenizer } from '../../native/index.ts'
import { endOf } from '../dataset.ts'
import type { Shares } from './shares.ts'

/** A finished artifact of `pack`. */
export interface PackedArtifact {
  folder: string
  record: Readonly<ArtifactRecord>
  dataset: Dataset
}

export type Packed = PackedArtifact | BareShard

/** What paths name. `*` finds both files of a shard, which is one all the same. */
export function placesOf(paths: readonly string[]): DatasetPlace[] {
  const named = new Set<string>()
  return paths.flatMap((path): DatasetPlace[] => {
    const place = placeOf(path)
    if ('folder' in place) return [place]
    if (/\.(bin|idx)$/.test(path) && named.has(place.prefix)) return []
    named.add(place.prefix)
    return [place]
  })
}

export async function openPacked(paths: readonly string[]): Promise<Packed[]> {
  const packed: Packed[] = []
  for (const place of placesOf(paths)) packed.push('folder' in place ? await openArtifact(place.folder) : place)
  return packed
}

export async function openArtifact(folder: string): Promise<PackedArtifact> {
  const { record } = await Artifact.finished(folder, 'pack', io)
  return { folder, record, dataset: await readDataset(folder, io) }
}

/** Whether special strings in its documents were read as tokens, so that the end of a document may stand inside one. */
export function endsInside({ configuration }: ArtifactRecord): boolean {
  return configuration.parseSpecials === true
}

/** The shares by which it was split. */
export function sharesOf({ configuration }: ArtifactRecord): Shares | undefined {
  return configuration.split as Shares | undefined
}

/** Refuses a dataset whose tokens mean something else than this tokenizer's. */
export function refuseOther({ folder, dataset }: PackedArtifact, tokenizer: Tokenizer, path: string): void {
  const end = endOf(tokenizer, path)
  const { digest } = dataset.tokenizer
  if (digest !== tokenizer.digest) {
    throw new KopipeError('invalid', `${folder} was packed with another tokenizer: ${digest}, that of ${path} is ${tokenizer.digest}`, {
      path: folder,
      hint: 'Pack its documents with this tokenizer.json, or merge it apart.',
    })
  }
  const { endOfDocument, dtype } = dataset
  if (endOfDocument.text !== end.text || endOfDocument.id !== end.id) {
    const what = `${folder} ends its documents with ${endOfDocument.text} (${endOfDocument.id}), expected ${end.text} (${end.id})`
    throw new KopipeError('invalid', what, { path: folder })
  }
  const expected = native.tokenType(tokenizer)
  if (dtype !== expected) {
    throw new KopipeError('invalid', `${folder} holds tokens of type ${dtype}, expected ${expected}`, { path: folder })
  }
}
