/**
 * A trained model on WebAssembly, in fp32: nothing to install, for models of some millions of parameters.
 *
 * jax-js compiles each shape it meets, so there are few: rows are padded on the right, where a causal model does not look,
 * to a power of two, and as many go together as hold 2,048 tokens. Logits are computed where they are asked for only, which
 * with a large vocabulary is most of the work. Nothing is kept from one `next` to the next: a token costs its whole row.
 */

import './jax-threads.ts'
import { jit, nn, numpy as np, tree } from '@jax-js/jax'
import { type ModelFolder, readWeights } from '../model/folder.ts'
import { type LanguageModel, type Score, type ScoredRow, type SharedInput, sharedInputs } from '../model/language-model.ts'
import { parameterCount } from '../presets.ts'
import { type Constants, constants, hiddenOf, type Weights } from './jax-model.ts'

/** Tokens that go through the layers at once. */
const TOKENS = 2048
const SHORTEST = 16
/** Logits at once, in numbers: 64 MB, of which three live together. */
const LOGITS = 16 * 2 ** 20

type Head = (hidden: np.Array, out: np.Array, places: np.Array, labels: np.Array) => { logprobs: np.Array; best: np.Array }

export class JaxLanguageModel implements LanguageModel {
  readonly device = 'CPU (WebAssembly)'
  readonly context: number
  readonly vocabulary: number
  readonly parameters: number
  readonly #shape: ModelFolder['shape']
  readonly #weights: Weights
  readonly #tables = new Map<number, Constants>()
  readonly #hidden: (weights: Weights, tokens: np.Array, tables: Constants) => np.Array
  readonly #head: Head
  readonly #logits: (hidden: np.Array, out: np.Array, places: np.Array) => np.Array

  private constructor({ shape, context }: ModelFolder, weights: Weights) {
    this.context = context
    this.vocabulary = shape.vocabulary
    this.parameters = parameterCount(shape)
    this.#shape = shape
    this.#weights = weights
    this.#hidden = jit(hiddenOf(shape))
    this.#head = jit((hidden: np.Array, out: np.Array, places: np.Array, labels: np.Array) => {
      const at = np.take(hidden, places, 0)
      const logits = np.matmul(at.ref, out.ref.transpose())
      const chosen = np.sum(at.mul(np.take(out, labels, 0)), -1)
      return { logprobs: chosen.sub(nn.logsumexp(logits.ref, -1)), best: np.argmax(logits, -1) }
    }) as Head
    this.#logits = jit((hidden: np.Array, out: np.Array, places: np.Array) => np.matmul(np.take(hidden, places, 0), out.transpose()))
  }

  static async open(folder: ModelFolder): Promise<JaxLanguageModel> {
    const tensors = await readWeights(folder)
    const arrays = tensors.map(({ name, shape, values }) => [name, np.array(values as Float32Array<ArrayBuffer>).reshape([...shape])])
    return new JaxLanguageModel(folder, Object.fromEntries(arrays) as Weights)
  }

  async score(rows: readonly ScoredRow[]): Promise<Score[]> {
    const scores: Score[] = rows.map(() => ({ logprob: 0, greedy: true }))
    const inputs = sharedInputs(rows)
    for (const { length, members } of batches(inputs.map(({ tokens }) => tokens.length))) {
      const together = members.map((number) => inputs[number] as SharedInput)
      const hidden = this.#states(
        together.map(({ tokens }) => tokens),
        length,
      )
      const asked = together.flatMap(({ asks }, i) =>
        asks.flatMap(({ row, from, labels }) => labels.map((label, j) => ({ row, place: i * length + from + j - 1, label }))),
      )
      const largest = Math.max(SHORTEST, 2 ** Math.floor(Math.log2(LOGITS / this.vocabulary)))
      for (let from = 0; from < asked.length; from += largest) {
        const part = asked.slice(from, from + largest)
        const column = (of: 'place' | 'label') =>
          padded(
            part.map((place) => place[of]),
            powerOfTwo(part.length),
          )
        const { logprobs, best } = this.#head(hidden.ref, this.#out(), column('place'), column('label'))
        const [values, tokens] = [await logprobs.data(), await best.data()]
        for (const [i, { row, label }] of part.entries()) {
          const score = scores[row] as Score
          score.logprob += values[i] as number
          score.greedy &&= tokens[i] === label
        }
      }
      hidden.dispose()
    }
    return scores
  }

  async next(rows: readonly (readonly number[])[]): Promise<Float32Array[]> {
    const result: Float32Array[] = []
    for (const { length, members } of batches(rows.map((row) => row.length))) {
      const hidden = this.#states(
        members.map((row) => rows[row] as readonly number[]),
        length,
      )
      const places = members.map((row, i) => i * length + (rows[row] as readonly number[]).length - 1)
      const logits = (await this.#logits(hidden, this.#out(), padded(places, powerOfTwo(places.length, 1))).data()) as Float32Array
      for (const [i, row] of members.entries()) result[row] = logits.slice(i * this.vocabulary, (i + 1) * this.vocabulary)
    }
    return result
  }

  async close(): Promise<void> {
    tree.dispose([this.#weights, ...this.#tables.values()])
  }

  #out(): np.Array {
    return (this.#weights['embed_out.weight'] as np.Array).ref
  }

  /** What the layers make of rows, padded to `length` tokens. */
  #states(rows: readonly (readonly number[])[], length: number): np.Array {
    const count = powerOfTwo(rows.length, 1)
    const tokens = new Int32Array(count * length)
    for (const [i, row] of rows.entries()) tokens.set(row, i * length)
    const tables = this.#tables.get(length) ?? constants(this.#shape, length)
    this.#tables.set(length, tables)
    return this.#hidden(tree.ref(this.#weights), np.array(tokens, { dtype: np.int32 }), tree.ref(tables))
  }
}

/** Rows that go together, by their numbers: of like lengths, `TOKENS` of them with their padding. */
function batches(lengths: readonly number[]): { length: number; members: number[] }[] {
  const groups = Map.groupBy(lengths.keys(), (row) => powerOfTwo(lengths[row] as number))
  return [...groups].flatMap(([length, rows]) => {
    const size = Math.max(1, TOKENS / length)
    return Array.from({ length: Math.ceil(rows.length / size) }, (_, i) => ({ length, members: rows.slice(i * size, (i + 1) * size) }))
  })
}

function powerOfTwo(atLeast: number, smallest = SHORTEST): number {
  return Math.max(smallest, 2 ** Math.ceil(Math.log2(atLeast)))
}

function padded(values: readonly number[], length: number): np.Array {
  const column = new Int32Array(length)
  column.set(values)
  return np.array(column, { dtype: np.int32 })
}
