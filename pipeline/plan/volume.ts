/** How much a run reads: of files as they are surveyed or as a manifest counts them, of a manifest without files as it is published. */

import { KopipeError } from '../../core/errors.ts'
import { isManifestFile } from '../../core/inputs.ts'
import { type Manifest, readManifest } from '../../core/manifest.ts'
import type { Volume } from '../../core/plan.ts'

export interface Published {
  path: string
  title: string
  text: number
  /** How many documents, where that is published. */
  documents?: number
  /** What the size is of. */
  of: 'before processing' | 'after processing'
}

/** Arguments that name data sets without files, and all others. */
export function parted(args: readonly string[]): { published: Published[]; inputs: string[] } {
  const [published, inputs]: [Published[], string[]] = [[], []]
  for (const arg of args) {
    const manifest = isManifestFile(arg) ? readManifest(arg).manifest : undefined
    if (manifest?.sources.every(({ files }) => files === undefined)) published.push(publishedOf(arg, manifest))
    else inputs.push(arg)
  }
  return { published, inputs }
}

function publishedOf(path: string, { title, bytes, documents, sources }: Manifest): Published {
  const sum = (of: (source: Manifest['sources'][number]) => number | undefined) =>
    sources.reduce((sum, source) => sum + (of(source) ?? 0), 0)
  const before = bytes?.before ?? sum((source) => source.bytes?.before)
  const after = bytes?.after ?? sum((source) => source.bytes?.after)
  const text = before || after
  if (text === 0) {
    throw new KopipeError('invalid', `${path}: no size is published: there is nothing to plan`, {
      path,
      hint: 'Give `bytes: { before: 1TB }`, of the whole or of each source.',
    })
  }
  const counted = documents ?? sum((source) => source.documents)
  return { path, title, text, ...(counted > 0 && { documents: counted }), of: before > 0 ? 'before processing' : 'after processing' }
}

/** What manifests count of their files; undefined where one of the inputs does not say. */
export function countedIn(inputs: readonly string[]): Volume | undefined {
  if (inputs.length === 0) return undefined
  const volume = { text: 0, documents: 0 }
  for (const input of inputs) {
    if (!isManifestFile(input)) return undefined
    for (const { text, documents } of readManifest(input).manifest.sources.flatMap(({ files = [] }) => files)) {
      if (text === undefined || documents === undefined) return undefined
      volume.text += text
      volume.documents += documents
    }
  }
  return volume
}
