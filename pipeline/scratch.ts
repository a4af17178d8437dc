/** DIR/scratch of a running `clean`: which units are sealed, and the writers of those that are being written. */

import { existsSync } from 'node:fs'
import type { Artifact } from '../core/artifact.ts'
import { addLedger, type Count, type Ledger, sorted, total } from '../core/ledger.ts'
import { type Stream, unitName } from '../core/units.ts'
import { type Batch, type Damage, io, native, type ScratchUnit, type SealedFile, type SignedUnit } from '../native/index.ts'
import { FrameFile } from './frame-file.ts'
import { addSeconds, divided, type Seconds, type SecondsBySource } from './funnel.ts'

/** What is known of a unit once it is cleaned; it goes on into the record of its part. */
export interface UnitRecord {
  file: string
  fileNumber: number
  unit: number
  /** Nothing of the file follows. */
  last: boolean
  /** How many it has, blank lines not counted. */
  records: number
  /** xxh3-128 of the records as they were read. */
  input: string
  ledger: Ledger
  /** Where decoding had to stop. */
  damage?: Damage
  /** `unsynced`: blocks, signatures and lines were left to the system's cache. `lines`: their hashes, where they are counted; `documents`: those of the result, where nothing was left to decide of them, and their `statistics`. */
  scratch: {
    unsynced: boolean
    blocks: SealedFile
    signatures: SealedFile
    lines?: SealedFile
    documents?: SealedFile
    statistics?: SealedFile
  }
  /** How many they are, with the bytes of their JSON lines. */
  written?: Count
  /** What keys and values the documents have, as the native core tells it. */
  shape: string
  seconds: SecondsBySource
}

/** Where the first pass writes the documents already: their format, and how many frames of a unit it may hold. */
export interface AtOnce {
  format: string
  ahead: number
}

interface ScratchOptions {
  /** Whether lines are counted. */
  lines: boolean
  /** Bytes of text whose scratch is plain. */
  plain: number
  /** Of how many documents statistics observe one. */
  oneIn: number
}

const FOLDERS = ['scratch', 'documents', 'rejects', 'duplicates', 'statistics', 'parts']

interface OpenUnit {
  writer: ScratchUnit
  unsynced: boolean
  documents?: FrameFile
  unit: number
  ledger: Ledger
  seconds: SecondsBySource
}

function nameOf(unit: { fileNumber: number; unit: number }): string {
  return unitName(unit.fileNumber, unit.unit)
}

export class ScratchFolder {
  readonly #artifact: Artifact
  readonly #sealed = new Map<string, UnitRecord>()
  readonly #open = new Map<Stream, OpenUnit>()
  /** Whether lines are counted. */
  readonly #hasLines: boolean
  /** Bytes of text whose scratch is plain. */
  readonly #plain: number
  /** Of how many documents statistics observe one. */
  readonly oneIn: number
  /** Bytes of text that went into it so far. */
  #bytes = 0

  private constructor(artifact: Artifact, { lines, plain, oneIn }: ScratchOptions) {
    this.#artifact = artifact
    this.#hasLines = lines
    this.#plain = plain
    this.oneIn = oneIn
  }

