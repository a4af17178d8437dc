/** The loop with the real engine on a very small model: data order, metrics, checkpoints, and that a resumed run is the same run. */

import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { type Progress, silent } from '../../core/progress.ts'
import { openDataset, openSamples } from '../../training/dataset.ts'
import type { StepResult } from '../../training/engines/engine.ts'
import { JaxEngine } from '../../training/engines/jax.ts'
import { type Outcome, type Run, runSteps } from '../../training/loop.ts'
import type { ModelShape } from '../../training/presets.ts'
import { learningRate } from '../../training/schedule.ts'
import { initialWeights } from '../../training/weights.ts'
import { folder, tree } from '../kit.ts'
import { chains, writeDataset } from './shards.ts'

const SHAPE: ModelShape = { layers: 1, width: 16, feedForward: 64, heads: 2, rotary: 4, vocabulary: 64 }
const STEPS = 8
const PACE = { validateEvery: 100, keep: 2, rollbacks: 3, about: { lang: 'en', configuration: {}, inputs: [] } } as const
const setup = { batchSize: 4, sequenceLength: 12, learningRate: 0.02 }

function initial() {
  const optimizer = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, clip: 1 }
  return { shape: SHAPE, optimizer, weights: initialWeights(SHAPE, 1), batchSize: setup.batchSize }
}

let data: Pick<Run, 'train' | 'valid'>

before(async (t) => {
  const at = folder(t as TestContext)
  const dataset = await openDataset([writeDataset(at, chains(80, 50, 1), 50)])
  const plan = { sequenceLength: setup.sequenceLength, samples: 400, seed: 1 }
  data = { train: await openSamples(dataset, { ...plan, split: 'train' }), valid: await openSamples(dataset, { ...plan, split: 'valid' }) }
})

/** Runs to the end, or until the step after which the user interrupts. */
async function runUntil(
  output: string,
  { stopAfter = 0, steps = STEPS, saveEvery = 100, engine = new JaxEngine() } = {},
): Promise<Outcome> {
  const device = await engine.init({ ...initial(), ...data })
  const stop = new AbortController()
  let done = lastCheckpoint(output)
  const progress: Progress = {
    ...silent,
    advance: ({ of = 0 }) => {
      done += of
      if (done === stopAfter) stop.abort()
    },
  }
  try {
    const run: Run = { ...setup, ...data, ...PACE, saveEvery, output, steps, shape: SHAPE, device }
    return await runSteps(run, engine, { progress, signal: stop.signal })
  } finally {
    await engine.close()
  }
}

function lastCheckpoint(output: string): number {
  const at = join(output, 'checkpoints')
  return existsSync(at) ? Math.max(0, ...readdirSync(at).map((name) => Number(name.slice(5)))) : 0
}

/** Everything that does not tell time. */
function result(output: string): unknown {
  const metrics = readFileSync(join(output, 'metrics.jsonl'), 'utf8').trim().split('\n')
  const files = [...tree(join(output, 'checkpoints'))].filter(
    ([name]) => name.endsWith(`${STEPS}/model.safetensors`) || name.includes(`${STEPS}/opt`),
  )
  return {
    metrics: metrics.map((line) => ({ ...JSON.parse(line), seconds: 0, tokens_per_second: 0, time: 0 })),
    files,
  }
}

let whole: { output: string; result: unknown } | undefined

async function uninterrupted(t: TestContext): Promise<{ output: string; result: unknown }> {
  if (whole) return whole
  const output = folder(t)
  await runUntil(output)
  whole = { output, result: result(output) }
  return whole
}

after(() => {
  whole = undefined
})

test('a run leaves a line a step, a validation and a checkpoint', async (t) => {
  const { result } = await uninterrupted(t)
  const { metrics } = result as { metrics: Record<string, number>[] }
  assert.deepEqual(
    metrics.slice(0, -1).map(({ step, lr, tokens }) => ({ step, lr, tokens })),
    Array.from({ length: STEPS }, (_, i) => ({ step: i + 1, lr: learningRate(i + 1, STEPS, 0.02), tokens: (i + 1) * 48 })),
  )
  assert.deepEqual(Object.keys(metrics.at(-1) ?? {}), ['step', 'val_loss', 'time', 'seconds', 'tokens_per_second'])
  for (const { grad_norm } of metrics.slice(0, -1)) assert.ok((grad_norm as number) > 0)
})

