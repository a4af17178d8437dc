/**
 * `pack verify`: holds packed datasets against everything that is promised of them, to the last byte, and tells all that is
 * wrong. Shards side by side, each read once; nothing of them is held.
 */

import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import PQueue from 'p-queue'
import { z } from 'zod'
import type { PackedShard } from '../../core/dataset.ts'
import { interrupted, KopipeError } from '../../core/errors.ts'
import { inOrder } from '../../core/flow.ts'
import { type Counts, noCounts } from '../../core/ledger.ts'
import { common } from '../../core/options.ts'
import type { Session } from '../../core/progress.ts'
import { native, type Tokenizer, type TokenRules, type VerifiedShard } from '../../native/index.ts'
import { endOf } from '../dataset.ts'
import { type Fault, findings } from './findings.ts'
import { placesOf } from './packed.ts'

export const verifyOptions = z.strictObject({
  tokenizer: z
    .string()
    .optional()
    .meta({ help: 'the tokenizer.json of bare shards; without, their tokens may be any', placeholder: 'FILE' }),
  parseSpecials: z.boolean().default(false).meta({ help: 'in bare shards, the end-of-document token may stand inside documents' }),
  workers: common.workers,
  quiet: common.quiet,
  json: common.json,
})

export type VerifyOptions = z.output<typeof verifyOptions>

export interface VerifySummary extends Counts {
  /** What was asked about, in order. */
  packed: string[]
  shards: number
  documents: number
  tokens: number
  /** Of `.bin` and `.idx`. */
  bytes: number
  faults: Fault[]
}

/** A shard to look at. */
interface Job {
  prefix: string
  rules: TokenRules | undefined
  /** What dataset.json says of it. */
  expected?: PackedShard & { dtype: string }
}

/** Bytes between two looks at the clock and at the interrupt. */
const STEP = 2 ** 26

export async function verify(paths: readonly string[], options: VerifyOptions, session: Session): Promise<VerifySummary> {
  native.startWorkers(options.workers)
  const { jobs, faults } = await plan(paths, options)
  const sizes = jobs.map(({ prefix }) => sizeOf(`${prefix}.bin`) + sizeOf(`${prefix}.idx`))
  const summary: VerifySummary = { ...noCounts(), packed: [...paths], shards: jobs.length, documents: 0, tokens: 0, bytes: 0, faults }
  session.progress.stage(
    'verifying',
    sizes.reduce((sum, bytes) => sum + bytes, 0),
  )
  const work = jobs.map((job) => ({ job, found: undefined as VerifiedShard | undefined }))
  const verified = inOrder(
    (async function* () {
      yield* work
    })(),
    new PQueue({ concurrency: options.workers }),
    async (item) => {
      item.found = await readWhole(item.job, session)
    },
    { items: 2 * options.workers, bytes: Number.POSITIVE_INFINITY },
  )
  for await (const { job, found } of verified) {
    if (!found) throw new KopipeError('internal', 'a shard came out of the queue unread')
    faults.push(...found.faults, ...differences(job, found))
    summary.documents += found.documents ?? 0
    summary.tokens += found.tokens ?? 0
    summary.bytes += (found.bin?.bytes ?? 0) + (found.idx?.bytes ?? 0)
  }
  const read = { docs: summary.documents, bytes: summary.bytes }
  return { ...summary, read, kept: read }
}

/** All shards there are to read, and what is wrong before one is. */
async function plan(
  paths: readonly string[],
  { tokenizer: path, parseSpecials }: VerifyOptions,
): Promise<{ jobs: Job[]; faults: Fault[] }> {
  const tokenizer = path === undefined ? undefined : { path, loaded: await native.loadTokenizer(path) }
  const bare = tokenizer && rulesOf(tokenizer.loaded, tokenizer.path, parseSpecials)
  const jobs: Job[] = []
  const faults: Fault[] = []
  for (const place of placesOf(paths)) {
    if ('prefix' in place) {
      jobs.push({ prefix: place.prefix, rules: bare })
      continue
    }
    const found = await findings(place.folder)
    faults.push(...found.faults)
    for (const shard of found.shards)
      jobs.push({ prefix: resolve(place.folder, shard.prefix), rules: found.rules, ...expectedOf(shard, found.dtype) })
  }
  return { jobs, faults }
}

function expectedOf(shard: PackedShard | { prefix: string }, dtype: string | undefined): Pick<Job, 'expected'> {
  return 'bin' in shard && dtype !== undefined ? { expected: { ...shard, dtype } } : {}
}

function rulesOf(tokenizer: Tokenizer, path: string, endsInside: boolean): TokenRules {
  return { vocabulary: tokenizer.vocabularySize, end: endOf(tokenizer, path).id, endsInside }
}

async function readWhole({ prefix, rules }: Job, { progress, signal }: Session): Promise<VerifiedShard> {
  const verifier = await native.ShardVerifier.open(prefix, rules)
  progress.advance({ of: sizeOf(`${prefix}.idx`), bytes: sizeOf(`${prefix}.idx`) })
  for (let read = await verifier.step(STEP); read > 0; read = await verifier.step(STEP)) {
    if (signal.aborted) throw interrupted('what is wrong is told when all is read')
    progress.advance({ of: read, bytes: read })
  }
  const found = await verifier.finish()
  progress.advance({ docs: found.documents ?? 0 })
  return found
}

/** How a shard differs from what dataset.json says of it. */
function differences({ prefix, expected }: Job, found: VerifiedShard): Fault[] {
  if (!expected) return []
  const faults: Fault[] = []
  for (const extension of ['idx', 'bin'] as const) {
    const [path, wanted, came] = [`${prefix}.${extension}`, expected[extension], found[extension]]
    const tell = (what: string) => faults.push({ path, what, count: 1 })
    if (came && came.bytes !== wanted.bytes) tell(`expected ${wanted.bytes} bytes, as dataset.json says, it has ${came.bytes}`)
    else if (came && came.digest !== wanted.digest)
      tell(`expected the xxh3-128 ${wanted.digest}, as dataset.json says, its bytes have ${came.digest}`)
  }
  for (const key of ['documents', 'tokens', 'dtype'] as const) {
    const came = found[key]
    if (came !== undefined && came !== expected[key]) {
      faults.push({ path: `${prefix}.idx`, what: `expected ${key} ${expected[key]}, as dataset.json says, it has ${came}`, count: 1 })
    }
  }
  if (found.sequences !== found.documents) {
    const what = `expected one sequence a document, it has ${found.sequences} sequences in ${found.documents} documents`
    faults.push({ path: `${prefix}.idx`, what, count: 1 })
  }
  return faults
}

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0
}
