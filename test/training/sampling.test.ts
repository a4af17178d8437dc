import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { MersenneTwister } from '../../training/model/mersenne-twister.ts'
import { type Sampling, sample } from '../../training/model/sampling.ts'

const PROBABILITIES = [0.1, 0.4, 0.2, 0.25, 0.05]
const logits = Float32Array.from(PROBABILITIES, Math.log)

/** How often each token is drawn, as shares. */
function shares(how: Partial<Sampling>, size = logits.length): number[] {
  const random = new MersenneTwister(1)
  const counts = PROBABILITIES.map(() => 0)
  const draws = 20_000
  for (let i = 0; i < draws; i++) {
    const token = sample(logits, size, { temperature: 1, topK: 0, topP: 1, ...how }, random)
    counts[token] = (counts[token] as number) + 1 / draws
  }
  return counts
}

/** The draws of 20,000 lie within four standard deviations. */
function assertShares(came: number[], expected: number[]): void {
  for (const [i, share] of came.entries()) assert.ok(Math.abs(share - (expected[i] as number)) < 0.015, `${came}, expected ${expected}`)
}

test('draws follow the probabilities, sharpened by the temperature', () => {
  assertShares(shares({}), PROBABILITIES)
  const squares = PROBABILITIES.map((p) => p ** 2)
  const sum = squares.reduce((a, b) => a + b)
  assertShares(
    shares({ temperature: 0.5 }),
    squares.map((square) => square / sum),
  )
})

test('top k and top p leave the most likely tokens, in this order', () => {
  assertShares(shares({ topK: 2 }), [0, 0.4 / 0.65, 0, 0.25 / 0.65, 0])
  assertShares(shares({ topP: 0.5 }), [0, 0.4 / 0.65, 0, 0.25 / 0.65, 0])
  assertShares(shares({ topP: 0.1 }), [0, 1, 0, 0, 0])
  // Of three, 0.4 is nearly half.
  assertShares(shares({ topK: 3, topP: 0.45 }), [0, 1, 0, 0, 0])
})

test('few of many, with equals among them, are those that sorting all gives', () => {
  const values = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 2, maxLength: 60 })
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 60 }), fc.nat(), (values, topK, seed) => {
      const drawn = sample(Float32Array.from(values), values.length, { temperature: 1, topK, topP: 1 }, new MersenneTwister(seed))
      const sorted = [...values.keys()].sort((a, b) => (values[b] as number) - (values[a] as number) || a - b).slice(0, topK)
      const alone = Float32Array.from(sorted, (id) => values[id] as number)
      const place = sample(alone, alone.length, { temperature: 1, topK: 0, topP: 1 }, new MersenneTwister(seed))
      assert.equal(drawn, sorted[place])
    }),
  )
})

test('ids that stand for no text are never drawn, and without temperature the first of the largest is', () => {
  assertShares(shares({}, 1), [1, 0, 0, 0, 0])
  const random = new MersenneTwister(1)
  const greedy = { temperature: 0, topK: 0, topP: 1 }
  assert.equal(sample(logits, 5, greedy, random), 1)
  assert.equal(sample(logits, 1, greedy, random), 0)
  assert.equal(sample(Float32Array.from([0, 2, 2]), 3, greedy, random), 1)
})
