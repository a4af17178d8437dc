/** What counts as a lost loss, and what does not. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { LASTING, Watch, type WatchState } from '../../training/watch.ts'
import { random } from '../kit.ts'

/** Judges losses one after another; every so many steps from what was written down. */
function firstTrouble(losses: readonly number[], restartEvery = Number.POSITIVE_INFINITY) {
  let watch = new Watch()
  for (const [i, loss] of losses.entries()) {
    const trouble = watch.judge(i + 1, loss, 1)
    if (trouble) return trouble
    if ((i + 1) % restartEvery === 0) watch = new Watch(JSON.parse(JSON.stringify(watch.state())) as WatchState)
  }
  return null
}

/** As losses go: from 10 steeply to 3, then slowly, with noise whose tails are heavy. */
function course(steps: number, seed: number, noise: number): number[] {
  const next = random(seed)
  const normal = () => Math.sqrt(-2 * Math.log(next() + 1e-12)) * Math.cos(2 * Math.PI * next())
  return Array.from({ length: steps }, (_, i) => {
    const heavy = next() < 0.02 ? 5 : 1
    return 2 + 5 * Math.exp(-i / 60) + 3 * (1 + i / 50) ** -0.4 + noise * heavy * normal()
  })
}

test('a sound run has no trouble, whatever its noise', () => {
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom(0, 0.01, 0.05, 0.3), (seed, noise) => {
      assert.equal(firstTrouble(course(2000, seed, noise)), null)
    }),
    { numRuns: 40 },
  )
})

// Where the loss still falls steeply the threshold is higher, and a lucky batch may lie below it.
test('a rise that lasts is certain after twenty steps, and is said to have begun where it did', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 600, max: 1500 }), fc.constantFrom(0.01, 0.05), (seed, since, noise) => {
      const losses = course(1600, seed, noise).map((loss, i) => (i + 1 >= since ? loss + 1.5 : loss))
      const trouble = firstTrouble(losses)
      assert.ok(trouble)
      assert.deepEqual([trouble.cause, trouble.since, trouble.at], ['spike', since, since + LASTING - 1])
      assert.ok(Math.abs((trouble.before ?? 0) - (losses[since - 2] ?? 0)) < 1)
    }),
    { numRuns: 40 },
  )
})

test('a rise that ends a step earlier is none, nor one of a twentieth, nor a single loss however large', () => {
  const raised = (by: number, from: number, steps: number) =>
    course(1000, 3, 0.02).map((loss, i) => (i >= from && i < from + steps ? loss + by : loss))
  assert.equal(firstTrouble(raised(4, 500, LASTING - 1)), null)
  assert.equal(firstTrouble(raised(4, 500, LASTING))?.since, 501)
  assert.equal(firstTrouble(raised(0.15, 500, 100)), null)
  assert.equal(firstTrouble(raised(1e6, 500, 1)), null)
})

test('before there are enough losses to judge by, only numbers that are none count', () => {
  assert.equal(firstTrouble([3, 3, ...Array(40).fill(9)]), null)
  assert.deepEqual(firstTrouble([3, Number.NaN]), { cause: 'loss', since: 2, at: 2, loss: null, gradNorm: 1 })
  assert.deepEqual(new Watch().judge(1, 3, Number.POSITIVE_INFINITY), { cause: 'gradient', since: 1, at: 1, loss: 3, gradNorm: null })
})

test('a number that is none after a rise had begun counts from the rise on', () => {
  const losses = course(400, 5, 0.02).map((loss, i) => (i >= 300 ? loss + 2 : loss))
  losses[307] = Number.NaN
  assert.partialDeepStrictEqual(firstTrouble(losses), { cause: 'loss', since: 301, at: 308 })
})

test('it judges alike from what was written down after any step', () => {
  const losses = course(800, 9, 0.05).map((loss, i) => (i >= 600 ? loss + 1 : loss))
  for (const every of [1, 7, 100, 605]) assert.deepEqual(firstTrouble(losses, every), firstTrouble(losses))
})
