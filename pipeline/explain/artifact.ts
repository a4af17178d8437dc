/** A finished artifact of `clean`, as the commands that explain read it. */

import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { Artifact } from '../../core/artifact.ts'
import { type InputFile, pin } from '../../core/input-file.ts'
import type { Ledger } from '../../core/ledger.ts'
import { partName, type Stream } from '../../core/units.ts'
import { readBatches, reading } from '../../native/documents.ts'
import { type Batch, io, native } from '../../native/index.ts'
import { masksOf, reservedIn, tokensOf } from '../../native/masks.ts'
import type { Funnel } from '../funnel.ts'
import type { Pinned } from '../pinned.ts'
import { type CleanRecipe, filterList } from '../recipe.ts'
import type { UnitRecord } from '../scratch.ts'

interface Configuration {
  recipe: CleanRecipe
  against?: Pinned[]
  filters?: { name: string; path: string; digest: string; reasons: Record<string, string> }[]
  textKey: string
  idKey: string
  sourceKey: string
  metadataKey: string[]
  documentPer: 'file' | 'paragraph' | 'line'
  unitSize: number
  maxDocument: number
}

/** A document by its part and its ordinal among the records of that. */
export interface Place {
  /** The earlier artifact that has it. */
  artifact?: string
  unit: number
  ordinal: number
}

export interface Bounds {
  workers: number
  memory: number
}

export class CleanArtifact {
  readonly #artifact: Artifact
  readonly configuration: Configuration
  readonly inputs: readonly InputFile[]
  readonly ledger: Ledger
  readonly funnel: Funnel

  private constructor(artifact: Artifact) {
    this.#artifact = artifact
    const { configuration, inputs, ledger, funnel } = artifact.record as unknown as CleanArtifact
    this.configuration = configuration
    this.inputs = inputs
    this.ledger = ledger
    this.funnel = funnel
  }

  static async open(folder: string): Promise<CleanArtifact> {
    return new CleanArtifact(await Artifact.finished(folder, 'clean', io))
  }

  /** Files of a kind, each with its part. */
  async files(output: 'documents' | 'rejects' | 'duplicates'): Promise<{ part: number; unit: UnitRecord; file: InputFile }[]> {
    const units = await this.#artifact.sealed<UnitRecord>('parts')
    return (await io.listFolder(this.#artifact.path(output))).flatMap((name) => {
      const unit = units.get(name.split('.')[0] ?? '')
      return unit ? [{ part: Number.parseInt(name, 10), unit, file: pin(this.#artifact.path(output, name)) }] : []
    })
  }

  /** Parsed batches of such a file; `textKey` is `raw` for records that never were documents, `rule` for pairs. */
  async *batches(file: InputFile, bounds: Bounds, textKey: 'text' | 'raw' | 'rule' = 'text'): AsyncGenerator<Batch> {
    const { sourceKey } = this.configuration
    const options = reading({ ...this.configuration, ...bounds, textKey, idKey: 'id', sourceKey, metadataKey: [] })
    const stream: Stream = { file, fileNumber: 0, firstUnit: 0 }
    for await (const batch of readBatches(stream, { ...options, unitSize: Number.MAX_SAFE_INTEGER })) {
      await batch.parse(options.keys)
      yield batch
      batch.close()
    }
  }

  /** The filters of the recipe as the native core takes them. */
  filters(): string {
    return JSON.stringify(filterList(this.configuration.recipe))
  }

  async part(number: number): Promise<UnitRecord | undefined> {
    return (await this.#artifact.sealed<UnitRecord>('parts')).get(partName(number))
  }

  /** Parsed batches of a unit of the input; nothing where the file is not what it was. */
  async *input(unit: UnitRecord, bounds: Bounds): AsyncGenerator<Batch> {
    const file = this.inputs[unit.fileNumber]
    if (!file || !isAsItWas(file)) return
    const { unitSize, documentPer } = this.configuration
    const { units, entries } = await native.planFile(file.path, unitSize, documentPer)
    const entry = entries[unit.unit]
    const entered = units === undefined || units === null ? { firstUnit: 0 } : { firstUnit: unit.unit, ...(entry && { entry }) }
    const options = reading({ ...this.configuration, ...bounds })
    const stream: Stream = { file, fileNumber: unit.fileNumber, ...entered, endUnit: unit.unit + 1 }
    for await (const batch of readBatches(stream, { ...options, unitSize })) {
      if (batch.unit === unit.unit) {
        await batch.parse(options.keys)
        yield batch
      }
      batch.close()
    }
  }

  /** Some documents of a part as they are judged as duplicates: normalized, cut and masked. */
  async *finished(
    part: number,
    ordinals: ReadonlySet<number>,
    bounds: Bounds,
  ): AsyncGenerator<{ ordinal: number; id: unknown; source: string; text: string }> {
    const unit = await this.part(part)
    if (!unit) return
    const left = new Set(ordinals)
    for await (const batch of this.input(unit, bounds)) {
      const here = [...left].filter((ordinal) => ordinal >= batch.firstOrdinal && ordinal < batch.firstOrdinal + batch.records)
      for (const ordinal of here) {
        left.delete(ordinal)
        const alone = batch.only(ordinal)
        if (alone === null) continue
        await this.normalize(alone)
        await this.mask(alone, unit)
        const { id, text = '' } = JSON.parse(alone.line(ordinal, part) ?? '{}') as { id: unknown; text?: string }
        const [source = sourceOf(unit.file)] = Object.keys(JSON.parse(alone.counts()) as Ledger)
        alone.close()
        yield { ordinal, id, source, text }
      }
      if (left.size === 0) return
    }
  }

  /** The stages before the filters. */
  async normalize(batch: Batch): Promise<void> {
    await batch.normalize(JSON.stringify(this.configuration.recipe.normalize))
    await batch.cut(JSON.stringify(this.configuration.recipe.cut))
  }

  /** The stage behind them. */
  async mask(batch: Batch, unit: UnitRecord): Promise<void> {
    const { mask } = this.configuration.recipe
    const masks = [...new Set([...tokensOf(mask), ...masksOf(this.inputs)])]
    const file = this.inputs[unit.fileNumber]
    await batch.mask(JSON.stringify({ ...mask, reserved: file ? reservedIn(file, masks) : [] }))
  }
}

function isAsItWas(file: InputFile): boolean {
  if (!existsSync(file.path)) return false
  const now = pin(file.path)
  return now.bytes === file.bytes && now.mtime === file.mtime
}

/** The source of documents that name none, by the file they came from. */
export function sourceOf(path: string): string {
  return basename(path).split('.')[0] ?? path
}
