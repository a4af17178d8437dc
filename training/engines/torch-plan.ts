/**
 * How a run is laid out on the GPUs there are: precision, samples a pass, and what has to be given up to fit the memory.
 *
 * Memory is counted before anything starts (Korthikanti et al. 2022 for what layers keep, with a fused attention that
 * keeps no scores); docs/torch.md has what was measured against it.
 */

import { KopipeError } from '../../core/errors.ts'
import { type ModelShape, parameterCount } from '../presets.ts'
import type { TorchLayout } from './torch.ts'
import type { Launch } from './torch-process.ts'
import type { Found } from './torch-python.ts'

/** What the user says of it. */
export interface TorchWishes {
  readonly precision?: 'bf16' | 'fp32' | undefined
  readonly processes?: number | undefined
  readonly microBatch?: number | undefined
  readonly recompute: boolean
  readonly shardModel: boolean
  readonly deterministic: boolean
  readonly workers: number
  readonly nodes?: Launch['nodes']
}

/** Samples a step and what one is. */
export interface Batch {
  readonly size: number
  readonly sequenceLength: number
}

export interface TorchPlan {
  readonly layout: TorchLayout
  /** What it comes to, for people. */
  readonly told: string
}

/** Share of a GPU's memory that is planned with: the allocator's holes, the CUDA context and cuBLAS want the rest. */
const PLANNED = 0.9

export function planTorch(found: Found, shape: ModelShape, batch: Batch, wishes: TorchWishes): TorchPlan {
  const { gpus } = found
  const gpu = gpus[0]
  const processes = wishes.processes ?? Math.max(1, gpus.length)
  if (gpu && processes > gpus.length)
    throw new KopipeError('usage', `--processes: ${processes} were asked for, there are ${gpus.length} GPUs`)
  const precision = wishes.precision ?? (gpu?.bf16 ? 'bf16' : 'fp32')
  const world = processes * (wishes.nodes?.count ?? 1)
  if (batch.size % world !== 0) {
    throw new KopipeError('usage', `a step of ${batch.size} samples cannot be shared by ${world} processes alike`, {
      hint: `Give a --batch-size that ${world} divides, or other --processes.`,
    })
  }
  const share = batch.size / world
  if (wishes.microBatch !== undefined && share % wishes.microBatch !== 0) {
    throw new KopipeError('usage', `--micro-batch: ${wishes.microBatch} does not divide the ${share} samples of a process`)
  }
  const passes = wishes.microBatch !== undefined ? [wishes.microBatch] : divisors(share)
  const recomputes = wishes.recompute ? [true] : [false, true]
  const shards = wishes.shardModel ? [true] : world > 1 ? [false, true] : [false]
  const layouts = shards.flatMap((shard) => recomputes.flatMap((recompute) => passes.map((passSize) => ({ shard, recompute, passSize }))))
  const bytes = (layout: (typeof layouts)[number]) => memoryOf(shape, { ...layout, precision, sequenceLength: batch.sequenceLength, world })
  const chosen = gpu ? layouts.find((layout) => bytes(layout) <= PLANNED * gpu.memory) : (layouts[0] as (typeof layouts)[number])
  if (!chosen) {
    const least = Math.min(...layouts.map(bytes))
    throw new KopipeError(
      'invalid',
      `this model wants ${gigabytes(least)} GB a GPU at the least; ${gpu?.name} has ${gigabytes(gpu?.memory ?? 0)}`,
      {
        hint:
          world > 1
            ? 'Use more GPUs, or a smaller model.'
            : 'Use more GPUs (--processes, --nodes), a smaller model or a shorter --sequence-length.',
      },
    )
  }
  const { nodes, deterministic } = wishes
  const launch = { python: found.path, processes, threads: gpu ? 1 : wishes.workers, ...(nodes && { nodes }) }
  return {
    layout: { launch, precision, ...chosen, compile: gpu !== undefined, deterministic },
    told: [
      gpu ? `${world} × ${gpu.name}` : `CPU, ${processes} process${processes === 1 ? '' : 'es'}`,
      precision,
      `${share} samples of ${batch.sequenceLength} a process and step, ${chosen.passSize} at a time`,
      ...(chosen.recompute ? ['layers computed again'] : []),
      ...(chosen.shard ? ['weights spread'] : []),
      `memory ${gigabytes(bytes(chosen))} GB${gpu ? `, this GPU has ${gigabytes(gpu.memory)}` : ''}`,
    ].join(', '),
  }
}

/** Bytes that a process needs at the most. */
export function memoryOf(
  shape: ModelShape,
  layout: { precision: 'bf16' | 'fp32'; passSize: number; sequenceLength: number; recompute: boolean; shard: boolean; world: number },
): number {
  const { layers, width: d, feedForward, vocabulary } = shape
  const number = layout.precision === 'bf16' ? 2 : 4
  const parameters = parameterCount(shape)
  // Weights, gradient and two moments in fp32.
  const state = (16 * parameters) / (layout.shard ? layout.world : 1)
  // Of spread weights one layer and the embeddings are whole at a time; else autocast's copies of all.
  const layer = (parameters - 2 * vocabulary * d) / layers
  const copies = layout.shard ? 4 * (2 * layer + 2 * vocabulary * d) : number === 2 ? 2 * parameters : 0
  const tokens = layout.passSize * layout.sequenceLength
  // Of a layer: its input, two norms, query, key, value, what attention gives, the perceptron's inside before and after GELU.
  const kept = number * (7 * d + 2 * feedForward)
  const activations = tokens * (layout.recompute ? layers * number * d + 2 * kept : layers * kept)
  const logits = tokens * vocabulary * (number + 4)
  return state + copies + activations + logits
}

/** From the largest. */
function divisors(n: number): number[] {
  return Array.from({ length: n }, (_, i) => n - i).filter((i) => n % i === 0)
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(bytes < 1e10 ? 1 : 0)
}
