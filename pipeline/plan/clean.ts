/**
 * `clean` on all of the input, by what it took on two samples.
 *
 * Reading, cleaning and writing grow with the text, and with the units: each is synced to the disk, .1 s and more, and the
 * samples have far smaller ones than a run has. The search for duplicates grows with the documents. Scratch was plain for the
 * same share of the samples as `--memory` leaves of the text. What the samples cannot show is how many duplicates there are
 * over all: a sample has only those whose other half it has too, so the share that goes is a lower bound.
 */

import {
  type Planned,
  type PlannedStage,
  paceOf,
  type Run,
  type Runs,
  secondsOf,
  startOf,
  throughBoth,
  type Volume,
} from '../../core/plan.ts'
import { formatCount, formatSize } from '../../core/sizes.ts'
import type { CleanOptions } from '../clean.ts'
import { duplicateTables } from './duplicates.ts'

export interface CleanRun extends Run {
  units: number
  /** Bytes of its duplicates in scratch, when writing begins. */
  searched: number
}

export interface CleanPlan {
  volume: Volume
  /** Units that the files are cut into. */
  units: number
  /** Bytes of input that are held against digests first, and a second's worth of that. */
  verified?: { bytes: number; rate: number }
}

/** Stages that grow with the text or with what is kept of it; every other one grows with documents. */
const CLEANING = 'cleaning'
const WRITING = 'writing'
/** Comparing what was found, and a worker that writes a unit of full size; no sample has either. Seen at 1 and 10 GB (docs/plan.md). */
const COMPARES = 90e6
const WRITES = 30e6

type Options = Pick<CleanOptions, 'dedupe' | 'nearProfile' | 'memory' | 'workers' | 'unitSize'>

export function planClean(runs: Runs<CleanRun>, { volume, units, verified }: CleanPlan, options: Options): Planned {
  const { small, large } = runs
  const share = volume.text / large.read.bytes
  const documents = volume.documents / large.read.docs
  const out = { text: large.kept.bytes * share, documents: large.kept.docs * documents }
  const tables = duplicateTables(volume.documents, options)

  const pace = paceOf(large, CLEANING, large.units)
  const cleaning: PlannedStage = {
    stage: CLEANING,
    seconds: pace.byte * volume.text + (pace.rest / large.units) * units,
    from: `${byteAndUnit(pace.byte, pace.rest / large.units, units)}, by the larger sample`,
  }
  const point = (run: CleanRun) => ({ amount: run.kept.bytes, others: run.units, seconds: secondsOf(run, WRITING) })
  const rate = throughBoth(point(small), point(large))
  const writing: PlannedStage = {
    stage: WRITING,
    seconds: rate.amount * out.text + rate.other * units,
    from: `${byteAndUnit(rate.amount, rate.other, units)}, by both samples`,
  }
  const searching = large.stages
    .filter(({ name }) => name !== CLEANING && name !== WRITING)
    .map(
      ({ name, seconds }): PlannedStage => ({ stage: name, seconds: seconds * documents, from: 'by documents, as in the larger sample' }),
    )
  const stages: PlannedStage[] = [
    { stage: 'start', seconds: startOf(large), from: 'as in the larger sample' },
    ...(verified
      ? [{ stage: 'verifying', seconds: verified.bytes / verified.rate, from: `sha256 at ${formatSize(verified.rate)}/s, measured` }]
      : []),
    cleaning,
    ...searching,
    ...(tables.again > 1 ? [{ stage: 'reading bands again', seconds: tables.again, from: 'reckoned at 500 MB/s: not measured' }] : []),
    writing,
  ]
  return {
    command: 'clean',
    in: volume,
    out,
    seconds: stages.reduce((sum, { seconds }) => sum + seconds, 0),
    stages,
    memory: memoryOf(large, tables.memory, share, options),
    disk: diskOf(large, share, units, options),
    notes: notesOf(large, options),
    warnings:
      tables.least > options.memory
        ? [
            `finding the duplicates of ${formatCount(Math.round(volume.documents))} documents needs --memory ${formatSize(tables.least)} or more`,
          ]
        : [],
  }
}

function byteAndUnit(byte: number, unit: number, units: number): string {
  return `${(1e9 * byte).toFixed(1)} ns a byte of text and ${unit.toFixed(2)} s each of ${formatCount(units)} units`
}

/** Beside what is left of cleaning stand the tables of the search; they are gone when units are written. */
function memoryOf({ peak, stages }: CleanRun, tables: number, share: number, { dedupe, workers }: Options): Planned['memory'] {
  const before = stages.find(({ name }) => name !== CLEANING)?.memory ?? 0
  const more = COMPARES + workers * WRITES
  const ways = [
    { peak, from: 'as in the larger sample' },
    { peak: before + tables, from: `${formatSize(before)} when the search for duplicates began, and its tables` },
    ...(dedupe === 'off' || share <= 1
      ? []
      : [{ peak: peak + more, from: `that of the larger sample, and ${formatSize(more)} for units of full size: not measured here` }]),
  ]
  return ways.reduce((most, way) => (way.peak > most.peak ? way : most))
}

/** Scratch of all units, then results, unit by unit in its place; two are written side by side. */
function diskOf(large: CleanRun, share: number, units: number, { dedupe }: Options): Planned['disk'] {
  const scratch = (large.stages.find(({ name }) => name === WRITING)?.disk ?? 0) * share
  const result = large.result * share
  const writing = dedupe === 'off' ? 0 : Math.min(2, units) * (result / Math.max(1, units))
  const left = large.searched * share
  return { peak: Math.max(scratch, result + left) + writing, result, from: 'by the text, as in the larger sample' }
}

function notesOf({ read, kept }: CleanRun, { dedupe }: Options): string[] {
  const gone = `${((100 * (read.bytes - kept.bytes)) / Math.max(1, read.bytes)).toFixed(1)} %`
  if (dedupe === 'off') return [`${gone} of the sample's text goes.`]
  return [
    `${gone} of the sample's text goes, its duplicates with it. In all of the input more documents meet their like: what is left is at the most this.`,
  ]
}
