/**
 * `why`: what happened to a document, and by which number. It is looked for in the result and in the rejects; then it is
 * read again from the input and goes through the same stages, so that what is told is what was decided, step by step.
 * Where the input is gone or changed, the artifact alone tells what it can.
 */

import PQueue from 'p-queue'
import { z } from 'zod'
import { interrupted, KopipeError } from '../../core/errors.ts'
import { pin } from '../../core/input-file.ts'
import { common } from '../../core/options.ts'
import type { Session } from '../../core/progress.ts'
import { type Batch, type EvaluationSets, native } from '../../native/index.ts'
import { readEvaluationSets } from '../decontaminate.ts'
import { shortest } from '../lines.ts'
import { pinned } from '../pinned.ts'
import type { UnitRecord } from '../scratch.ts'
import { applyUserFilters, loadUserFilters, type UserFilter } from '../user-filter.ts'
import { CleanArtifact, type Place } from './artifact.ts'
import { type Met, meaningOf } from './inspect.ts'
import { documentsAt } from './pairs.ts'

export const whyOptions = z.strictObject({
  workers: common.workers,
  memory: common.memory,
  quiet: common.quiet,
  json: common.json,
})

export type WhyOptions = z.output<typeof whyOptions>

export interface NumberOf {
  reason: string
  value: number
  threshold: number
  /** What the number is. */
  is: string
}

/** The document after a stage. */
export interface Step {
  stage: 'read' | 'normalize' | 'cut' | 'filter' | 'decontaminate' | 'mask' | 'lines'
  text: string
  /** What stands under "kopipe" by then. */
  said: Record<string, unknown>
}

export interface Fate {
  id: unknown
  kept: boolean
  reason?: string
  value?: number
  threshold?: number
  /** What the number is, where there is one. */
  is?: string
  /** The document that was kept in place of a duplicate. */
  of?: Place & { id?: unknown }
  /** The evaluation item that a contaminated document shares most with. */
  against?: Met
  /** Where it came from, and where its part of the artifact is; the ordinal of a kept document is known by its input. */
  file: string
  part: number
  ordinal?: number
  offset?: number
  /** Its line in the result or the rejects, from 1. */
  written: { path: string; line: number }
  record: Record<string, unknown>
  /** Each number that is held against a threshold: by filters of the text, normalized and cut, and by the stages behind them. */
  numbers: NumberOf[]
  /** Empty where the input is not what it was. */
  steps: Step[]
}

/** Every document with this id. */
export async function why(folder: string, id: string, options: WhyOptions, session: Session): Promise<Fate[]> {
  native.startWorkers(options.workers)
  const artifact = await CleanArtifact.open(folder)
  const found = await find(artifact, id, options, session)
  if (found.length === 0) {
    throw new KopipeError('not-found', `no document with id ${JSON.stringify(id)} in ${folder}`, {
      hint: 'An id is what --id-key named; without one it is FILE NAME:BYTE OFFSET, as documents and rejects show it.',
    })
  }
  const judges = { userFilters: await modulesOf(artifact), sets: await setsOf(artifact, options, session) }
  for (const part of new Set(found.map(({ part }) => part))) {
    const unit = await artifact.part(part)
    if (!unit) continue
    const here = found.filter((fate) => fate.part === part)
    await retrace(artifact, unit, id, here, judges, options)
  }
  const documents = await documentsAt(
    artifact,
    found.flatMap(({ of }) => of ?? []),
    options,
  )
  for (const { of } of found) if (of) of.id = documents(of)?.id
  return found
}

/** The user's filters; those that are gone or have changed decided as the artifact says, and are not asked again. */
async function modulesOf(artifact: CleanArtifact): Promise<UserFilter[]> {
  const loading = (artifact.configuration.filters ?? []).map(async ({ path, digest }) => {
    const [filter] = await loadUserFilters([path]).catch(() => [])
    return filter?.digest === digest ? [filter] : []
  })
  return (await Promise.all(loading)).flat()
}

/** What judges beside the recipe's filters, as far as it is still what it was. */
interface Judges {
  userFilters: UserFilter[]
  sets: EvaluationSets | undefined
}

/** The evaluation sets, where none is gone or has changed. */
async function setsOf(artifact: CleanArtifact, options: WhyOptions, session: Session): Promise<EvaluationSets | undefined> {
  const { against = [], recipe } = artifact.configuration
  if (against.length === 0) return undefined
  const now = await Promise.all(against.map(({ path }) => pinned(path).catch(() => undefined)))
  if (against.some(({ digest }, i) => digest !== now[i]?.digest)) return undefined
  const files = against.map(({ path }) => pin(path))
  return readEvaluationSets(files, recipe, { ...artifact.configuration, ...options }, session)
}

