/**
 * Documents that are tokens already → parts of another artifact, in the order of the sources. Tokens are copied as they are:
 * a batch of 16 MiB is read and checked on a worker while the one before is written, 1.5 GB/s from and to the page cache.
 *
 * A part is sealed by a record that says where the next one begins, so a run that was killed goes on from there.
 */

import PQueue from 'p-queue'
import type { Artifact } from '../../core/artifact.ts'
import { interrupted, KopipeError } from '../../core/errors.ts'
import { inOrder } from '../../core/flow.ts'
import type { Session } from '../../core/progress.ts'
import { leastSize, sizeFlag } from '../../core/sizes.ts'
import { type EncodedBatch, native, type ShardOrigin, type Tokenizer } from '../../native/index.ts'
import { PartWriter, type Written } from './part.ts'
import { sealedParts } from './sealed.ts'
import { inOrderOf, type Shares } from './shares.ts'

/** Bytes of tokens in a batch, where there is memory for it. */
const BATCH = 2 ** 24

/** What copying takes whatever it does. */
const LEAST = 150e6

/** Documents to copy: those of a shard, or of runs that are merged. */
export interface Source {
  /** Bytes of tokens that it holds, as far as that is known. */
  bytes: number
  /** Opens it at a document. */
  open(document: number): Promise<Documents>
}

export interface Documents {
  /** The next ones, of about as many bytes of tokens; null at the end. */
  next(bytes: number): Promise<EncodedBatch | null>
  close(): void
}

/** A shard to copy. */
export interface Origin extends Omit<ShardOrigin, 'from'> {
  /** Of its `.bin`. */
  bytes: number
}

/** The documents of a shard, with the split of each decided where there are shares. */
export function shardSource(origin: Origin, tokenizer: Tokenizer, shares?: Shares): Source {
  return {
    bytes: origin.bytes,
    open: async (from) => {
      const source = await native.ShardSource.open(tokenizer, { ...origin, from })
      return { next: (bytes) => source.next(bytes, shares && inOrderOf(shares)), close: () => source.close() }
    },
  }
}

/** A document of a source: which one is next. */
export interface At {
  source: number
  document: number
}

export interface CopiedPart extends Written {
  /** Nothing: this was the last. */
  next: At | null
}

export interface CopyPlan {
  /** What the user is told is going on. */
  stage: string
  sources: readonly Source[]
  /** Name of a part by its number. */
  name: (part: number) => string
  tokenizer: Tokenizer
  shardSize: number
  shares?: Shares | undefined
  workers: number
  memory: number
  /** Called when all of a source stands in sealed parts. */
  passed?: (source: number) => Promise<void>
}

/** Goes on behind the last sealed part; gives the records of all. No documents, no parts. */
export async function copyShards(artifact: Artifact, plan: CopyPlan, { progress, signal }: Session): Promise<CopiedPart[]> {
  const { sources, name, workers, memory } = plan
  if (memory < LEAST) throw new KopipeError('usage', `--memory ${sizeFlag(memory)} is too small: at least ${leastSize(LEAST)} is needed`)
  const parts = await sealedParts<CopiedPart>(artifact, name)
  const from = parts.length === 0 ? { source: 0, document: 0 } : parts.at(-1)?.next
  if (!from || sources.length === 0) return parts
  let passed = 0
  await passTo(from.source)
  progress.stage(plan.stage, bytesOf(sources) - bytesOf(parts.flatMap(({ files }) => binsOf(files))))
  const batches = inOrder(
    readSources(plan, from),
    new PQueue({ concurrency: workers }),
    async () => {},
    { items: 1 + workers, bytes: memory / 8 },
    ({ batch }) => batch.weight,
  )
  let part = openPart()
  try {
    for await (const { batch, source, document } of batches) {
      if (signal.aborted) throw interrupted('finished shards are sealed')
      for (let first = 0; first < batch.records; ) {
        const end = await part.append(batch, first)
        if (end < batch.records) {
          await seal({ source, document: document + end })
          part = openPart()
        }
        first = end
      }
      progress.advance({ of: batch.weight, docs: batch.records, bytes: batch.weight })
      batch.close()
    }
    if (part.documents > 0) await seal(null)
    await passTo(sources.length)
  } finally {
    part.close()
  }
  return parts

  function openPart(): PartWriter {
    return new PartWriter(artifact, { ...plan, name: name(parts.length) })
  }

  async function seal(next: At | null): Promise<void> {
    const record: CopiedPart = { ...(await part.seal()), next }
    await artifact.seal(artifact.path('parts', `${name(parts.length)}.done.json`), record)
    parts.push(record)
    if (next) await passTo(next.source)
  }

  async function passTo(source: number): Promise<void> {
    for (; passed < source; passed++) await plan.passed?.(passed)
  }
}

const bytesOf = (files: readonly { bytes: number }[]) => files.reduce((sum, { bytes }) => sum + bytes, 0)
const binsOf = (files: Written['files']) => Object.entries(files).flatMap(([path, file]) => (path.endsWith('.bin') ? [file] : []))

interface Read {
  batch: EncodedBatch
  source: number
  /** Number of the batch's first document in its source. */
  document: number
}

async function* readSources({ sources, memory }: CopyPlan, from: At): AsyncGenerator<Read> {
  const bytes = Math.min(BATCH, Math.floor(memory / 64))
  for (const [number, source] of sources.entries()) {
    if (number < from.source) continue
    let document = number === from.source ? from.document : 0
    const documents = await source.open(document)
    try {
      for (let batch = await documents.next(bytes); batch; batch = await documents.next(bytes)) {
        yield { batch, source: number, document }
        document += batch.records
      }
    } finally {
      documents.close()
    }
  }
}
