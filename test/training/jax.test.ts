import '../../training/engines/jax-threads.ts'
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { numpy as np, valueAndGrad } from '@jax-js/jax'
import type { AdamW, EngineSetup, Samples } from '../../training/engines/engine.ts'
import { JaxEngine } from '../../training/engines/jax.ts'
import { constants, lossOf, type Weights } from '../../training/engines/jax-model.ts'
import { type ModelShape, parameterCount } from '../../training/presets.ts'
import { readSafetensors } from '../../training/safetensors.ts'
import { initialWeights, parameters, type Tensor } from '../../training/weights.ts'
import { folder, random } from '../kit.ts'
import { type Numbers, referenceLoss } from './reference.ts'

const SHAPE: ModelShape = { layers: 2, width: 16, feedForward: 64, heads: 2, rotary: 4, vocabulary: 40 }
const LENGTH = 6
const OPTIMIZER: AdamW = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, clip: 1 }

/** Weights far from their start, where no bias is 0 and no norm is 1. */
function weights(): Tensor[] {
  const next = random(7)
  return parameters(SHAPE).map(({ name, shape, start }) => {
    const values = new Float32Array(shape.reduce((a, b) => a * b, 1)).map(() => (start === 'one' ? 1 : 0) + next() - 0.5)
    return { name, shape, values }
  })
}

const SAMPLES = (() => {
  const next = random(8)
  return Array.from({ length: 4 }, () => Array.from({ length: LENGTH + 1 }, () => Math.floor(next() * SHAPE.vocabulary)))
})()

const samples: Samples = {
  files: [],
  spans: async () => [],
  plan: { split: 'train', splitWeights: [1, 0, 0], sequenceLength: LENGTH, samples: 4, seed: 1, vocabulary: SHAPE.vocabulary },
  length: SAMPLES.length,
  digest: '',
  gather: async (positions) => ({
    tokens: Int32Array.from(positions.flatMap((p) => SAMPLES[p] as number[])),
    starts: new Int32Array(),
    weights: new Float32Array(),
    counted: positions.length * LENGTH,
  }),
  packed: async () => [],
  unigramLoss: async () => 0,
}

const setup = (): EngineSetup => ({
  shape: SHAPE,
  optimizer: OPTIMIZER,
  weights: weights(),
  batchSize: 4,
  train: samples,
  valid: samples,
})

const wide = (tensors: Iterable<Tensor>): Numbers => Object.fromEntries([...tensors].map((t) => [t.name, Float64Array.from(t.values)]))

async function jaxGradients(shape = SHAPE): Promise<{ loss: number; gradients: Numbers }> {
  const arrays: Weights = Object.fromEntries(
    weights().map(({ name, shape, values }) => [name, np.array(values as Float32Array<ArrayBuffer>).reshape([...shape])]),
  )
  const column = (shift: number) =>
    np.array(
      SAMPLES.flatMap((s) => s.slice(shift, shift + LENGTH)),
      { dtype: np.int32 },
    )
  const [loss, gradients] = valueAndGrad(lossOf(shape))(arrays, column(0), column(1), constants(shape, LENGTH))
  const read = async ([name, array]: [string, np.Array]) => [name, Float64Array.from(await array.data())] as const
  return {
    loss: (await loss.data())[0] as number,
    gradients: Object.fromEntries(await Promise.all(Object.entries(gradients as Weights).map(read))),
  }
}

test('the loss is that of the plain reference, with residuals in parallel and one after the other', async () => {
  const [parallel, sequential] = [SHAPE, { ...SHAPE, sequential: true }].map((shape) => referenceLoss(shape, wide(weights()), SAMPLES))
  for (const [shape, expected] of [
    [SHAPE, parallel],
    [{ ...SHAPE, sequential: true }, sequential],
  ] as const) {
    const { loss } = await jaxGradients(shape)
    assert.ok(Math.abs(loss - (expected as number)) < 1e-5, `jax ${loss}, reference ${expected}`)
  }
  assert.notEqual(parallel, sequential)
})

test('a document in a sample with resets is as it is alone', async () => {
  const documents = [
    [3, 1, 4],
    [1, 5, 9, 2],
  ]
  const length = 8
  const arrays = (): Weights =>
    Object.fromEntries(
      weights().map(({ name, shape, values }) => [name, np.array(values as Float32Array<ArrayBuffer>).reshape([...shape])]),
    )
  const int = (values: number[]) => np.array(values, { dtype: np.int32 })
  // The last place of each has nothing to predict; the eighth is padding.
  const [tokens, labels] = [int([3, 1, 4, 1, 5, 9, 2, 0]), int([1, 4, 1, 5, 9, 2, 0, 0])]
  const marks = { starts: int([0, 0, 0, 3, 3, 3, 3, 7]), weights: np.array([1, 1, 0, 1, 1, 1, 0, 0]).mul(1 / 5) }
  const resets = { positions: true, attention: true }
  const [loss, gradient] = valueAndGrad(lossOf(SHAPE, resets))(arrays(), tokens, labels, constants(SHAPE, length), marks)
  let alone = 0
  const sum: Record<string, Float64Array> = {}
  for (const document of documents) {
    const [input, next, share] = [document.slice(0, -1), document.slice(1), (document.length - 1) / 5]
    const [its, slopes] = valueAndGrad(lossOf(SHAPE))(arrays(), int(input), int(next), constants(SHAPE, input.length))
    alone += share * ((await its.data())[0] as number)
    for (const [name, array] of Object.entries(slopes as Weights)) {
      const values = await array.data()
      const into = sum[name] ?? new Float64Array(values.length)
      sum[name] = into
      for (let i = 0; i < values.length; i++) into[i] = (into[i] as number) + share * (values[i] as number)
    }
  }
  const packed = (await loss.data())[0] as number
  assert.ok(Math.abs(packed - alone) < 1e-5, `packed ${packed}, alone ${alone}`)
  for (const [name, array] of Object.entries(gradient as Weights)) {
    const values = await array.data()
    for (const [i, expected] of (sum[name] as Float64Array).entries()) assert.ok(Math.abs((values[i] as number) - expected) < 1e-5, name)
  }
})