async function find(artifact: CleanArtifact, id: string, options: WhyOptions, { progress, signal }: Session): Promise<Fate[]> {
  const files = (await Promise.all((['documents', 'rejects'] as const).map((output) => artifact.files(output)))).flat()
  progress.stage(
    'looking for the document',
    files.reduce((sum, { file }) => sum + file.bytes, 0),
  )
  const queue = new PQueue({ concurrency: options.workers })
  const looking = files.map(({ part, unit, file }) =>
    queue.add(async () => {
      const fates: Fate[] = []
      // A record that never was a document is among the rejects as it came.
      for (const textKey of ['text', 'raw'] as const) {
        if (fates.length > 0) break
        for await (const batch of artifact.batches(file, options, textKey)) {
          if (signal.aborted) throw interrupted()
          for (const ordinal of await batch.find(id)) {
            const record = JSON.parse(batch.line(ordinal, part) ?? '{}') as Record<string, unknown>
            fates.push(fateOf(artifact, record, part, unit, { path: file.path, line: ordinal + 1 }))
          }
        }
      }
      progress.advance({ of: file.bytes })
      return fates
    }),
  )
  return (await Promise.all(looking)).flat().sort((a, b) => a.part - b.part || a.written.line - b.written.line)
}

function fateOf(
  artifact: CleanArtifact,
  record: Record<string, unknown>,
  part: number,
  unit: UnitRecord,
  written: { path: string; line: number },
): Fate {
  const said = (record.kopipe ?? {}) as Partial<Fate> & { reason?: string }
  const kept = !written.path.includes('/rejects/')
  const { reason, value, threshold, ordinal, offset, of } = said
  const against = reason === 'contaminated' ? said.against : undefined
  return {
    id: record.id,
    kept,
    ...(!kept && { reason, value, threshold, ordinal, offset, of, against, is: meaningOf(artifact, reason ?? '') }),
    file: unit.file,
    part,
    written,
    record,
    numbers: [],
    steps: [],
  } as Fate
}

/** Reads the unit again, and takes each document with the id through the stages. */
async function retrace(
  artifact: CleanArtifact,
  unit: UnitRecord,
  id: string,
  fates: Fate[],
  judges: Judges,
  options: WhyOptions,
): Promise<void> {
  const dropped = new Map(fates.filter(({ kept }) => !kept).map((fate) => [fate.ordinal, fate]))
  // The kept ones stand in the result in the order of the input.
  const kept = fates.filter((fate) => fate.kept)
  for await (const batch of artifact.input(unit, options)) {
    for (const ordinal of await batch.find(id)) {
      const alone = batch.only(ordinal)
      const fate = dropped.get(ordinal) ?? kept.shift()
      if (alone === null || fate === undefined) continue
      fate.ordinal = ordinal
      await step(artifact, unit, alone, ordinal, fate, judges)
      alone.close()
    }
  }
}

/** The stages of `clean` on one document. */
async function step(
  artifact: CleanArtifact,
  unit: UnitRecord,
  batch: Batch,
  ordinal: number,
  fate: Fate,
  { userFilters, sets }: Judges,
): Promise<void> {
  const { recipe } = artifact.configuration
  const now = (stage: Step['stage']) => {
    const { text, kopipe } = JSON.parse(batch.line(ordinal, fate.part) ?? '{}') as { text?: string; kopipe?: Record<string, unknown> }
    fate.steps.push({ stage, text: text ?? '', said: kopipe ?? {} })
  }
  now('read')
  if (fate.steps[0]?.said.reason !== undefined) return
  await batch.normalize(JSON.stringify(recipe.normalize))
  now('normalize')
  await batch.cut(JSON.stringify(recipe.cut))
  now('cut')
  const [numbers = []] = JSON.parse(await batch.numbers(artifact.filters())) as Omit<NumberOf, 'is'>[][]
  fate.numbers = numbers.map((number) => ({ ...number, is: meaningOf(artifact, number.reason) }))
  await batch.filter(artifact.filters())
  await applyUserFilters(batch, userFilters)
  now('filter')
  const judged = (reason: string, value: number, threshold: number) =>
    fate.numbers.push({ reason, value, threshold, is: meaningOf(artifact, reason) })
  const of = (reason: string) => (fate.reason === reason ? fate.value : undefined)
  if (sets) {
    const passes = fate.steps.at(-1)?.said.reason === undefined
    await batch.decontaminate(sets)
    now('decontaminate')
    // What stays shares nothing, or nothing any more.
    if (passes) judged('contaminated', of('contaminated') ?? 0, 0)
  } else if (fate.against) {
    return
  }
  await artifact.mask(batch, unit)
  now('mask')
  // Lines are counted over all documents: what became of this one stands in the artifact.
  if (recipe.dedupe.lines && (fate.kept || fate.reason === 'lines-repeated')) {
    const { text = '', kopipe = {} } = fate.record as { text?: string; kopipe?: Record<string, unknown> }
    fate.steps.push({ stage: 'lines', text, said: kopipe })
    judged('lines-repeated', of('lines-repeated') ?? [...text].length, shortest(recipe))
  }
}
