/** A part of a packed artifact whose documents stand in another order: a run in scratch, sorted, to be merged (`arrange.ts`). */

import type { Artifact } from '../../core/artifact.ts'
import { type DocumentOrder, type EncodedBatch, native, type RunWriter, type Tokenizer } from '../../native/index.ts'
import type { Writer, Written } from './part.ts'

/** Bytes of a run's files, where shards are not smaller. */
const RUN = 2 ** 28
const runSize = (shardSize: number) => Math.min(RUN, shardSize)

/** What a run holds at the most: its tokens, and places, which are more than they where documents are very short. */
export const runMemory = (shardSize: number) => 1.5 * runSize(shardSize)

/** One of a run's files. */
export interface RunFile {
  path: string
  split: number
  file: number
}

export interface WrittenRun extends Written {
  pieces: RunFile[]
}

export interface RunPlan {
  name: string
  tokenizer: Tokenizer
  shardSize: number
  order: DocumentOrder
  /** Documents of the input before it. */
  ordinal: number
}

export class RunPart implements Writer {
  readonly #prefix: string
  readonly #writer: RunWriter

  constructor(artifact: Artifact, { name, tokenizer, shardSize, order, ordinal }: RunPlan) {
    this.#prefix = `scratch/${name}`
    this.#writer = native.RunWriter.create(artifact.path(this.#prefix), tokenizer, runSize(shardSize), order, ordinal)
  }

  get documents(): number {
    return this.#writer.documents
  }

  append(batch: EncodedBatch, first: number): Promise<number> {
    return this.#writer.append(batch, first, batch.records)
  }

  async seal(): Promise<WrittenRun> {
    const { files, documents, sources } = await this.#writer.seal()
    const pieces = files.map(({ split, file }) => ({ path: `${this.#prefix}-${split}-${file}`, split, file }))
    return {
      documents,
      tokens: sources.reduce((sum, { tokens }) => sum + tokens, 0),
      files: Object.fromEntries(files.map(({ sealed }, i) => [pieces[i]?.path, sealed])),
      sources,
      pieces,
    }
  }

  close(): void {
    this.#writer.close()
  }
}
