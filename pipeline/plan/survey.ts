/**
 * How much text files hold, without reading them: what can be entered is cut at every megabyte, which tells how long it is
 * unpacked; of what cannot, the beginning is unpacked. Some megabytes everywhere tell how much of it is text.
 */

import { basename } from 'node:path'
import type { InputFile } from '../../core/input-file.ts'
import type { Ledger } from '../../core/ledger.ts'
import { total } from '../../core/ledger.ts'
import type { Volume } from '../../core/plan.ts'
import { planStreams, type Stream } from '../../core/units.ts'
import { type ReadingOptions, readBatches, reading } from '../../native/documents.ts'
import { native } from '../../native/index.ts'
import { spread } from '../spread.ts'

const UNIT = 1e6
/** Files with columns are cut at their row groups or record batches, whatever these hold. */
const COLUMNS = /\.(parquet|arrow)/
/** Files of fewer units are unpacked to be measured. */
const FEW = 8
/** Files that are looked at, and their bytes, as compressed ones are walked through; what others hold follows from those of their kind. */
const LOOKED_AT = { files: 64, bytes: 2e9 }
/** Places that are read. */
const READ = 12
/** Of a file that cannot be entered or is small, so much of what it unpacks to is read. */
const BEGINNING = 24e6

export interface Surveyed {
  file: InputFile
  /** Bytes of records that it unpacks to, about. */
  decoded: number
  /** Whether it can be entered within. */
  entered: boolean
  /** The least that can be read of it there: a row group, where it has columns. */
  grain: number
}

export interface Survey {
  files: Surveyed[]
  volume: Volume
}

interface Looked extends Surveyed {
  kind: string
  bytes: number
  streams: Stream[]
}

export async function survey(files: readonly InputFile[], options: ReadingOptions): Promise<Survey> {
  const looked = new Map<InputFile, Looked>()
  let bytes = 0
  for (const file of spread(files, LOOKED_AT.files)) {
    if (bytes > LOOKED_AT.bytes) break
    bytes += file.bytes
    looked.set(file, await lookAt(file, options))
  }
  const seen = [...looked.values()]
  const surveyed = files.map((file): Surveyed => {
    const found = looked.get(file)
    if (found) return found
    const alike = seen.filter(({ kind }) => kind === kindOf(file.path))
    const like = alike.length > 0 ? alike : seen
    const sum = (of: (one: Looked) => number) => like.reduce((sum, one) => sum + of(one), 0)
    const decoded =
      (file.bytes * sum((one) => one.decoded)) /
      Math.max(
        1,
        sum((one) => one.bytes),
      )
    return { file, decoded, entered: like.some(({ entered }) => entered), grain: Math.max(...like.map(({ grain }) => grain)) }
  })
  const decoded = surveyed.reduce((sum, file) => sum + file.decoded, 0)
  const streams = seen.flatMap(({ streams }) => streams)
  const places = await read(streams, options)
  return {
    files: surveyed,
    volume: { text: (decoded * places.text) / places.bytes, documents: (decoded * places.documents) / places.bytes },
  }
}

async function lookAt(file: InputFile, options: ReadingOptions): Promise<Looked> {
  const cut = await native.planFile(file.path, UNIT, options.documentPer)
  const units = cut.units ?? 0
  const kind = kindOf(file.path)
  const isCutEvenly = units > FEW && !COLUMNS.test(kind)
  const decoded = isCutEvenly ? (units - 0.5) * UNIT : await unpacked(file, options)
  const grain = COLUMNS.test(kind) && units > 0 ? decoded / units : UNIT
  return { file, kind, bytes: file.bytes, decoded, entered: units > 1, grain, streams: planStreams([file], [cut]) }
}

/** What follows the first dot of a name: how it is packed, and what is in it. */
function kindOf(path: string): string {
  return basename(path).replace(/^[^.]*/, '')
}

/** What a file unpacks to, by its beginning. */
async function unpacked(file: InputFile, options: ReadingOptions): Promise<number> {
  let [decoded, bytes] = [0, 0]
  for await (const batch of readBatches({ file, fileNumber: 0, firstUnit: 0, endUnit: 1 }, { ...reading(options), unitSize: BEGINNING })) {
    decoded += batch.weight
    bytes = batch.fileBytes
    batch.close()
  }
  return bytes === 0 ? 0 : decoded * Math.max(1, file.bytes / bytes)
}

async function read(streams: readonly Stream[], options: ReadingOptions): Promise<Volume & { bytes: number }> {
  const { keys, ...settings } = reading(options)
  const sum = { text: 0, documents: 0, bytes: 0 }
  for (const stream of spread(streams, READ)) {
    for await (const batch of readBatches({ ...stream, endUnit: stream.firstUnit + 1 }, { ...settings, unitSize: UNIT })) {
      await batch.parse(keys)
      const counts = total(JSON.parse(batch.counts()) as Ledger)
      sum.text += counts.read.bytes
      sum.documents += counts.read.docs
      sum.bytes += batch.weight
      batch.close()
    }
  }
  return { ...sum, bytes: Math.max(1, sum.bytes) }
}
