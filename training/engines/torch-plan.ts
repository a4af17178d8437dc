/**
 * How a run is laid out on the GPUs there are: precision, samples a pass, and what has to be given up to fit the memory.
 *
 * Memory is counted before anything starts (Korthikanti et al. 2022 for what layers keep, with a fused attention that
 * keeps no scores); docs/torch.md has what was measured against it.
 */

import { KopipeError } from '../../core/errors.ts'
import { type ModelShape, parameterCount } from '../presets.ts'
import type { TorchLayout } from './torch.ts'
import type { Nodes } from './torch-process.ts'
import type { Found } from './torch-python.ts'

/** What the user says of it. */
export interface TorchWishes {
  readonly precision?: 'bf16' | 'fp32' | undefined
  readonly processes?: number | undefined
  readonly microBatch?: number | undefined
  readonly recompute: boolean
  readonly shardModel: boolean
  readonly compile: boolean
  readonly deterministic: boolean
  readonly workers: number
  readonly nodes?: Nodes | undefined
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

/** Share of the memory that is planned with: the allocator's holes, the CUDA context and cuBLAS want the rest. */
const PLANNED = 0.9

/** `machine`: bytes of memory that the processes have together, where they compute on the CPU. */
export function planTorch(found: Found, shape: ModelShape, batch: Batch, wishes: TorchWishes, machine: number): TorchPlan {
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
  const use = { precision, sequenceLength: batch.sequenceLength, world, gpu: gpu !== undefined }
  const bytes = (layout: (typeof layouts)[number]) => memoryOf(shape, { ...layout, ...use, accumulates: layout.passSize < share })
  const memory = gpu?.memory ?? machine / processes
  const whose = gpu ? gpu.name : processes > 1 ? `each of ${processes} processes` : 'this machine'
  const chosen = layouts.find((layout) => bytes(layout) <= PLANNED * memory)
  if (!chosen) {
    const least = Math.min(...layouts.map(bytes))
    throw new KopipeError('invalid', `this model wants ${gigabytes(least)} GB a process at the least; ${whose} has ${gigabytes(memory)}`, {
      hint: gpu
        ? 'Use more GPUs (--processes, --nodes), a smaller model or a shorter --sequence-length.'
        : 'Use a smaller model, a shorter --sequence-length, or GPUs.',
    })
  }
  const { nodes, deterministic } = wishes
  const launch = { python: found.path, processes, threads: gpu ? 1 : wishes.workers, deterministic, ...(nodes && { nodes }) }
  return {
    layout: { launch, precision, ...chosen, compile: gpu !== undefined || wishes.compile, deterministic },
    told: [
      gpu ? `${world} × ${gpu.name}` : `CPU, ${processes} process${processes === 1 ? '' : 'es'}`,
      precision,
      `${share} samples of ${batch.sequenceLength} a process and step, ${chosen.passSize} at a time`,
      ...(chosen.recompute ? ['layers computed again'] : []),
      ...(chosen.shard ? ['weights spread'] : []),
      `memory ${gigabytes(bytes(chosen))} GB, ${gpu ? 'this GPU' : whose} has ${gigabytes(memory)}`,
    ].join(', '),
  }
}

/** How memory is used. */
export interface MemoryUse {
  readonly precision: 'bf16' | 'fp32'
  readonly passSize: number
  /** Whether a step has several passes. */
  readonly accumulates: boolean
  readonly sequenceLength: number
  readonly recompute: boolean
  readonly shard: boolean
  readonly world: number
  readonly gpu: boolean
}

/** Places that have logits at once on a CPU (torch/head.py). */
const PIECE = 256

/**
 * Bytes of tensors that a process has at the most: at the end of a forward pass, when all layers have kept what they keep.
 * Gradients are there by then where they add up over passes. Within 2 % of what PyTorch measured on an H200 for 124M and
 * 1.3B, 8 to 32 samples a pass, with and without recomputation. On a CPU a process grows by 12 to 18 % more, which is
 * malloc's, beside the .7 GB that PyTorch takes for itself.
 */
export function memoryOf(shape: ModelShape, use: MemoryUse): number {
  const { layers, width: d, feedForward, vocabulary } = shape
  const number = use.precision === 'bf16' ? 2 : 4
  const parameters = parameterCount(shape)
  const layer = (parameters - 2 * vocabulary * d) / layers
  // Weights and two moments in fp32, and the gradient.
  const forward = (use.accumulates ? 16 : 12) * parameters
  const backward = 16 * parameters
  // Of spread weights a layer, the next one and the embeddings are whole at a time; else there are autocast's copies of all.
  const copies = use.shard ? 2 * number * (layer + vocabulary * d) : number === 2 ? 2 * parameters : 0
  const tokens = use.passSize * use.sequenceLength
  // Of a layer: its input, two norms, query, key and value before and after the turn, what attention gives, the perceptron
  // before and after GELU.
  const kept = number * (10 * d + 2 * feedForward)
  // On a CPU two pieces of logits, and the gradient of the layer behind them.
  const head = use.gpu ? tokens * number * vocabulary : 4 * vocabulary * (2 * PIECE + d)
  const activations = use.recompute ? tokens * layers * number * d + Math.max(tokens * kept, head) : tokens * layers * kept + head
  const spread = use.shard ? use.world : 1
  // At the end of the backward pass all gradients are there, and nothing is kept but for the layer at hand.
  return Math.max(copies + forward / spread + activations, backward / spread + tokens * kept)
}

/** From the largest. */
function divisors(n: number): number[] {
  return Array.from({ length: n }, (_, i) => n - i).filter((i) => n % i === 0)
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(bytes < 1e10 ? 1 : 0)
}
