/** What a run is made of before its first step: schedule, presets, first weights. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { PRESETS, paddedVocabulary, parameterCount } from '../../training/presets.ts'
import { learningRate } from '../../training/schedule.ts'
import { initialWeights, parameters, type Tensor } from '../../training/weights.ts'

test('the learning rate warms up to the peak and falls to a tenth of it', () => {
  const run = fc.record({ steps: fc.integer({ min: 1, max: 5000 }), peak: fc.double({ min: 1e-6, max: 1, noNaN: true }) })
  fc.assert(
    fc.property(run, ({ steps, peak }) => {
      const rates = Array.from({ length: steps }, (_, i) => learningRate(i + 1, steps, peak))
      const warmUp = Math.max(1, Math.ceil(steps / 100))
      assert.equal(rates[warmUp - 1], peak)
      for (const [i, rate] of rates.entries()) {
        assert.ok(rate > 0 && rate <= peak)
        if (i > 0) assert.ok(i < warmUp ? rate > (rates[i - 1] as number) : rate <= (rates[i - 1] as number))
      }
      if (steps > warmUp) assert.ok(Math.abs((rates.at(-1) as number) - peak / 10) < 1e-9 * peak)
    }),
    { numRuns: 50 },
  )
})

test("tiny has the parameters of the formula, and of Polyglot-Ko's vocabulary", () => {
  const vocabulary = paddedVocabulary(30_003)
  assert.equal(vocabulary, 30_080)
  const shape = { ...PRESETS.tiny.shape, vocabulary }
  const { layers: L, width: d } = shape
  assert.equal(parameterCount(shape), L * (12 * d * d + 13 * d) + 2 * vocabulary * d + 2 * d)
  assert.equal(parameterCount(shape), 8_493_824)
})

test("the presets have Polyglot-Ko's and GPT-2's own counts", () => {
  const counts = Object.entries(PRESETS).map(([name, { shape }]) => {
    const whole = { ...shape, vocabulary: 30_080 }
    const listed = parameters(whole).reduce((sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1), 0)
    assert.equal(parameterCount(whole), listed)
    return [name, listed]
  })
  assert.deepEqual(Object.fromEntries(counts), {
    tiny: 8_493_824,
    '124M': 131_258_880,
    '1.3B': 1_331_810_304,
    '2.7B': 2_671_662_080,
    '3.8B': 3_809_974_272,
    '5.8B': 5_885_059_072,
  })
})

test('first weights: the spread of small_init and wang_init, the same for the same seed, of any order', async () => {
  const shape = { ...PRESETS.tiny.shape, vocabulary: 512 }
  const tensors = await collected(initialWeights(shape, 1))
  const again = await collected(initialWeights({ ...shape, layers: 2 }, 1))
  const other = await collected(initialWeights(shape, 2))
  const deviation = { small: Math.sqrt(2 / (5 * 128)), wang: 2 / 4 / Math.sqrt(128), zero: 0, one: 0 }
  for (const { name, start, decays } of parameters(shape)) {
    const { values } = tensors.get(name) ?? assert.fail(name)
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length
    const spread = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length)
    assert.equal(decays, start === 'small' || start === 'wang')
    assert.ok(Math.abs(spread - deviation[start]) <= 0.03 * deviation[start], `${name}: ${spread}`)
    assert.ok(Math.abs(mean - (start === 'one' ? 1 : 0)) < 0.003, `${name}: ${mean}`)
    if (decays) assert.notDeepEqual(values, other.get(name)?.values)
    if (start === 'small' && again.has(name)) assert.deepEqual(values, again.get(name)?.values)
  }
})

async function collected(weights: AsyncIterable<Tensor>): Promise<Map<string, Tensor>> {
  const all = new Map<string, Tensor>()
  for await (const tensor of weights) all.set(tensor.name, tensor)
  return all
}
