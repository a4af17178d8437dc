/**
 * The embedded engine: jax-js on WebAssembly, fp32, nothing to install.
 *
 * One compiled function gives loss and gradient, one updates; between them gradients of a batch that is too large for
 * one pass add up. Results are bit-identical from run to run and whatever the number of threads. Measured with the tiny
 * preset, 8 × 256 tokens: 0.64 s a step at a vocabulary of 4,096 on two idle cores, 1.05 s on one; two thirds of it are
 * matrix products (30–40 GFLOP/s a core where they are large), an eighth e^x and erf, which jax-js does not vectorise.
 * The first step compiles for two seconds. Memory is 1.4 GB, at a vocabulary of 30,080 2.5 GB.
 */

import './jax-threads.ts'
import { join } from 'node:path'
import { blockUntilReady, jit, numpy as np, tree, valueAndGrad } from '@jax-js/jax'
import { KopipeError } from '../../core/errors.ts'
import { io } from '../../native/index.ts'
import { readSafetensors, writeSafetensors } from '../safetensors.ts'
import { type Parameter, parameters, type Tensor } from '../weights.ts'
import type { AdamW, Device, Engine, EngineSetup, Samples, StepResult } from './engine.ts'
import { type Constants, constants, lossOf, type Marks, type Weights } from './jax-model.ts'

/** Logits of one pass, in numbers: 8 × 256 tokens at a vocabulary of 30,080 are 0.25 GB, of which three live at once. */
const LARGEST_PASS = 64 * 2 ** 20

/** Parameters and the two moments of Adam, by parameter name. */
type State = { weights: Weights; first: Weights; second: Weights }

export class JaxEngine implements Engine {
  readonly #largestPass: number
  #setup!: EngineSetup
  #parameters!: Parameter[]
  /** Samples a pass. */
  #pass!: number
  #state!: State
  #constants!: Constants
  #loss!: (weights: Weights, tokens: np.Array, labels: np.Array, constants: Constants, marks: Marks) => np.Array
  #gradient!: (weights: Weights, tokens: np.Array, labels: np.Array, constants: Constants, marks: Marks) => [np.Array, Weights]
  #sum!: (a: Weights, b: Weights) => Weights
  #update!: (state: State, gradient: Weights, factors: Factors) => State & { norm: np.Array }

  /** `largestPass`: logits that one pass may hold. */
  constructor(largestPass = LARGEST_PASS) {
    this.#largestPass = largestPass
  }

