/**
 * How much text files hold, without reading them: what can be entered is cut at every megabyte, which tells how long it is
 * unpacked; of what cannot, the beginning is unpacked. Some megabytes everywhere tell how much of it is text.
 */

import { basename } from 'node:path'
import type { InputFile } from '../../core/inputs.ts'
import type { Ledger } from '../../core/ledger.ts'
import { total } from '../../core/ledger.ts'
import type { Volume } from '../../core/plan.ts'
import { planStreams, type Stream } from '../../core/units.ts'
import { readBatches, reading } from '../../native/documents.ts'
import { native } from '../../native/index.ts'

const UNIT = 1e6
/** Files of fewer units are unpacked to be measured. */
const FEW = 8
/** Files that are looked at, and their bytes, as compressed ones are walked through; what others hold follows from those of their kind. */
const LOOKED_AT = { files: 64, bytes: 2e9 }
/** Places that are read. */
const READ = 12
/** Of a file that cannot be entered or is small, so much of what it unpacks to is read. */
const BEGINNING = 24e6

type ReadingOptions = Parameters<typeof reading>[0]

export interface Surveyed {
  file: InputFile
  /** Bytes of what it unpacks to, about. */
  decoded: number
  /** Whether it can be entered within. */
  entered: boolean
}

export interface Survey {
  files: Surveyed[]
  volume: Volume
}

export async function survey(files: readonly InputFile[], options: ReadingOptions): Promise<Survey> {
  const looked = new Map<InputFile, { decoded: number; streams: Stream[] }>()
  let bytes = 0
  for (const file of spread(files, LOOKED_AT.files)) {
    if (bytes > LOOKED_AT.bytes) break
    bytes += file.bytes
    const cut = await native.planFile(file.path, UNIT, options.documentPer)
    const streams = planStreams([file], [cut])
    const decoded = (cut.units ?? 0) > FEW ? ((cut.units as number) - 0.5) * UNIT : await unpacked(file, options)
    looked.set(file, { decoded, streams })
  }
  const seen = [...looked].map(([file, { decoded, streams }]) => ({
    kind: kindOf(file.path),
    bytes: file.bytes,
    decoded,
    entered: streams.length > 1,
  }))
  const ratio = ratios(seen)
  const entered = new Set(seen.filter(({ entered }) => entered).map(({ kind }) => kind))
  const surveyed = files.map((file) => {
    const kind = kindOf(file.path)
    return { file, decoded: looked.get(file)?.decoded ?? file.bytes * ratio(kind), entered: entered.has(kind) }
  })
  const decoded = surveyed.reduce((sum, file) => sum + file.decoded, 0)
  const places = await read(
    [...looked.values()].flatMap(({ streams }) => streams),
    options,
  )
  return {
    files: surveyed,
    volume: { text: (decoded * places.text) / places.bytes, documents: (decoded * places.documents) / places.bytes },
  }
}

/** At the most so many, as far from each other as may be. */
export function spread<T>(all: readonly T[], most: number): T[] {
  const step = Math.max(1, all.length / most)
  return Array.from({ length: Math.min(all.length, most) }, (_, i) => all[Math.floor((i + 0.5) * step)] as T)
}

/** What follows the first dot of a name: how it is packed, and what is in it. */
function kindOf(path: string): string {
  return basename(path).replace(/^[^.]*/, '')
}

function ratios(files: readonly { kind: string; bytes: number; decoded: number }[]): (kind: string) => number {
  const of = (some: typeof files) =>
    some.reduce((sum, { decoded }) => sum + decoded, 0) /
    Math.max(
      1,
      some.reduce((sum, { bytes }) => sum + bytes, 0),
    )
  return (kind) => {
    const alike = files.filter((file) => file.kind === kind)
    return of(alike.length > 0 ? alike : files)
  }
}

/** What a file that cannot be entered unpacks to, by its beginning. */
async function unpacked(file: InputFile, options: ReadingOptions): Promise<number> {
  let [decoded, bytes] = [0, 0]
  for await (const batch of readBatches({ file, fileNumber: 0, firstUnit: 0, endUnit: 1 }, { ...reading(options), unitSize: BEGINNING })) {
    ;[decoded, bytes] = [batch.position, batch.fileBytes]
    batch.close()
  }
  return bytes === 0 ? 0 : decoded * Math.max(1, file.bytes / bytes)
}

async function read(streams: readonly Stream[], options: ReadingOptions): Promise<Volume & { bytes: number }> {
  const { keys, ...settings } = reading(options)
  const sum = { text: 0, documents: 0, bytes: 0 }
  for (const stream of spread(streams, READ)) {
    const from = stream.firstUnit * UNIT
    let end = from
    for await (const batch of readBatches({ ...stream, endUnit: stream.firstUnit + 1 }, { ...settings, unitSize: UNIT })) {
      await batch.parse(keys)
      const counts = total(JSON.parse(batch.counts()) as Ledger)
      sum.text += counts.read.bytes
      sum.documents += counts.read.docs
      end = Math.max(end, batch.position)
      batch.close()
    }
    sum.bytes += end - from
  }
  return { ...sum, bytes: Math.max(1, sum.bytes) }
}
