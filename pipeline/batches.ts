/** All batches of some files, parsed: looked at side by side, used in input order, with progress. */

import PQueue from 'p-queue'
import { interrupted } from '../core/errors.ts'
import { inOrder } from '../core/flow.ts'
import type { InputFile } from '../core/input-file.ts'
import { type Ledger, total } from '../core/ledger.ts'
import type { Session } from '../core/progress.ts'
import { type Damaged, type ReadingOptions, readFiles, reading } from '../native/documents.ts'
import type { Batch } from '../native/index.ts'

interface Batches {
  /** Of the progress. */
  stage: string
  /** Side by side, once a batch is parsed. */
  look?(batch: Batch): Promise<void>
  /** In input order; `ledger` is the batch's, `file` the number of its file. The batch is closed behind it. */
  use(batch: Batch, ledger: Ledger, file: number): Promise<void> | void
}

/** Gives what could not be decoded. An interruption ends it: nothing of it is kept. */
export async function eachBatch(
  files: readonly InputFile[],
  { stage, look, use }: Batches,
  options: ReadingOptions,
  { progress, signal }: Session,
): Promise<Damaged[]> {
  const { keys, ...settings } = reading(options)
  const damaged: Damaged[] = []
  progress.stage(
    stage,
    files.reduce((sum, { bytes }) => sum + bytes, 0),
  )
  const batches = inOrder(
    readFiles([...files], settings),
    new PQueue({ concurrency: options.workers }),
    async ({ batch }) => {
      await batch.parse(keys)
      await look?.(batch)
    },
    { items: 2 * options.workers, bytes: options.memory / 16 },
    ({ batch }) => batch.weight,
  )
  for await (const { batch, file, fileBytes } of batches) {
    if (signal.aborted) throw interrupted('nothing was written')
    const ledger = JSON.parse(batch.counts()) as Ledger
    await use(batch, ledger, file)
    if (batch.damage) damaged.push({ path: files[file]?.path ?? '', ...batch.damage })
    const { read } = total(ledger)
    batch.close()
    progress.advance({ of: fileBytes, docs: read.docs, bytes: read.bytes })
  }
  return damaged
}
