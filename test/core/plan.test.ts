/** The arithmetic of plans: what was measured of a known law is that law. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { paceOf, powerOf, type Run, startOf, throughBoth } from '../../core/plan.ts'

const near = (actual: number, expected: number, what = '') =>
  assert.ok(Math.abs(actual - expected) <= 1e-6 * Math.max(1e-9, Math.abs(expected)), `${what} ${actual}, expected ${expected}`)

test('two measurements part what a byte costs from what a unit does, and noise makes nothing negative', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-9, max: 1e-6, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (byte, unit) => {
      const point = (amount: number, others: number) => ({ amount, others, seconds: byte * amount + unit * others })
      const found = throughBoth(point(16e6, 8), point(100e6, 4))
      near(found.amount, byte)
      assert.ok(Math.abs(found.other - unit) < 1e-6)
    }),
  )
  fc.assert(
    fc.property(fc.double({ min: 0, max: 100, noNaN: true }), fc.double({ min: 0, max: 100, noNaN: true }), (one, two) => {
      const { amount, other } = throughBoth({ amount: 16e6, others: 8, seconds: one }, { amount: 100e6, others: 4, seconds: two })
      assert.ok(amount >= 0 && other >= 0)
      near(amount * 100e6 + other * 4, two, 'the larger one is met')
    }),
  )
  const alone = { amount: 5, others: 2, seconds: 10 }
  assert.deepEqual(throughBoth(alone, alone), { amount: 2, other: 0 })
})

test('the power that something grows with is found again, and one sample alone shows none', () => {
  const run = (text: number): Run => {
    const count = { docs: 1, bytes: text }
    return { seconds: 1, stages: [], peak: 1, result: 1, read: count, kept: count }
  }
  const [small, large] = [run(16e6), run(100e6)]
  for (const exponent of [0.5, 0.72, 1])
    near(
      powerOf({ small, large }, ({ kept }) => 40 * kept.bytes ** exponent),
      exponent,
    )
  assert.equal(
    powerOf({ small, large: small }, ({ kept }) => kept.bytes),
    1,
  )
})

test('the pace of a stage is without its cold beginning and without what waits for the disk', () => {
  const run = (steps: [bytes: number, seconds: number][], rest = 0): Run => {
    let at = 0
    const told = steps.map(([bytes, seconds]) => {
      at += seconds
      return { bytes, seconds: at }
    })
    return {
      seconds: at + rest + 2,
      stages: [{ name: 'x', seconds: at + rest, memory: 0, disk: 0, steps: told }],
      peak: 0,
      result: 0,
      read: { docs: 0, bytes: 0 },
      kept: { docs: 0, bytes: 0 },
    }
  }
  const steady: [number, number][] = Array.from({ length: 12 }, () => [4e6, 0.04])
  near(paceOf(run(steady), 'x', 0).byte, 1e-8)
  const cold: [number, number][] = [[4e6, 0.5], [4e6, 0.2], ...steady.slice(2)]
  near(paceOf(run(cold), 'x', 0).byte, 1e-8)
  near(paceOf(run(cold, 0.3), 'x', 0).rest, 0.46 + 0.16 + 0.3)
  const sealed: [number, number][] = steady.map(([bytes, seconds], i) => (i % 4 === 3 ? [bytes, seconds + 0.15] : [bytes, seconds]))
  const pace = paceOf(run(sealed), 'x', 3)
  near(pace.byte, 1e-8)
  near(pace.rest, 0.45)
  near(startOf(run(sealed)), 2)
  // Too little to tell: everything is the text's.
  assert.deepEqual(paceOf(run([[10, 1]]), 'x', 0), { byte: 0.1, rest: 0 })
  assert.deepEqual(paceOf(run(steady), 'none', 0), { byte: 0, rest: 0 })
})
