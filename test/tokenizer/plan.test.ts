/** The plan of `tokenize`: exact where counting grows with the text and words by Heaps' law; what does not fit goes to the disk. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planTokenize, type TokenizeRun } from '../../tokenizer/plan.ts'

const types = (text: number) => 40 * text ** 0.7

function run(text: number): TokenizeRun {
  const stage = (name: string, seconds: number) => ({ name, seconds, memory: 8e7, disk: 0, steps: [] })
  const stages = [
    {
      ...stage('counting', 1e-8 * text),
      steps: Array.from({ length: 10 }, (_, i) => ({ bytes: text / 10, seconds: 1e-9 * text * (i + 1) })),
    },
    stage('merging the counts of all workers', 2e-7 * types(text)),
    stage('merging', 1e-6 * types(text)),
    stage('measuring', 1 + 2e-7 * types(text)),
  ]
  const count = { docs: text / 4000, bytes: text }
  const seconds = 0.4 + stages.reduce((sum, { seconds }) => sum + seconds, 0)
  const words = { types: types(text), once: 0.7 * types(text), counts: 9 * types(text) }
  return { seconds, stages, peak: 3e8, result: 5e6, read: count, kept: count, ...words }
}

const runs = { small: run(16e6), large: run(100e6) }
const near = (actual: number, expected: number) => assert.ok(Math.abs(actual / expected - 1) < 1e-6, `${actual}, expected ${expected}`)

test('counting by the text, words by their law, charts once', () => {
  const volume = { text: 1e9, documents: 2.5e5 }
  const plan = planTokenize(runs, volume, { memory: 16e9, workers: 1 })
  const stages = Object.fromEntries(plan.stages.map(({ stage, seconds }) => [stage, seconds]))
  near(stages.counting as number, 10)
  near(stages.merging as number, 1e-6 * types(1e9))
  near(stages.measuring as number, 1 + 2e-7 * types(1e9))
  assert.equal(stages['words on disk'], undefined)
  near(plan.memory.peak, 3e8 + (types(1e9) - types(100e6)) * 7 * (4 + 9))
  near(plan.disk.peak, Math.max(5e6, 9 * types(1e9)))
  assert.match(plan.notes[0] as string, /to the power of 0\.70/)
})

test('the power of the text is between what two samples show and the share of words that came once', () => {
  const volume = { text: 1e10, documents: 2.5e6 }
  const large = { ...runs.large, once: 0.6 * runs.large.types, counts: runs.large.counts * 1.1 }
  const plan = planTokenize({ ...runs, large }, volume, { memory: 64e9, workers: 1 })
  assert.match(plan.notes[0] as string, /to the power of 0\.65/)
  // Counts have grown by a tenth more than words from one sample to the other, and go on so.
  const longer = Math.log(1.1) / Math.log(100 / 16)
  near(plan.disk.peak, large.counts * 100 ** (0.65 + longer))
})

test('words that do not fit are merged on the disk, and counts that do not are spilled', () => {
  const volume = { text: 1e12, documents: 3e8 }
  const plan = planTokenize(runs, volume, { memory: 4e9, workers: 2 })
  const stages = Object.fromEntries(plan.stages.map(({ stage, seconds }) => [stage, seconds]))
  assert.ok((stages['words on disk'] as number) > 0 && (stages['spilled counts'] as number) > 0)
  assert.match(plan.warnings.join(), /merging in memory needs --memory/)
  assert.ok(plan.memory.peak <= 4e9)
  const larger = planTokenize(runs, volume, { memory: 8e9, workers: 2 }).stages.find(({ stage }) => stage === 'spilled counts')
  assert.ok((larger?.seconds ?? 0) < (stages['spilled counts'] as number))
})
