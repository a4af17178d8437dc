/** A stream of a plan as batches: one is in flight, and the file is closed when the consumer stops early. */

import { KopipeError } from '../core/errors.ts'
import { checkUnchanged, type InputFile } from '../core/input-file.ts'
import { leastSize, sizeFlag } from '../core/sizes.ts'
import type { Stream } from '../core/units.ts'
import { type Batch, native, type RecordKeys } from './index.ts'

export interface ReadSettings {
  unitSize: number
  /** Bytes of raw records a batch holds. */
  batchSize: number
  /** Texts longer than this are dropped; raw records much longer are not even held. */
  maxDocument: number
  /** What a document is in a file of plain text. */
  plainText: PlainText
}

export type PlainText = 'file' | 'paragraph' | 'line'

/** What the options of a command say of reading and of records. */
export function reading(options: ReadingOptions): Omit<ReadSettings, 'unitSize'> & { keys: RecordKeys } {
  const { textKey: text, idKey: id, sourceKey: source, metadataKey, maxDocument, documentPer: plainText } = options
  const keys = { text, id, source, maxDocument, ...(metadataKey.length > 0 && { metadata: metadataKey }) }
  return { batchSize: batchSize(options), maxDocument, plainText, keys }
}

export interface ReadingOptions {
  textKey: string
  idKey: string
  sourceKey: string
  metadataKey: string[]
  documentPer: PlainText
  maxDocument: number
  memory: number
  workers: number
}

/**
 * The batches of a stream in input order. `from` enters it at the exact start of a record. What cannot be decoded is
 * told by the last batch of its unit.
 */
export async function* readBatches(
  stream: Stream,
  settings: ReadSettings,
  from?: { position: number; ordinal: number },
): AsyncGenerator<Batch> {
  const reader = new native.DocumentReader(stream.file.path, {
    unit: stream.firstUnit,
    ...(stream.file.source !== undefined && { source: stream.file.source }),
    ...from,
    ...(stream.endUnit !== undefined && { endUnit: stream.endUnit }),
    ...(stream.entry && { entry: stream.entry }),
    unitSize: settings.unitSize,
    batchSize: settings.batchSize,
    plainText: settings.plainText,
    // JSON may write a text at twice its length (`\uXXXX`), and a record has more than a text.
    maxRecord: 2 * settings.maxDocument + 2 ** 20,
  })
  try {
    for (let batch = await reader.next(); batch; batch = await reader.next()) yield batch
  } finally {
    reader.close()
  }
}

/** A place in the inputs: the number of a file, a byte of its decoded stream at which a record begins, and its ordinal. */
export interface Place {
  file: number
  position: number
  ordinal: number
}

export interface ReadBatch {
  batch: Batch
  file: number
  /** Bytes of the file that were read for it, compressed ones where it is compressed. */
  fileBytes: number
}

/**
 * All batches of all files, one after another in input order, from a place on. A file is one unit, so that ordinals
 * count its records. Each file must stay as it was planned.
 */
export async function* readFiles(
  files: readonly InputFile[],
  settings: Omit<ReadSettings, 'unitSize'>,
  from: Place = { file: 0, position: 0, ordinal: 0 },
): AsyncGenerator<ReadBatch> {
  for (const [number, file] of files.entries()) {
    if (number < from.file) continue
    const stream = { file, fileNumber: number, firstUnit: 0 }
    let before = 0
    const whole = { ...settings, unitSize: Number.MAX_SAFE_INTEGER }
    const entered = number === from.file && from.position > 0 ? { position: from.position, ordinal: from.ordinal } : undefined
    for await (const batch of readBatches(stream, whole, entered)) {
      yield { batch, file: number, fileBytes: batch.fileBytes - before }
      before = batch.fileBytes
    }
    checkUnchanged(file)
  }
}

/** A batch is 4 MiB, less where memory is short. */
export function batchSize({ memory, workers }: { memory: number; workers: number }): number {
  return Math.max(2 ** 18, Math.min(2 ** 22, Math.floor(memory / 64 / (workers + 1))))
}

/** What a command takes whatever it does: one large document, and what each worker holds. */
export function leastMemory({ maxDocument }: { maxDocument: number }): number {
  return 150e6 + 8 * maxDocument
}

/** Refuses a bound that one large document, or what each worker holds, could break. */
export function checkMemory({ memory, maxDocument }: { memory: number; maxDocument: number }, held = 0): void {
  const needed = leastMemory({ maxDocument }) + held
  if (memory < needed) {
    const given = `--memory ${sizeFlag(memory)} is too small for --max-document ${sizeFlag(maxDocument)}`
    throw new KopipeError('usage', `${given}: at least ${leastSize(needed)} is needed`, {
      hint: 'Raise --memory or lower --max-document.',
    })
  }
}

/** Where compressed input could not be decoded on: `offset` decoded bytes came before. */
export interface Damaged {
  path: string
  offset: number
  what: string
}