test('the gradient of every parameter is the slope of the reference', async () => {
  const { gradients } = await jaxGradients()
  const at = wide(weights())
  const next = random(9)
  const step = 1e-5
  for (const { name } of parameters(SHAPE)) {
    const values = at[name] as Float64Array
    for (let n = 0; n < 6; n++) {
      const i = Math.floor(next() * values.length)
      const value = values[i] as number
      values[i] = value + step
      const above = referenceLoss(SHAPE, at, SAMPLES)
      values[i] = value - step
      const below = referenceLoss(SHAPE, at, SAMPLES)
      values[i] = value
      const slope = (above - below) / (2 * step)
      const gradient = (gradients[name] as Float64Array)[i] as number
      assert.ok(Math.abs(gradient - slope) < 2e-5 + 1e-4 * Math.abs(slope), `${name}[${i}]: gradient ${gradient}, slope ${slope}`)
    }
  }
})

test('a step is AdamW on the clipped gradient', async (t) => {
  const { loss, gradients } = await jaxGradients()
  const norm = Math.sqrt(
    Object.values(gradients)
      .flatMap((g) => [...g])
      .reduce((sum, g) => sum + g * g, 0),
  )
  assert.ok(norm > OPTIMIZER.clip, 'the gradient is long enough to be clipped')
  const engine = new JaxEngine()
  await engine.init(setup())
  const result = await engine.step(1, [0, 1, 2, 3], 0.01)
  assert.ok(Math.abs(result.loss - loss) < 1e-5)
  assert.ok(Math.abs(result.gradientNorm - norm) < 1e-4 * norm)
  const trained = wide(await saved(engine, folder(t)))
  const before = wide(weights())
  for (const { name, decays } of parameters(SHAPE)) {
    for (const [i, w] of (before[name] as Float64Array).entries()) {
      const g = ((gradients[name] as Float64Array)[i] as number) / norm
      // After one step the corrected moments are g and g².
      const expected = w - 0.01 * (g / (Math.abs(g) + OPTIMIZER.epsilon) + (decays ? OPTIMIZER.weightDecay * w : 0))
      const came = (trained[name] as Float64Array)[i] as number
      // The direction of a gradient of nearly nothing is decided by rounding.
      if (Math.abs(g) > 1e-5) assert.ok(Math.abs(came - expected) < 1e-5, `${name}[${i}]: expected ${expected}, got ${came}`)
    }
  }
  await engine.close()
})

test('a batch in several passes gives the step of a batch in one', async (t) => {
  const results = []
  for (const largestPass of [Number.POSITIVE_INFINITY, 2 * LENGTH * SHAPE.vocabulary, 0]) {
    const engine = new JaxEngine(largestPass)
    await engine.init(setup())
    const losses = [(await engine.step(1, [0, 1, 2, 3], 0.01)).loss, (await engine.step(2, [3, 2, 1, 0], 0.01)).loss]
    results.push({ losses, evaluated: await engine.evaluate([0, 1, 2, 3]), weights: wide(await saved(engine, folder(t))) })
    await engine.close()
  }
  const [whole, ...parts] = results
  for (const part of parts) {
    for (const [i, loss] of part.losses.entries()) assert.ok(Math.abs(loss - (whole?.losses[i] as number)) < 1e-5)
    assert.ok(Math.abs(part.evaluated - (whole?.evaluated as number)) < 1e-5)
  }
})

test('what is saved and loaded goes on exactly', async (t) => {
  const at = folder(t)
  const [first, second] = [new JaxEngine(), new JaxEngine()]
  await first.init(setup())
  await second.init({ ...setup(), weights: initialWeights(SHAPE, 1) })
  for (const step of [1, 2, 3]) await first.step(step, [0, 1, 2, 3], 0.01)
  await first.save(at)
  await second.load(at)
  for (const step of [4, 5]) {
    assert.deepEqual(await second.step(step, [3, 1, 0, 2], 0.01), await first.step(step, [3, 1, 0, 2], 0.01))
  }
  assert.deepEqual(await saved(first, at), await saved(second, at))
  await first.close()
  await second.close()
})

test('a checkpoint of another model is refused', async (t) => {
  const at = folder(t)
  const [small, large] = [new JaxEngine(), new JaxEngine()]
  await small.init(setup())
  await small.save(at)
  const shape = { ...SHAPE, layers: 3 }
  await large.init({ ...setup(), shape, weights: initialWeights(shape, 1) })
  await assert.rejects(large.load(at), /parameter gpt_neox\.layers\.2\.input_layernorm\.weight of shape \[16\] is missing/)
  await small.close()
  await large.close()
})

test('the parameters are as many as the formula says', () => {
  const counted = parameters(SHAPE).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)
  assert.equal(counted, parameterCount(SHAPE))
})

async function saved(engine: JaxEngine, at: string): Promise<Tensor[]> {
  const into = join(at, 'saved')
  mkdirSync(into, { recursive: true })
  await engine.save(into)
  return readSafetensors(readFileSync(join(into, 'model.safetensors')), into)
}