  /** Units count as cleaned when their part is sealed already, or they are sealed here and still whole. */
  static async open(artifact: Artifact, options: ScratchOptions): Promise<ScratchFolder> {
    for (const folder of FOLDERS) await io.createFolder(artifact.path(folder))
    const scratch = new ScratchFolder(artifact, options)
    for (const part of (await artifact.sealed<UnitRecord>('parts')).values()) scratch.#count(part)
    const units = [...(await artifact.sealed<UnitRecord>('scratch')).values()].filter((unit) => !scratch.#sealed.has(nameOf(unit)))
    const whole = await Promise.all(units.map((unit) => scratch.#isWhole(unit)))
    for (const [i, unit] of units.entries()) if (whole[i]) scratch.#count(unit)
    return scratch
  }

  /** Whether it is so small that the system's cache holds it, as --memory allows: then it is neither compressed nor synced. */
  get isSmall(): boolean {
    return this.#bytes < this.#plain
  }

  /** What remains of a stream, with the file's bytes it will read; nothing where all its units are sealed. */
  unfinished(stream: Stream): (Stream & { bytes: number })[] {
    let unit = stream.firstUnit
    for (let record = this.#record(stream, unit); record; record = this.#record(stream, unit)) {
      if (record.last || unit + 1 === stream.endUnit) return []
      unit += 1
    }
    // Where a file cannot be entered it is read from its beginning.
    return [{ ...stream, firstUnit: unit, bytes: stream.file.bytes / (stream.ofUnits ?? 1) }]
  }

  /** Appends a cleaned batch to its unit, and gives the batch's ledger. Batches of a stream come in input order. */
  async write(stream: Stream, batch: Batch, seconds: Seconds, atOnce?: AtOnce): Promise<Ledger> {
    const open = this.#unit(stream, batch.unit, atOnce)
    for (const frame of await open.writer.append(batch)) await open.documents?.append(frame)
    const ledger = JSON.parse(batch.counts()) as Ledger
    addLedger(open.ledger, ledger)
    this.#bytes += total(ledger).read.bytes
    addSeconds(open.seconds, divided(seconds, ledger))
    if (batch.endsUnit) await this.#seal(stream, batch, open)
    return ledger
  }

  /** Removes what a stream that failed had begun. */
  abandon(stream: Stream): void {
    const open = this.#open.get(stream)
    open?.writer.close()
    open?.documents?.close()
    this.#open.delete(stream)
  }

  /** Every unit, in input order: its number there is the number of its part. */
  units(): UnitRecord[] {
    return [...this.#sealed.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, record]) => record)
  }

  path(...names: string[]): string {
    return this.#artifact.path('scratch', ...names)
  }

  blocks(unit: { fileNumber: number; unit: number }): string {
    return this.path(`${nameOf(unit)}.blocks`)
  }

  signatures(unit: { fileNumber: number; unit: number }): string {
    return this.path(`${nameOf(unit)}.signatures`)
  }

  /** What a unit left for the search for duplicates. */
  signed(unit: UnitRecord): SignedUnit {
    return { signatures: this.signatures(unit), blocks: this.blocks(unit), records: unit.records }
  }

  lines(unit: { fileNumber: number; unit: number }): string {
    return this.path(`${nameOf(unit)}.lines`)
  }

  statistics(unit: { fileNumber: number; unit: number }): string {
    return this.path(`${nameOf(unit)}.statistics`)
  }

  documents(unit: { fileNumber: number; unit: number }): string {
    return this.path(`${nameOf(unit)}.documents`)
  }

  /** Makes the documents that were written at once, and their statistics, those of a part; a run that was killed may have done so already. */
  async moveDocuments(unit: UnitRecord, to: { documents: string; statistics: string }): Promise<void> {
    for (const what of ['documents', 'statistics'] as const) {
      const from = this[what](unit)
      if (existsSync(from)) await io.renameFile(from, to[what])
    }
  }

  /** A unit whose part is sealed needs its scratch no more. */
  async remove(unit: UnitRecord): Promise<void> {
    const files = [this.blocks(unit), this.signatures(unit), this.lines(unit), this.path(`${nameOf(unit)}.done.json`)]
    await Promise.all(files.filter(existsSync).map((path) => io.removeFile(path)))
  }

  #count(unit: UnitRecord): void {
    this.#sealed.set(nameOf(unit), unit)
    this.#bytes += total(unit.ledger).read.bytes
  }

  /** What was not synced may have been lost in a power cut. */
  async #isWhole(unit: UnitRecord): Promise<boolean> {
    const { unsynced, blocks, signatures, lines } = unit.scratch
    if (!unsynced) return true
    const files = [io.isWhole(this.blocks(unit), blocks), io.isWhole(this.signatures(unit), signatures)]
    if (lines) files.push(io.isWhole(this.lines(unit), lines))
    return (await Promise.all(files)).every((whole) => whole)
  }

  #record(stream: Stream, unit: number): UnitRecord | undefined {
    return this.#sealed.get(unitName(stream.fileNumber, unit))
  }

  #unit(stream: Stream, unit: number, atOnce?: AtOnce): OpenUnit {
    const open = this.#open.get(stream)
    if (open) return open
    const place = { fileNumber: stream.fileNumber, unit }
    const { format, ahead } = atOnce ?? {}
    const lines = this.#hasLines ? this.lines(place) : undefined
    const unsynced = this.isSmall
    const writer = native.ScratchUnit.create(this.blocks(place), this.signatures(place), lines, format, unsynced)
    const documents = format && new FrameFile(this.documents(place), format, native.DocumentShape.merge([], false), ahead ?? 1)
    const fresh = { writer, unsynced, unit, ledger: {}, seconds: {}, ...(documents && { documents }) }
    this.#open.set(stream, fresh)
    return fresh
  }

  async #seal(stream: Stream, { unit, endsFile, damage }: Batch, open: OpenUnit): Promise<void> {
    const { writer, unsynced, documents: file, ledger, seconds } = open
    const last = writer.rest()
    if (last) await file?.append(last)
    const documents = (await file?.commit())?.file
    const sealed = await writer.seal(documents && this.statistics({ fileNumber: stream.fileNumber, unit }))
    const { blocks, signatures, lines, statistics, records, input, shape, documents: docs, documentBytes: bytes, seconds: writing } = sealed
    addSeconds(seconds, divided({ write: writing + (file?.seconds ?? 0) }, ledger))
    this.#open.delete(stream)
    const name = unitName(stream.fileNumber, unit)
    const record: UnitRecord = {
      file: stream.file.path,
      fileNumber: stream.fileNumber,
      unit,
      last: endsFile,
      records,
      input,
      ledger: sorted(ledger),
      ...(damage && { damage }),
      scratch: {
        unsynced,
        blocks,
        signatures,
        ...(lines && { lines }),
        ...(documents && { documents }),
        ...(statistics && { statistics }),
      },
      ...(documents && { written: { docs, bytes } }),
      shape,
      seconds,
    }
    await this.#artifact.seal(this.path(`${name}.done.json`), record)
    this.#sealed.set(name, record)
  }
}
