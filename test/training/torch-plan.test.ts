/** How a run is laid out on GPUs, without any. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type MemoryUse, memoryOf, planTorch, type TorchWishes } from '../../training/engines/torch-plan.ts'
import type { Found } from '../../training/engines/torch-python.ts'
import { type ModelShape, PRESETS, type PresetName } from '../../training/presets.ts'

const shapeOf = (preset: PresetName) => ({ ...PRESETS[preset].shape, vocabulary: 30_080 })
const H100 = { name: 'NVIDIA H100 80GB HBM3', memory: 85_520_809_984, bf16: true }
const found = (gpus: Found['gpus']): Found => ({ path: 'python3', python: '3.12.3', torch: '2.13.0', gpus })
const WISHES: TorchWishes = { recompute: false, shardModel: false, compile: false, deterministic: false, workers: 2 }
const plan = (preset: PresetName, gpus: Found['gpus'], size: number, wishes: Partial<TorchWishes> = {}) =>
  planTorch(found(gpus), shapeOf(preset), { size, sequenceLength: 2048 }, { ...WISHES, ...wishes }, 24e9)

const ON_GPU: MemoryUse = {
  precision: 'bf16',
  passSize: 8,
  accumulates: true,
  sequenceLength: 2048,
  recompute: false,
  shard: false,
  world: 1,
  gpu: true,
}

test('memory is what PyTorch measured on an H200, within 2 %', () => {
  const measured: [PresetName, Partial<MemoryUse>, number][] = [
    ['1.3B', {}, 54_179_835_904],
    ['1.3B', { passSize: 16, accumulates: false }, 78_992_142_336],
    ['1.3B', { passSize: 16, accumulates: false, recompute: true }, 23_852_933_632],
    ['124M', { passSize: 32, accumulates: false }, 27_839_010_816],
    ['124M', { passSize: 16 }, 15_398_105_088],
  ]
  for (const [preset, more, bytes] of measured) {
    const planned = memoryOf(shapeOf(preset), { ...ON_GPU, ...more })
    assert.ok(Math.abs(planned / bytes - 1) < 0.02, `${preset} ${JSON.stringify(more)}: ${planned / 1e9} planned, ${bytes / 1e9} measured`)
  }
})

test('on a CPU memory is what a process of PyTorch was seen to grow by, but for what malloc takes', () => {
  const use: MemoryUse = { ...ON_GPU, precision: 'fp32', accumulates: false, sequenceLength: 256, gpu: false }
  const tiny = shapeOf('tiny')
  const wider = { layers: 6, width: 384, feedForward: 1536, heads: 6, rotary: 16, vocabulary: tiny.vocabulary }
  const grown: [ModelShape, Partial<MemoryUse>, number][] = [
    [tiny, {}, 288e6],
    [tiny, { passSize: 32 }, 558e6],
    [wider, {}, 954e6],
    [{ ...wider, vocabulary: 8192 }, { passSize: 16, sequenceLength: 512 }, 1880e6],
  ]
  for (const [shape, more, bytes] of grown) {
    const share = memoryOf(shape, { ...use, ...more }) / bytes
    assert.ok(share > 0.8 && share < 1, `${JSON.stringify({ ...shape, ...more })}: ${share}`)
  }
})

test('the largest pass that fits is taken, then layers are computed again, then weights are spread', () => {
  const [one, eight] = [[H100], Array.from({ length: 8 }, () => H100)]
  assert.deepEqual(pick(plan('1.3B', one, 16)), {
    processes: 1,
    precision: 'bf16',
    passSize: 8,
    recompute: false,
    shard: false,
    compile: true,
  })
  assert.deepEqual(pick(plan('2.7B', one, 16)), {
    processes: 1,
    precision: 'bf16',
    passSize: 4,
    recompute: false,
    shard: false,
    compile: true,
  })
  assert.deepEqual(pick(plan('3.8B', one, 16)), {
    processes: 1,
    precision: 'bf16',
    passSize: 1,
    recompute: false,
    shard: false,
    compile: true,
  })
  assert.deepEqual(pick(plan('5.8B', eight, 64)), {
    processes: 8,
    precision: 'bf16',
    passSize: 4,
    recompute: false,
    shard: true,
    compile: true,
  })
  assert.deepEqual(pick(plan('tiny', [], 8)), {
    processes: 1,
    precision: 'fp32',
    passSize: 8,
    recompute: false,
    shard: false,
    compile: false,
  })
  assert.match(
    plan('1.3B', one, 16).told,
    /^1 × NVIDIA H100 80GB HBM3, bf16, 16 samples of 2048 .* 8 at a time, memory 54 GB, this GPU has 86$/,
  )
})

test('what cannot be laid out is refused with numbers', () => {
  assert.throws(() => plan('5.8B', [H100], 8), /wants \d+ GB a process at the least; NVIDIA H100 80GB HBM3 has 86/)
  assert.throws(() => plan('2.7B', [], 8), /wants \d+ GB a process at the least; this machine has 24/)
  assert.throws(() => plan('1.3B', [], 8, { processes: 4 }), /each of 4 processes has 6/)
  assert.throws(() => plan('124M', [H100, H100], 9), /9 samples cannot be shared by 2 processes/)
  assert.throws(() => plan('124M', [H100], 8, { microBatch: 3 }), /3 does not divide the 8 samples/)
  assert.throws(() => plan('124M', [H100], 8, { processes: 2 }), /2 were asked for, there are 1 GPUs/)
})

function pick({ layout: { launch, precision, passSize, recompute, shard, compile } }: ReturnType<typeof plan>) {
  return { processes: launch.processes, precision, passSize, recompute, shard, compile }
}