test('interrupted after any steps and resumed, a run is the uninterrupted one bit by bit', async (t) => {
  const { result: expected } = await uninterrupted(t)
  const stops = fc.uniqueArray(fc.integer({ min: 1, max: STEPS - 1 }), { minLength: 1, maxLength: 3 })
  await fc.assert(
    fc.asyncProperty(stops, async (after) => {
      const output = folder(t)
      for (const stopAfter of after.sort()) {
        await assert.rejects(runUntil(output, { stopAfter }), {
          kind: 'interrupted',
          message: `interrupted after step ${stopAfter} of ${STEPS}; it is saved`,
        })
      }
      await runUntil(output)
      assert.deepEqual(result(output), expected)
    }),
    { numRuns: 5 },
  )
})

test('what a kill left behind the checkpoint is done again', async (t) => {
  const { result: expected } = await uninterrupted(t)
  const output = folder(t)
  await assert.rejects(runUntil(output, { stopAfter: 3 }))
  const metrics = join(output, 'metrics.jsonl')
  writeFileSync(metrics, `${readFileSync(metrics, 'utf8')}{"step":4,"loss":9,"lr":0,"tokens":0,"seconds":0}\n{"step":5,"lo`)
  // A later checkpoint that was not sealed.
  const torn = join(output, 'checkpoints/step-000005')
  mkdirSync(torn)
  writeFileSync(join(torn, 'model.safetensors'), 'half')
  await runUntil(output)
  assert.deepEqual(result(output), expected)
  assert.ok(!existsSync(torn))
})

test('what an interruption saves stays until the next, beside the planned ones', async (t) => {
  const output = folder(t)
  for (const stopAfter of [2, 4, 6]) await assert.rejects(runUntil(output, { stopAfter }))
  assert.deepEqual(readdirSync(join(output, 'checkpoints')), ['step-000000', 'step-000006'])
})

test('a damaged checkpoint is named, with what to do', async (t) => {
  const output = folder(t)
  await assert.rejects(runUntil(output, { stopAfter: 2 }))
  const model = join(output, 'checkpoints/step-000002/model.safetensors')
  writeFileSync(model, readFileSync(model).subarray(0, 1000))
  await assert.rejects(runUntil(output), { kind: 'corrupt', path: model, hint: /Remove this checkpoint/ })
})

/** Once, at a step, as a real one that is spoilt: its weights are no numbers either. */
class SpoiltOnce extends JaxEngine {
  #spoilt = false
  override async step(step: number, positions: readonly number[], learningRate: number): Promise<StepResult> {
    if (step !== 6 || this.#spoilt) return super.step(step, positions, learningRate)
    this.#spoilt = true
    await super.step(step, positions, 1e30)
    return super.step(step, positions, 1e30)
  }
}

test('a real engine that is spoilt goes on from the checkpoint before, with the samples after', async (t) => {
  const output = folder(t)
  const outcome = await runUntil(output, { engine: new SpoiltOnce(), saveEvery: 4 })
  assert.equal(outcome.rollbacks, 1)
  // By hand: four steps, then four with the samples from the seventh batch on.
  const engine = new JaxEngine()
  await engine.init({ ...initial(), ...data })
  let last = 0
  for (let step = 1; step <= STEPS; step++) {
    const from = setup.batchSize * (step > 4 ? step + 1 : step - 1)
    const positions = Array.from({ length: setup.batchSize }, (_, i) => from + i)
    last = (await engine.step(step, positions, learningRate(step, STEPS, setup.learningRate))).loss
  }
  await engine.close()
  assert.equal(outcome.loss, last)
})

test('a model learns what frequencies do not tell', async (t) => {
  const { loss, valLoss } = await runUntil(folder(t), { steps: 100 })
  const unigram = await data.train.unigramLoss(400)
  assert.ok(loss < 0.7 * unigram && (valLoss as number) < 0.7 * unigram, `loss ${loss}, validation ${valLoss}, unigram ${unigram}`)
})
