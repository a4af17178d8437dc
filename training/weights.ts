/**
 * The parameters of a model: their names, shapes and first values, the same for every engine.
 *
 * Names and layouts are those of Hugging Face's `GPTNeoXForCausalLM` (a matrix is [out, in]; query, key and value are
 * interleaved by head), so that a checkpoint is a model file. First values as GPT-NeoX's `small_init` (Nguyen and
 * Salazar 2019: σ = √(2 / 5d)) and, for what is added to the residual stream, `wang_init` (σ = 2 / (L √d)); biases 0,
 * LayerNorm 1. Every tensor has a random stream of its own, seeded by its name: neither order nor engine matters.
 * Cost: 25 ns a number.
 */

import { createHash } from 'node:crypto'
import type { ModelShape } from './presets.ts'

export interface Parameter {
  readonly name: string
  readonly shape: readonly number[]
  readonly start: 'small' | 'wang' | 'zero' | 'one'
  /** Whether weight decay pulls on it: on matrices, not on biases and LayerNorm. */
  readonly decays: boolean
}

export interface Tensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly values: Float32Array
}

export function parameters({ layers, width: d, feedForward, vocabulary }: ModelShape): Parameter[] {
  const matrix = (name: string, shape: number[], start: 'small' | 'wang' = 'small'): Parameter => ({ name, shape, start, decays: true })
  const linear = (name: string, out: number, into: number, start: 'small' | 'wang' = 'small'): Parameter[] => [
    matrix(`${name}.weight`, [out, into], start),
    { name: `${name}.bias`, shape: [out], start: 'zero', decays: false },
  ]
  const norm = (name: string): Parameter[] => [
    { name: `${name}.weight`, shape: [d], start: 'one', decays: false },
    { name: `${name}.bias`, shape: [d], start: 'zero', decays: false },
  ]
  const layer = (name: string): Parameter[] => [
    ...norm(`${name}.input_layernorm`),
    ...norm(`${name}.post_attention_layernorm`),
    ...linear(`${name}.attention.query_key_value`, 3 * d, d),
    ...linear(`${name}.attention.dense`, d, d, 'wang'),
    ...linear(`${name}.mlp.dense_h_to_4h`, feedForward, d),
    ...linear(`${name}.mlp.dense_4h_to_h`, d, feedForward, 'wang'),
  ]
  return [
    matrix('gpt_neox.embed_in.weight', [vocabulary, d]),
    ...Array.from({ length: layers }, (_, i) => layer(`gpt_neox.layers.${i}`)).flat(),
    ...norm('gpt_neox.final_layer_norm'),
    matrix('embed_out.weight', [vocabulary, d]),
  ]
}

/** The first weights of a model, tensor by tensor. */
export function* initialWeights(shape: ModelShape, seed: number): Generator<Tensor> {
  const deviation = { small: Math.sqrt(2 / (5 * shape.width)), wang: 2 / shape.layers / Math.sqrt(shape.width) }
  for (const { name, shape: dimensions, start } of parameters(shape)) {
    const values = new Float32Array(dimensions.reduce((product, n) => product * n, 1))
    if (start === 'one') values.fill(1)
    else if (start !== 'zero') fillNormal(values, deviation[start], `${seed}:${name}`)
    yield { name, shape: dimensions, values }
  }
}

/** Normal numbers of mean 0 by Box and Muller's transform (1958), from a stream that `key` seeds. */
function fillNormal(values: Float32Array, deviation: number, key: string): void {
  const next = xoshiro128(key)
  for (let i = 0; i < values.length; i += 2) {
    const radius = deviation * Math.sqrt(-2 * Math.log((next() + 1) / 2 ** 32))
    const angle = (2 * Math.PI * next()) / 2 ** 32
    values[i] = radius * Math.cos(angle)
    // A write beyond the end of a typed array is no write.
    values[i + 1] = radius * Math.sin(angle)
  }
}

/** Blackman and Vigna's xoshiro128++ (2019): 32 random bits a call; its state is a digest of `key`. */
function xoshiro128(key: string): () => number {
  const digest = createHash('sha256').update(key).digest()
  let [a, b, c, d] = [digest.readInt32LE(0), digest.readInt32LE(4), digest.readInt32LE(8), digest.readInt32LE(12)]
  const rotate = (x: number, by: number) => (x << by) | (x >>> (32 - by))
  return () => {
    const result = (rotate((a + d) | 0, 7) + a) >>> 0
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = rotate(d, 11)
    return result
  }
}
