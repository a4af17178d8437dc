/** The torch engine on the CPU, against jax's and itself. Skipped, saying so, where no torch is installed. */

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { NEOX, openDataset, openSamples, type Packing } from '../../training/dataset.ts'
import type { AdamW, Engine, EngineSetup } from '../../training/engines/engine.ts'
import { JaxEngine } from '../../training/engines/jax.ts'
import { TorchEngine, type TorchLayout } from '../../training/engines/torch.ts'
import type { ModelShape } from '../../training/presets.ts'
import { initialWeights } from '../../training/weights.ts'
import { folder, torchPython } from '../kit.ts'
import { torchPeer } from './model-kit.ts'
import { chains, writeDataset } from './shards.ts'

const SHAPE: ModelShape = { layers: 2, width: 32, feedForward: 128, heads: 2, rotary: 4, vocabulary: 128 }
const LENGTH = 32
const BATCH = 8
const OPTIMIZER: AdamW = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, clip: 1 }
const BEST_FIT: Packing = { packing: 'best-fit', resets: { positions: true, attention: true }, eodMaskLoss: true }

function layout(t: TestContext, more: Partial<TorchLayout> & { processes?: number } = {}): TorchLayout | undefined {
  const { processes = 1, ...rest } = more
  const python = torchPython(t)
  if (!python) return undefined
  const launch = { python, processes, threads: 1 }
  return { launch, precision: 'fp32', passSize: BATCH, recompute: false, shard: false, compile: false, deterministic: false, ...rest }
}

async function setup(t: TestContext, packing: Packing = NEOX, shape = SHAPE): Promise<() => EngineSetup> {
  const dataset = await openDataset([writeDataset(join(folder(t), 'data'), chains(400, 120, 1), 120)])
  const plan = { sequenceLength: LENGTH, samples: 60 * BATCH, seed: 1 }
  const train = await openSamples(dataset, { ...plan, split: 'train' }, packing)
  const valid = await openSamples(dataset, { ...plan, split: 'valid' }, packing)
  return () => ({
    shape,
    optimizer: OPTIMIZER,
    weights: initialWeights(shape, 1),
    batchSize: BATCH,
    train,
    valid,
  })
}

const positionsOf = (step: number) => Array.from({ length: BATCH }, (_, i) => (step - 1) * BATCH + i)

async function losses(engine: Engine, steps: number, first = 1): Promise<number[]> {
  const all: number[] = []
  for (let step = first; step < first + steps; step++)
    all.push((await engine.step(step, positionsOf(step), 0.01, positionsOf(step + 1))).loss)
  return all
}

function close(came: number[], expected: number[], within: number): void {
  for (const [i, loss] of came.entries()) {
    assert.ok(Math.abs(loss - (expected[i] as number)) <= within, `step ${i + 1}: ${loss}, expected ${expected[i]}`)
  }
}

for (const [name, packing, shape] of [
  ['documents end to end', NEOX, SHAPE],
  ['documents that do not see each other', BEST_FIT, SHAPE],
  ['residuals one after the other', NEOX, { ...SHAPE, sequential: true }],
] as const) {
  test(`50 steps give jax's losses: ${name}`, { timeout: 300_000 }, async (t) => {
    const plan = layout(t)
    if (!plan) return
    const of = await setup(t, packing, shape)
    const [jax, torch] = [new JaxEngine(), new TorchEngine(plan)]
    await Promise.all([jax.init(of()), torch.init(of())])
    const [expected, came] = [await losses(jax, 50), await losses(torch, 50)]
    assert.ok((expected.at(-1) as number) < (expected[0] as number) - 0.5, 'it learns')
    close(came, expected, 1e-4)
    close([await torch.evaluate([0, 1, 2])], [await jax.evaluate([0, 1, 2])], 1e-4)
    await Promise.all([jax.close(), torch.close()])
  })
}

test('a resumed run is the same run, bit for bit, and jax goes on from it', { timeout: 300_000 }, async (t) => {
  const plan = layout(t)
  if (!plan) return
  const of = await setup(t)
  const at = (name: string) => {
    const path = join(folder(t), name)
    mkdirSync(path)
    return path
  }
  const [middle, end, again] = [at('middle'), at('end'), at('again')]
  const whole = new TorchEngine(plan)
  await whole.init(of())
  await losses(whole, 5)
  await whole.save(middle)
  const expected = await losses(whole, 5, 6)
  await whole.save(end)
  await whole.close()
  const resumed = new TorchEngine(plan)
  await resumed.init(of())
  await resumed.load(middle)
  assert.deepEqual(await losses(resumed, 5, 6), expected)
  await resumed.save(again)
  // Back, as after a bad step.
  await resumed.load(middle)
  assert.deepEqual(await losses(resumed, 5, 6), expected)
  await resumed.close()
  for (const file of ['model.safetensors', 'optimizer.safetensors']) {
    assert.ok(readFileSync(join(end, file)).equals(readFileSync(join(again, file))), file)
  }
  const jax = new JaxEngine()
  await jax.init(of())
  await jax.load(middle)
  close(await losses(jax, 5, 6), expected, 1e-4)
  await jax.close()
})

for (const shard of [false, true]) {
  const name = shard ? 'weights spread over them (FSDP2)' : 'each with all weights (DDP)'
  test(`two processes, accumulating, ${name}, are as one; their checkpoint is one process's`, { timeout: 300_000 }, async (t) => {
    const plan = layout(t, { processes: 2, passSize: 2, shard, recompute: shard })
    const alone = layout(t)
    if (!plan || !alone) return
    const of = await setup(t, BEST_FIT)
    const [one, two] = [new TorchEngine(alone), new TorchEngine(plan)]
    await Promise.all([one.init(of()), two.init(of())])
    const expected = await losses(one, 20)
    close(await losses(two, 10), expected.slice(0, 10), 1e-4)
    const middle = join(folder(t), 'middle')
    mkdirSync(middle)
    await two.save(middle)
    await one.load(middle)
    close(await losses(one, 10, 11), expected.slice(10), 1e-4)
    // And back.
    await two.load(middle)
    close(await losses(two, 10, 11), expected.slice(10), 1e-4)
    await Promise.all([one.close(), two.close()])
  })
}

test('on a CPU the loss and its gradients, made in pieces, are those of F.cross_entropy', async (t) => {
  const cases = await torchPeer<{ places: number; type: string; weighted: boolean; differences: number[] }[]>(t, 'head_loss.py', [])
  if (!cases) return
  assert.equal(cases.length, 20)
  for (const { differences, ...of } of cases) {
    // Of a bf16 number eight bits are kept.
    const within = of.type === 'float32' ? 1e-6 : 2 ** -6
    assert.ok(Math.max(...differences) < within, `${JSON.stringify(of)}: ${differences}`)
  }
})
