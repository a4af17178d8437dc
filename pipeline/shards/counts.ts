/**
 * How often each token stands in a dataset, by source: counted while documents are packed, a file a part, so that `stats` has no
 * token to read. Shards that are copied keep the files of their datasets, whose documents they are.
 */

import { join } from 'node:path'
import type { Artifact } from '../../core/artifact.ts'
import type { CountsFile, Dataset } from '../../core/dataset.ts'
import { KopipeError } from '../../core/errors.ts'
import { io, native } from '../../native/index.ts'
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

/** Occurrences by id, each below 2^53. */
export interface Occurrences {
  all: Float64Array
  /** Nothing where there are so many that some share a table: what of that is whose is not known. */
  bySource?: ReadonlyMap<string, Float64Array>
}

/** What the files of a dataset say together; nothing where it has none. Refused where they are not what dataset.json says. */
export async function readCounts(folder: string, dataset: Dataset): Promise<Occurrences | undefined> {
  if (!dataset.tokenCounts) return undefined
  const counts = new native.TokenCounts(dataset.tokenizer.vocabulary)
  for (const { path, bytes, digest } of dataset.tokenCounts) {
    const found = await counts.addFile(join(folder, path))
    if (found.bytes !== bytes || found.digest !== digest) {
      const what = `expected ${bytes} bytes, ${digest}, as dataset.json says, got ${found.bytes} bytes, ${found.digest}`
      throw new KopipeError('corrupt', `${join(folder, path)}: ${what}`, { path: join(folder, path) })
    }
  }
  const [sources, others] = [counts.sources(), counts.others()]
  const all = sumOf(dataset.tokenizer.vocabulary, [...sources.map(({ occurrences }) => occurrences), ...(others ? [others] : [])])
  const counted = all.reduce((sum, count) => sum + count, 0)
  if (counted !== dataset.tokens) {
    const what = `${folder}: its files of token counts have ${counted} tokens, expected ${dataset.tokens}, as dataset.json says`
    throw new KopipeError('corrupt', what, { path: join(folder, 'dataset.json') })
  }
  return { all, ...(!others && { bySource: new Map(sources.map(({ source, occurrences }) => [source, occurrences])) }) }
}

function sumOf(vocabulary: number, tables: readonly Float64Array[]): Float64Array {
  const sum = new Float64Array(vocabulary)
  for (const table of tables) for (const [id, count] of table.entries()) sum[id] = (sum[id] as number) + count
  return sum
}
