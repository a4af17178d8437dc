/** Last pass of `clean`: scratch → documents, rejects and duplicates, unit by unit, each sealed by its record. */

import type { Artifact } from '../core/artifact.ts'
import { eachJob } from '../core/flow.ts'
import { addCuts, addLedger, type Count, type Cut, dropKept, type Ledger, sorted } from '../core/ledger.ts'
import type { Session } from '../core/progress.ts'
import { partName } from '../core/units.ts'
import type { Damaged } from '../native/documents.ts'
import { type DuplicateOutcomes, type Frame, type LineCuts, native, type SealedFile } from '../native/index.ts'
import type { Losses } from './dedupe.ts'
import { FrameFile } from './frame-file.ts'
import { addSeconds, divided, type SecondsBySource } from './funnel.ts'
import { addTold, type ToldLines } from './lines.ts'
import type { ScratchFolder, UnitRecord } from './scratch.ts'

/** What the documents of a part are made of, beside them. */
export function statisticsOf(part: number): string {
  return `statistics/${partName(part)}.kopstat`
}

type PartRecord = Omit<UnitRecord, 'scratch' | 'written'> & {
  written: Count
  /** Numbers of the evaluation items that its documents met. */
  met?: number[]
  /** What it tells of the most frequent lines. */
  lines?: ToldLines
  /** Length and xxh3-128 of each file of the part, by its path in the artifact. */
  files: Record<string, SealedFile>
}

export interface Survived {
  ledger: Ledger
  written: Count
  damaged: Damaged[]
  /** Numbers of the evaluation items that documents met. */
  met: Set<number>
  /** What all parts tell of the most frequent lines. */
  lines: ToldLines
  seconds: SecondsBySource
}

export async function writeSurvivors(
  artifact: Artifact,
  scratch: ScratchFolder,
  duplicates: DuplicateOutcomes,
  lines: LineCuts | undefined,
  { workers, format }: { workers: number; format: string },
  session: Session,
): Promise<Survived> {
  const units = scratch.units()
  const sealed = await artifact.sealed<PartRecord>('parts')
  const losses = Object.values(JSON.parse(duplicates.losses) as Losses)
  // Documents that stand for others say so, and those that lose lines; columns must be there for it.
  const adds = lines !== undefined || losses.some(({ dropped }) => dropped > 0)
  const shape = native.DocumentShape.merge(
    units.map((unit) => unit.shape),
    adds,
  )
  const survived: Survived = { ledger: {}, written: { docs: 0, bytes: 0 }, damaged: [], met: new Set(), lines: {}, seconds: {} }
  session.progress.stage('writing', units.length)

  const records: PartRecord[] = []
  // While the files of one are synced, the next one is written.
  await eachJob(units.length, { workers: Math.min(2, workers) }, session, async (part) => {
    const unit = units[part] as UnitRecord
    const record = sealed.get(partName(part)) ?? (await writePart(unit, part))
    await scratch.remove(unit)
    records[part] = record
    session.progress.advance({ docs: record.written.docs, bytes: record.written.bytes })
  })
  for (const record of records) {
    addLedger(survived.ledger, record.ledger)
    addSeconds(survived.seconds, record.seconds)
    survived.written.docs += record.written.docs
    survived.written.bytes += record.written.bytes
    for (const item of record.met ?? []) survived.met.add(item)
    addTold(survived.lines, record.lines ?? {})
    if (record.damage) survived.damaged.push({ path: record.file, ...record.damage })
  }
  return survived

  /** Rejects, pairs and evidence are no table: beside columns they are JSON lines. */
  function formatOf(output: Frame['output']): string {
    return output === 'documents' || format.startsWith('jsonl') ? format : 'jsonl.zst'
  }

  function pathOf(output: Frame['output'], part: number): string {
    return `${output}/${partName(part)}.${formatOf(output)}`
  }

  async function writePart(unit: UnitRecord, part: number): Promise<PartRecord> {
    const open = new Map<string, FrameFile>()
    const files: Record<string, SealedFile> = {}
    const written = unit.scratch.documents
    const [documentsPath, statisticsPath] = [pathOf('documents', part), statisticsOf(part)]
    if (written) {
      await scratch.moveDocuments(unit, { documents: artifact.path(documentsPath), statistics: artifact.path(statisticsPath) })
      files[documentsPath] = written
      if (unit.scratch.statistics) files[statisticsPath] = unit.scratch.statistics
    }
    const left = written ? undefined : format
    const from = { blocks: scratch.blocks(unit), input: unit.file, unit: part }
    const survivors = await native.Survivors.open(from, left, duplicates, lines, scratch.oneIn)
    try {
      for (let frame = await survivors.next(); frame; frame = await survivors.next()) {
        const path = pathOf(frame.output, part)
        const file = open.get(path) ?? new FrameFile(artifact.path(path), formatOf(frame.output), shape, workers + 2)
        open.set(path, file)
        await file.append(frame)
      }
      const commits = [...open].map(async ([path, frames]) => {
        const sealed = await frames.commit(path === documentsPath ? artifact.path(statisticsPath) : undefined)
        return { path, ...sealed }
      })
      for (const { path, file, statistics } of await Promise.all(commits)) {
        files[path] = file
        if (statistics) files[statisticsPath] = statistics
      }
    } finally {
      for (const file of open.values()) file.close()
    }
    const { scratch: _, written: first, ...known } = unit
    const { documents, bytes, duplicates: byReason, cut, cutNow, met, lines: told, seconds: reading } = survivors.written()
    const ledger = structuredClone(known.ledger)
    const cutBySource = JSON.parse(cut) as Record<string, Record<string, Cut>>
    dropKept(ledger, JSON.parse(byReason) as Record<string, Record<string, Count>>, cutBySource)
    addCuts(ledger, JSON.parse(cutNow) as Record<string, Record<string, Cut>>)
    const seconds = structuredClone(known.seconds)
    addSeconds(seconds, divided({ write: [...open.values()].reduce((sum, file) => sum + file.seconds, reading) }, ledger))
    const record: PartRecord = {
      ...known,
      ledger: sorted(ledger),
      written: first ?? { docs: documents, bytes },
      files,
      seconds,
      ...(met.length > 0 && { met }),
      ...(told !== '{}' && { lines: JSON.parse(told) as ToldLines }),
    }
    await artifact.seal(artifact.path('parts', `${partName(part)}.done.json`), record)
    return record
  }
}