  async init(setup: EngineSetup): Promise<Device> {
    this.#setup = setup
    this.#parameters = parameters(setup.shape)
    const sequenceLength = setup.train.plan.sequenceLength
    this.#pass = passSize(setup.batchSize, sequenceLength * setup.shape.vocabulary, this.#largestPass)
    this.#constants = constants(setup.shape, sequenceLength)
    const zeros = () => Object.fromEntries(this.#parameters.map((p) => [p.name, np.zeros([...p.shape])]))
    this.#state = { weights: await this.#collect(setup.weights), first: zeros(), second: zeros() }

    const loss = lossOf(setup.shape, setup.train.resets)
    this.#loss = jit(loss)
    this.#gradient = jit(valueAndGrad(loss))
    this.#sum = jit((a: Weights, b: Weights) => tree.map((x: np.Array, y: np.Array) => x.add(y), a, b) as Weights)
    this.#update = jit(updateOf(setup.optimizer, this.#parameters))
    return { name: 'CPU (WebAssembly)', count: 1, peakFlops: null }
  }

  async step(step: number, positions: readonly number[], learningRate: number): Promise<StepResult> {
    const { beta1, beta2 } = this.#setup.optimizer
    const losses: np.Array[] = []
    let gradient: Weights | null = null
    for await (const [tokens, labels, marks] of this.#passes(this.#setup.train, positions)) {
      const [loss, part] = this.#gradient(tree.ref(this.#state.weights), tokens, labels, tree.ref(this.#constants), marks)
      losses.push(loss)
      gradient = gradient ? this.#sum(gradient, part) : part
    }
    const passes = losses.length
    const { norm, ...state } = this.#update(this.#state, gradient as Weights, {
      learningRate: np.array(learningRate),
      first: np.array(1 / (1 - beta1 ** step)),
      second: np.array(1 / (1 - beta2 ** step)),
      share: np.array(1 / passes),
    })
    this.#state = state
    await blockUntilReady(state)
    return { loss: await mean(losses), gradientNorm: await number(norm) }
  }

  async evaluate(positions: readonly number[]): Promise<number> {
    const losses: np.Array[] = []
    for await (const [tokens, labels, marks] of this.#passes(this.#setup.valid as Samples, positions)) {
      losses.push(this.#loss(tree.ref(this.#state.weights), tokens, labels, tree.ref(this.#constants), marks))
    }
    return mean(losses)
  }

  async save(folder: string): Promise<void> {
    const { weights, first, second } = this.#state
    const optimizer = [...(await this.#tensors(first, 'first.')), ...(await this.#tensors(second, 'second.'))]
    await io.commitFile(join(folder, 'model.safetensors'), writeSafetensors(await this.#tensors(weights, '')))
    await io.commitFile(join(folder, 'optimizer.safetensors'), writeSafetensors(optimizer))
  }

  async load(folder: string): Promise<void> {
    const read = async (file: string, prefixes: string[]) => {
      const path = join(folder, file)
      const tensors = readSafetensors(await io.readFile(path), path)
      const byName = new Map(tensors.map((t) => [t.name, t]))
      return prefixes.map((prefix) => this.#arrays(this.#parameters.map((p) => expected(p, byName.get(prefix + p.name), path))))
    }
    const [weights] = await read('model.safetensors', [''])
    const [first, second] = await read('optimizer.safetensors', ['first.', 'second.'])
    tree.dispose(this.#state)
    this.#state = { weights, first, second } as State
  }

  async close(): Promise<void> {
    tree.dispose([this.#state, this.#constants])
  }

  /** Tokens, labels and marks of each pass, [pass × sequence length]. */
  async *#passes(samples: Samples, positions: readonly number[]): AsyncGenerator<[np.Array, np.Array, Marks]> {
    const length = samples.plan.sequenceLength
    // All at once: what a prediction counts depends on how many there are in the whole batch.
    const { tokens, starts, weights, counted } = await samples.gather(positions)
    for (let from = 0; from < positions.length; from += this.#pass) {
      const count = Math.min(this.#pass, positions.length - from)
      const row = (i: number, shift: number) => {
        const begin = (from + i) * (length + 1) + shift
        return tokens.subarray(begin, begin + length)
      }
      const column = (shift: number) => {
        const flat = new Int32Array(count * length)
        for (let i = 0; i < count; i++) flat.set(row(i, shift), i * length)
        return np.array(flat, { dtype: np.int32 })
      }
      const [first, end] = [from * length, (from + count) * length]
      const marks: Marks = {}
      if (starts.length > 0) marks.starts = np.array(starts.slice(first, end), { dtype: np.int32 })
      // The mean over the passes is to be the mean over all that count.
      const scale = positions.length / count / Math.max(counted, 1)
      if (weights.length > 0) marks.weights = np.array(weights.slice(first, end)).mul(scale)
      yield [column(0), column(1), marks]
    }
  }

  async #collect(tensors: EngineSetup['weights']): Promise<Weights> {
    const all: Tensor[] = []
    for await (const tensor of tensors) all.push(tensor)
    return this.#arrays(all)
  }

  #arrays(tensors: Iterable<Tensor>): Weights {
    const arrays: Weights = {}
    for (const { name, shape, values } of tensors) {
      arrays[name.replace(/^(first|second)\./, '')] = np.array(values as Float32Array<ArrayBuffer>).reshape([...shape])
    }
    return arrays
  }

  #tensors(arrays: Weights, prefix: string): Promise<Tensor[]> {
    const read = async ({ name, shape }: Parameter): Promise<Tensor> => {
      const values = (await (arrays[name] as np.Array).ref.data()) as Float32Array
      return { name: prefix + name, shape, values }
    }
    return Promise.all(this.#parameters.map(read))
  }
}

/** What changes from step to step, as scalars: a compiled function sees them as inputs. */
type Factors = {
  learningRate: np.Array
  /** Corrections of the moments' start at zero. */
  first: np.Array
  second: np.Array
  /** 1 / number of gradients that were added up. */
  share: np.Array
}

function updateOf({ beta1, beta2, epsilon, weightDecay, clip }: AdamW, list: Parameter[]) {
  return (state: State, gradient: Weights, factors: Factors): State & { norm: np.Array } => {
    const at = (arrays: Weights, name: string) => arrays[name] as np.Array
    const squares = list.map(({ name }) => np.sum(np.square(at(gradient, name).ref)))
    const norm = np.sqrt(squares.reduce((sum, square) => sum.add(square))).mul(factors.share.ref)
    const scale = np.minimum(np.reciprocal(norm.ref.add(1e-6)).mul(clip), 1).mul(factors.share)
    const next: State = { weights: {}, first: {}, second: {} }
    for (const { name, decays } of list) {
      const g = at(gradient, name).mul(scale.ref)
      const first = at(state.first, name)
        .mul(beta1)
        .add(g.ref.mul(1 - beta1))
      const second = at(state.second, name)
        .mul(beta2)
        .add(np.square(g).mul(1 - beta2))
      const weight = at(state.weights, name)
      const direction = first.ref.mul(factors.first.ref).div(np.sqrt(second.ref.mul(factors.second.ref)).add(epsilon))
      const pull = decays ? direction.add(weight.ref.mul(weightDecay)) : direction
      next.weights[name] = weight.sub(pull.mul(factors.learningRate.ref))
      next.first[name] = first
      next.second[name] = second
    }
    tree.dispose([scale, factors.learningRate, factors.first, factors.second])
    return { ...next, norm }
  }
}

/** The largest divisor of the batch whose logits fit one pass: all passes are of one shape, so each compiles once. */
function passSize(batchSize: number, logitsOfOne: number, largest: number): number {
  let size = batchSize
  while (size > 1 && (batchSize % size !== 0 || size * logitsOfOne > largest)) size--
  return size
}

function expected(parameter: Parameter, tensor: Tensor | undefined, path: string): Tensor {
  if (tensor && tensor.shape.join() === parameter.shape.join()) return tensor
  const came = tensor ? `has the shape [${tensor.shape}]` : 'is missing'
  throw new KopipeError('corrupt', `${path}: parameter ${parameter.name} of shape [${parameter.shape}] ${came}`, { path })
}

async function number(array: np.Array): Promise<number> {
  return (await array.data())[0] as number
}

async function mean(arrays: np.Array[]): Promise<number> {
  const values = await Promise.all(arrays.map(number))
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
