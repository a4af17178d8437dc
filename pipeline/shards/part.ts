/**
 * A part of a packed artifact under construction: one shard. With shares there are several splits, and the shard is of the
 * largest: when it is full, the part ends. What belongs to the other splits meanwhile stands in pieces in `scratch/`, which
 * become shards at the end (`pieces.ts`). So a part is sealed as a whole, whatever the splits, and a run that was killed
 * goes on behind it.
 */

import type { Artifact } from '../../core/artifact.ts'
import { SPLITS, type Split } from '../../core/dataset.ts'
import {
  type EncodedBatch,
  native,
  type SealedFile,
  type ShardWriter,
  type SourceTally,
  type TokenCounts,
  type Tokenizer,
} from '../../native/index.ts'
import { countsPath } from './counts.ts'
import { largestOf, type Shares } from './shares.ts'
import { sumSources } from './sources.ts'

export interface Tally {
  documents: number
  tokens: number
}

/** What a part wrote. */
export interface Written extends Tally {
  /** Length and xxh3-128 of each file of the part, by its path in the artifact. */
  files: Record<string, SealedFile>
  /** What of each source is in it; nothing where that is not known. */
  sources: SourceTally[]
  /** Of each split that has documents. */
  splits?: Partial<Record<Split, Tally>>
}

/** What documents are appended to until it is full. */
export interface Writer {
  /** Documents so far. */
  readonly documents: number
  /** Appends the documents of a batch from `first` on; gives the first that did not fit. */
  append(batch: EncodedBatch, first: number): Promise<number>
  seal(): Promise<Written>
  /** Removes what was not sealed. */
  close(): void
}

export interface PartPlan {
  /** Name of the part and of its shard: its number, behind its split where it is of one. */
  name: string
  tokenizer: Tokenizer
  shardSize: number
  shares?: Shares | undefined
}

/** Where a shard stands, or the piece of one. */
export const shardPath = (name: string) => `shards/${name}`
export const piecePath = (name: string, split: Split) => `scratch/${name}-${split}`
export const splitName = (split: Split, name: string) => `${split}-${name}`

interface Target {
  split: Split | undefined
  path: string
  writer: ShardWriter
}

export class PartWriter implements Writer {
  readonly #artifact: Artifact
  readonly #name: string
  readonly #leading: Target
  readonly #others: Target[]
  readonly #counts: TokenCounts

  constructor(artifact: Artifact, { name, tokenizer, shardSize, shares }: PartPlan) {
    this.#artifact = artifact
    this.#name = name
    this.#counts = new native.TokenCounts(tokenizer.vocabularySize)
    const target = (split: Split | undefined, path: string, limit: number) => ({
      split,
      path,
      writer: native.ShardWriter.create(artifact.path(path), tokenizer, limit),
    })
    const leading = shares && largestOf(shares)
    this.#leading = target(leading, shardPath(leading ? splitName(leading, name) : name), shardSize)
    const others = SPLITS.filter((split) => shares && shares[split] > 0 && split !== leading)
    this.#others = others.map((split) => target(split, piecePath(name, split), Number.MAX_SAFE_INTEGER))
  }

  get documents(): number {
    return this.#targets.reduce((sum, { writer }) => sum + writer.documents, 0)
  }

  async append(batch: EncodedBatch, first: number): Promise<number> {
    const end = await append(this.#leading, batch, first, batch.records)
    for (const other of this.#others) await append(other, batch, first, end)
    await this.#counts.add(batch, first, end)
    return end
  }

  async seal(): Promise<Written> {
    const written: Written = { documents: 0, tokens: 0, files: {}, sources: sumSources(this.#targets.map(({ writer }) => writer)) }
    for (const { split, path, writer } of this.#targets) {
      if (writer.documents === 0) {
        writer.close()
        continue
      }
      const { bin, idx, documents, tokens } = await writer.seal()
      written.documents += documents
      written.tokens += tokens
      Object.assign(written.files, { [`${path}.bin`]: bin, [`${path}.idx`]: idx })
      if (split) written.splits = { ...written.splits, [split]: { documents, tokens } }
    }
    const counts = await this.#counts.seal(this.#artifact.path(countsPath(this.#name)))
    if (counts) written.files[countsPath(this.#name)] = counts
    return written
  }

  close(): void {
    for (const { writer } of this.#targets) writer.close()
  }

  get #targets(): Target[] {
    return [this.#leading, ...this.#others]
  }
}

function append({ split, writer }: Target, batch: EncodedBatch, first: number, end: number): Promise<number> {
  return writer.append(batch, first, end, split && SPLITS.indexOf(split))
}
