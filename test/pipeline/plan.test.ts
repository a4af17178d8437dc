/** Plans of `clean` and `pack`: exact where the rates are known; what a sample cannot show is reckoned as the core does it. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StageRun } from '../../core/plan.ts'
import { planStreams } from '../../core/units.ts'
import { type CleanRun, planClean } from '../../pipeline/plan/clean.ts'
import { duplicateTables } from '../../pipeline/plan/duplicates.ts'
import { planPack } from '../../pipeline/plan/pack.ts'
import { sampled, streamsOf } from '../../pipeline/plan/sampling.ts'
import type { Surveyed } from '../../pipeline/plan/survey.ts'

const BYTE = 2e-8
const UNIT = 0.1
const options = { dedupe: 'near', nearProfile: 'ko', memory: 4e9, workers: 1, unitSize: 256e6 } as const

/** A run that reads and writes at a known rate, keeps half of everything and needs .4 s to start. */
function cleanRun(text: number, units: number): CleanRun {
  const batches = 20
  const cleaning = Array.from({ length: batches }, (_, i) => (text / batches) * BYTE + (i >= batches - units ? UNIT : 0))
  let at = 0
  const steps = cleaning.map((seconds) => {
    at += seconds
    return { seconds: at, bytes: text / batches }
  })
  const docs = text / 4000
  const stages: StageRun[] = [
    { name: 'cleaning', seconds: at, memory: 80e6, disk: 0, steps },
    { name: 'finding copies', seconds: docs * 1e-6, memory: 120e6, disk: text, steps: [] },
    { name: 'writing', seconds: (text / 2) * BYTE + units * UNIT, memory: 130e6, disk: 1.1 * text, steps: [] },
  ]
  const seconds = 0.4 + stages.reduce((sum, { seconds }) => sum + seconds, 0)
  const half = { docs: docs / 2, bytes: text / 2 }
  return { seconds, stages, peak: 170e6, result: text / 4, read: { docs, bytes: text }, kept: half, units, searched: text / 10 }
}

const near = (actual: number, expected: number) => assert.ok(Math.abs(actual / expected - 1) < 1e-6, `${actual}, expected ${expected}`)

test('clean is planned exactly where time grows with text, documents and units', () => {
  const runs = { small: cleanRun(16e6, 8), large: cleanRun(100e6, 4) }
  const volume = { text: 1e10, documents: 2.5e6 }
  const plan = planClean(runs, { volume, units: 40 }, options)
  const stages = Object.fromEntries(plan.stages.map(({ stage, seconds }) => [stage, seconds]))
  near(stages.start as number, 0.4)
  near(stages.cleaning as number, 1e10 * BYTE + 40 * UNIT)
  near(stages['finding copies'] as number, 2.5)
  near(stages.writing as number, 5e9 * BYTE + 40 * UNIT)
  near(
    plan.seconds,
    Object.values(stages).reduce((sum, seconds) => sum + seconds, 0),
  )
  near(plan.out.text, 5e9)
  near(plan.out.documents, 1.25e6)
  // All of scratch, and two units of the result beside it.
  near(plan.disk.peak, 1.1e10 + 2.5e9 / 20)
  near(plan.disk.result, 2.5e9)
  near(plan.memory.peak, 120e6 + duplicateTables(2.5e6, options).memory)
  // Few documents have small tables: what writing adds is more, but not where the sample was the whole.
  near(
    planClean(runs, { volume: { text: 1e9, documents: 1e4 }, units: 4 }, { ...options, workers: 2 }).memory.peak,
    170e6 + 90e6 + 2 * 30e6,
  )
  near(planClean(runs, { volume: { text: 1e8, documents: 1e4 }, units: 4 }, { ...options, workers: 2 }).memory.peak, 170e6)
  assert.deepEqual(plan.warnings, [])
  const verified = planClean(runs, { volume, units: 40, verified: { bytes: 3e9, rate: 5e8 } }, options)
  near(verified.seconds - plan.seconds, 6)
  for (const { from } of plan.stages) assert.ok(from.length > 0)
})

