/** A stream of a plan as batches: one is in flight, and the file is closed when the consumer stops early. */

import type { Stream } from '../core/units.ts'
import { type Batch, native } from './index.ts'

export interface ReadSettings {
  unitSize: number
  /** Bytes of raw records a batch holds. */
  batchSize: number
  /** Texts longer than this are dropped; raw records much longer are not even held. */
  maxDocument: number
}

/**
 * The batches of a stream in input order. `from` enters it later than at its first unit: at a unit's boundary or at
 * the exact start of a record. What cannot be decoded is told by the last batch.
 */
export async function* readBatches(
  stream: Stream,
  settings: ReadSettings,
  from = stream.firstUnit * settings.unitSize,
): AsyncGenerator<Batch> {
  const reader = new native.DocumentReader(stream.file.path, {
    start: from,
    ...(stream.endUnit !== undefined && { end: stream.endUnit * settings.unitSize }),
    unitSize: settings.unitSize,
    batchSize: settings.batchSize,
    // JSON may write a text at twice its length (`\uXXXX`), and a record has more than a text.
    maxRecord: 2 * settings.maxDocument + 2 ** 20,
  })
  try {
    for (let batch = await reader.next(); batch; batch = await reader.next()) yield batch
  } finally {
    reader.close()
  }
}
