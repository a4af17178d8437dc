/**
 * How often each token stands in a dataset, by source: counted while documents are packed, a file a part, so that `stats` has no
 * token to read. Shards that are copied keep the files of their datasets, whose documents they are.
 */

import { join } from 'node:path'
import type { Artifact } from '../../core/artifact.ts'
import type { CountsFile, Dataset } from '../../core/dataset.ts'
import { KopipeError } from '../../core/errors.ts'
import { io, native, type TokenCounts } from '../../native/index.ts'
import type { PackedArtifact } from './packed.ts'
import type { Written } from './part.ts'

const FOLDER = 'statistics'

/** What the counts of a part hold at the most: 64 sources and what is left, of each 8 bytes a token of the vocabulary. */
export const countsMemory = (vocabulary: number) => 65 * 8 * vocabulary

export const countsPath = (name: string) => `${FOLDER}/${name}.tokens`

/** The files of parts. */
export function countsOf(parts: readonly Pick<Written, 'files'>[]): CountsFile[] {
  const files = parts.flatMap(({ files }) => Object.entries(files))
  return files.filter(([path]) => path.startsWith(`${FOLDER}/`)).map(([path, sealed]) => ({ path, ...sealed }))
}

/** Gives the files of other datasets a second name in this one; nothing where one of them has none. */
export async function takeCounts(artifact: Artifact, from: readonly PackedArtifact[]): Promise<CountsFile[] | undefined> {
  const files = from.flatMap(({ folder, dataset }) => (dataset.tokenCounts ?? []).map((file) => ({ ...file, folder })))
  if (from.some(({ dataset }) => dataset.tokenCounts === undefined)) return undefined
  await io.createFolder(artifact.path(FOLDER))
  const taken: CountsFile[] = []
  for (const [number, { folder, path, ...sealed }] of files.entries()) {
    const own = countsPath(`from-${String(number).padStart(5, '0')}`)
    await io.linkFile(join(folder, path), artifact.path(own))
    taken.push({ path: own, ...sealed })
  }
  return taken
}

/** What the files of a dataset say together; nothing where it has none. Refused where they are not what dataset.json says. */
export async function readCounts(folder: string, dataset: Dataset): Promise<TokenCounts | undefined> {
  if (!dataset.tokenCounts) return undefined
  const counts = new native.TokenCounts(dataset.tokenizer.vocabulary)
  for (const { path, bytes, digest } of dataset.tokenCounts) {
    const found = await counts.addFile(join(folder, path))
    if (found.bytes !== bytes || found.digest !== digest) {
      const what = `expected ${bytes} bytes, ${digest}, as dataset.json says, got ${found.bytes} bytes, ${found.digest}`
      throw new KopipeError('corrupt', `${join(folder, path)}: ${what}`, { path: join(folder, path) })
    }
  }
  const counted = sumOf([...counts.sources().map(({ occurrences }) => occurrences), ...[counts.others() ?? []].flat()])
  if (counted !== dataset.tokens) {
    const what = `${folder}: its files of token counts have ${counted} tokens, expected ${dataset.tokens}, as dataset.json says`
    throw new KopipeError('corrupt', what, { path: join(folder, 'dataset.json') })
  }
  return counts
}

function sumOf(tables: readonly Float64Array[]): number {
  return tables.reduce((sum, table) => sum + table.reduce((own, count) => own + count, 0), 0)
}