test('tables of duplicates are those of the search, and flags change them', () => {
  const tables = (records: number, more: object = {}) => duplicateTables(records, { ...options, ...more })
  assert.deepEqual(tables(1e9, { dedupe: 'off' }), { memory: 0, whole: 0, least: 0, again: 0 })
  near(tables(1e6).whole, 4.25e6)
  assert.ok(tables(1e6, { dedupe: 'exact' }).memory < tables(1e6).memory)
  // 1.2 TB: five parts of a band in 4 GB, two in 16.
  const reading = (355e6 * 16 * 8) / 500e6
  near(tables(355e6, { memory: 8e9 }).again / reading, 3)
  assert.ok(tables(355e6, { memory: 16e9 }).again < tables(355e6, { memory: 8e9 }).again)
  const plan = (memory: number) =>
    planClean(
      { small: cleanRun(16e6, 8), large: cleanRun(100e6, 4) },
      { volume: { text: 1.2e12, documents: 355e6 }, units: 4688 },
      { ...options, memory },
    )
  assert.match(plan(2e9).warnings.join(), /documents needs --memory 3\.02 GB/)
  assert.deepEqual(plan(4e9).warnings, [])
})

test('pack goes on at the pace that it comes to', () => {
  const steps = Array.from({ length: 12 }, (_, i) => ({ bytes: 1e7, seconds: 0.1 * (i + 1) + 0.5 }))
  const count = { docs: 1000, bytes: 1.2e8 }
  const run = {
    seconds: 2.2,
    stages: [{ name: 'packing', seconds: 1.8, memory: 9e7, disk: 0, steps }],
    peak: 2e8,
    result: 5e7,
    read: count,
    kept: count,
    tokens: 2e7,
  }
  const plan = planPack(run, { text: 1.2e11, documents: 1e6 }, 30_003)
  near(plan.seconds, 0.4 + 1e-8 * 1.2e11 + 0.6)
  near(plan.disk.result, 2 * 2e10 + 20 * 1e6 + (5e7 - 2 * 2e7 - 20 * 1000))
  near(plan.tokens, 2e10)
  near(plan.memory.peak, 2e8)
})

test('samples are spread over everything, by what files unpack to', () => {
  const file = (path: string, decoded: number, entered = true, grain = 1e6): Surveyed => ({
    file: { path, bytes: decoded, mtime: 0 },
    decoded,
    entered,
    grain,
  })
  const one = sampled([file('a', 1e9)], 100e6, 4)
  assert.deepEqual(one.places, [[0.1375, 0.3875, 0.6375, 0.8875]])
  assert.equal(one.bytes, 100e6)
  const mixed = sampled([file('a', 6e8), file('b', 2e8, false), file('c', 2e8)], 1e8, 5)
  assert.deepEqual(
    mixed.files.map(({ path }) => path),
    ['a', 'b', 'c'],
  )
  assert.deepEqual(mixed.places, [[5.5 / 30, 15.5 / 30, 25.5 / 30], [0.5], [5.5 / 10]])
  // Row groups: as few as they are large.
  const columns = sampled([file('a.parquet', 1e9, true, 33e6)], 100e6, 4)
  assert.deepEqual([columns.unitSize, columns.places[0]?.length], [33e6, 3])
  // What can only be read from its beginning is read further.
  const streamed = sampled([file('a', 1e9, false), file('b', 1e9, false)], 100e6, 4)
  assert.deepEqual([streamed.unitSize, streamed.bytes], [50e6, 100e6])
  // Small files: as many more of them.
  const small = sampled(
    Array.from({ length: 1000 }, (_, i) => file(String(i), 1e5)),
    1e7,
    4,
  )
  assert.ok(small.bytes >= 0.9e7 && small.bytes < 2e7, String(small.bytes))
  const streams = planStreams(mixed.files, [{ units: 30, entries: [] }, { entries: [] }, { units: 10, entries: [] }])
  assert.deepEqual(
    streamsOf(mixed, streams).map(({ fileNumber, firstUnit, endUnit }) => [fileNumber, firstUnit, endUnit]),
    [
      [0, 5, 6],
      [0, 15, 16],
      [0, 25, 26],
      [1, 0, 1],
      [2, 5, 6],
    ],
  )
})
