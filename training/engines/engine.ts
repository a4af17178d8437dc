/**
 * What the loop asks of a tensor engine. The loop owns schedule, data order, evaluation, checkpoints and logs; an engine
 * owns parameters and optimizer state, in whatever form and place it likes, and the arithmetic.
 *
 * Samples are named by position, never sent: an engine in this process gathers them here, one in another process maps
 * the shards itself. Calls come one at a time, `init` first and `close` last.
 */

import type { Gathered, Packed, SamplePlan } from '../../native/index.ts'
import type { ModelShape } from '../presets.ts'
import type { Tensor } from '../weights.ts'

export interface Engine {
  init(setup: EngineSetup): Promise<Device>
  /**
   * One optimizer step on the training samples at `positions`: the mean loss before it, in nats a token. `next`: those of
   * the step after it, to be made ready; empty at the end. After `load` another step may come than was announced.
   */
  step(step: number, positions: readonly number[], learningRate: number, next: readonly number[]): Promise<StepResult>
  /** The mean loss on the validation samples at `positions`, in nats a token. */
  evaluate(positions: readonly number[]): Promise<number>
  /** Writes `model.safetensors` and `optimizer.safetensors` into a folder that exists. */
  save(folder: string): Promise<void>
  /** Takes up what `save` wrote, also in the middle of a run: the next step gives what it would have given there. */
  load(folder: string): Promise<void>
  close(): Promise<void>
}

/** What an engine computes on. */
export interface Device {
  /** As it names itself. */
  readonly name: string
  /** Of one like it. */
  readonly count: number
  /** Floating-point operations a second that one of them can do in the precision it is used in; null where nobody says. */
  readonly peakFlops: number | null
}

export interface StepResult {
  loss: number
  /** Length of the gradient before it was clipped. */
  gradientNorm: number
}

export interface EngineSetup {
  readonly shape: ModelShape
  readonly optimizer: AdamW
  /** First values of every parameter of the shape. */
  readonly weights: Iterable<Tensor> | AsyncIterable<Tensor>
  /** Samples an optimizer step; an engine that cannot hold as many at once accumulates. */
  readonly batchSize: number
  readonly train: Samples
  readonly valid: Samples | null
}

/** Loshchilov and Hutter's AdamW (2019), after clipping the gradient's length to `clip`; weight decay on matrices only. */
export interface AdamW {
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  readonly weightDecay: number
  readonly clip: number
}

/** What a document in a sample sees of the others there. */
export interface Resets {
  /** Positions count from each document's begin. */
  readonly positions: boolean
  /** A document attends to itself alone. */
  readonly attention: boolean
}

/** The tokens of a shard. */
export interface ShardFile {
  /** Of the `.bin`. */
  readonly path: string
  readonly dtype: 'u16' | 'i32'
}

/** The samples of one split: how they come about, and the same already at hand. */
export interface Samples {
  /** Shards, in order. */
  readonly files: readonly ShardFile[]
  readonly plan: SamplePlan
  /** Without, neither. */
  readonly resets?: Resets
  /** Number of samples. */
  readonly length: number
  /** Of the plan and the shards: whoever has the same has the same order. */
  readonly digest: string
  /** The samples at these positions, one after another; `starts` and `weights` where the plan asks for them. */
  gather(positions: readonly number[]): Promise<Gathered>
  /** Where their tokens lie, for whoever maps the files: of each sample the file's number, the first token there and how many, in turn. */
  spans(positions: readonly number[]): Promise<number[][]>
  /** What became of each dataset's documents. */
  packed(): Promise<Packed[]>
  /** Entropy of the tokens to be predicted in the first `samples` samples: the loss of a model that knows frequencies only. */
  unigramLoss(samples: number): Promise<number>
}
