/** What a packed folder says of itself, and where its files contradict each other: all but the shards' own bytes. */

import { join } from 'node:path'
import { Artifact, type ArtifactRecord } from '../../core/artifact.ts'
import { type Dataset, type PackedShard, readDataset } from '../../core/dataset.ts'
import { KopipeError } from '../../core/errors.ts'
import { io, native, type SealedFile, type TokenRules } from '../../native/index.ts'
import { readCounts } from './counts.ts'
import { endsInside } from './packed.ts'

/** Something that is not as it should be: where it is met first, and how often. */
export interface Fault {
  path: string
  /** Byte of the file. */
  offset?: number | undefined
  what: string
  count: number
}

export interface Findings {
  faults: Fault[]
  /** What dataset.json lists; where it cannot be read, what is in the folder. */
  shards: (PackedShard | { prefix: string })[]
  dtype?: string
  /** What its tokens are held against. */
  rules: TokenRules | undefined
}

export async function findings(folder: string): Promise<Findings> {
  const faults: Fault[] = []
  const told = async <T>(path: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof KopipeError) || error.kind === 'internal') throw error
      faults.push({ path: error.path ?? path, offset: error.offset, what: error.message, count: 1 })
      return undefined
    }
  }
  const artifact = await told(folder, () => Artifact.finished(folder, 'pack', io))
  const dataset = await told(join(folder, 'dataset.json'), () => readDataset(folder, io))
  const found = await prefixesIn(folder)
  if (!dataset) return { faults, shards: found.map((prefix) => ({ prefix })), rules: undefined }

  const tokenizer = join(folder, dataset.tokenizer.path)
  faults.push(...((await told(tokenizer, () => tokenizerFaults(tokenizer, dataset))) ?? []))
  faults.push(...sumFaults(folder, dataset, artifact?.record))
  await told(join(folder, 'dataset.json'), () => readCounts(folder, dataset))
  if (artifact) faults.push(...((await told(artifact.path('parts'), () => recordFaults(artifact, dataset))) ?? []))
  const listed = new Set(dataset.shards.map(({ prefix }) => prefix))
  for (const prefix of found.filter((prefix) => !listed.has(prefix))) {
    faults.push({ path: join(folder, prefix), what: 'dataset.json does not list this shard', count: 1 })
  }
  const rules = {
    vocabulary: dataset.tokenizer.vocabulary,
    end: dataset.endOfDocument.id,
    endsInside: artifact !== undefined && endsInside(artifact.record),
  }
  return { faults, shards: dataset.shards, dtype: dataset.dtype, rules }
}

async function prefixesIn(folder: string): Promise<string[]> {
  const names = (await io.listFolder(join(folder, 'shards'))).filter((name) => /\.(bin|idx)$/.test(name))
  return [...new Set(names.map((name) => `shards/${name.slice(0, -4)}`))]
}

async function tokenizerFaults(path: string, { tokenizer, endOfDocument, dtype }: Dataset): Promise<Fault[]> {
  const loaded = await native.loadTokenizer(path)
  const pairs: [string, unknown, unknown][] = [
    ['the xxh3-128', tokenizer.digest, loaded.digest],
    ['a vocabulary of', tokenizer.vocabulary, loaded.vocabularySize],
    [`${endOfDocument.text} to be token`, endOfDocument.id, loaded.special(endOfDocument.text)],
    ['tokens of type', dtype, native.tokenType(loaded)],
  ]
  return pairs.flatMap(([what, expected, came]) => (expected === came ? [] : [differs(path, what, expected, came)]))
}

/** Totals are sums, and kopipe.json has the same ones. */
function sumFaults(folder: string, { documents, tokens, shards }: Dataset, record: Readonly<ArtifactRecord> | undefined): Fault[] {
  const path = join(folder, 'dataset.json')
  const totals = record?.totals as Record<string, unknown> | undefined
  const pairs: [string, unknown, unknown][] = [
    ['the sum of its shards as documents,', shards.reduce((sum, shard) => sum + shard.documents, 0), documents],
    ['the sum of its shards as tokens,', shards.reduce((sum, shard) => sum + shard.tokens, 0), tokens],
    ...(totals
      ? ([
          ["kopipe.json's documents,", totals.documents, documents],
          ["kopipe.json's tokens,", totals.tokens, tokens],
          ["kopipe.json's number of shards,", totals.shards, shards.length],
        ] as [string, unknown, unknown][])
      : []),
  ]
  return pairs.flatMap(([what, expected, came]) => (expected === came ? [] : [differs(path, what, expected, came)]))
}

/** The records that sealed the shards, and dataset.json, say the same of them. */
async function recordFaults(artifact: Artifact, { shards }: Dataset): Promise<Fault[]> {
  const records = await artifact.sealed<{ files: Record<string, SealedFile> }>('parts')
  const sealed = new Map([...records.values()].flatMap(({ files }) => Object.entries(files)))
  const path = artifact.path('dataset.json')
  return shards.flatMap((shard) =>
    (['idx', 'bin'] as const).flatMap((extension) => {
      const [name, said] = [`${shard.prefix}.${extension}`, shard[extension]]
      const record = sealed.get(name)
      const [expected, came] = [record && `${record.bytes} bytes, ${record.digest}`, `${said.bytes} bytes, ${said.digest}`]
      return expected === came ? [] : [differs(path, `${name} as it was sealed,`, expected ?? 'in no record', came)]
    }),
  )
}

function differs(path: string, what: string, expected: unknown, came: unknown): Fault {
  return { path, what: `expected ${what} ${expected}, got ${came}`, count: 1 }
}
