/**
 * The parameters of a model: their names, shapes and first values, the same for every engine.
 *
 * Names and layouts are those of Hugging Face's `GPTNeoXForCausalLM` (a matrix is [out, in]; query, key and value are
 * interleaved by head), so that a checkpoint is a model file. First values as GPT-NeoX's `small_init` (Nguyen and
 * Salazar 2019: σ = √(2 / 5d)) and, for what is added to the residual stream, `wang_init` (σ = 2 / (L √d)); biases 0,
 * LayerNorm 1. Every tensor has random numbers of its own, seeded by its name: neither order nor engine matters.
 */

import { native } from '../native/index.ts'
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
export async function* initialWeights(shape: ModelShape, seed: number): AsyncGenerator<Tensor> {
  const deviation = { small: Math.sqrt(2 / (5 * shape.width)), wang: 2 / shape.layers / Math.sqrt(shape.width) }
  for (const { name, shape: dimensions, start } of parameters(shape)) {
    const count = dimensions.reduce((product, n) => product * n, 1)
    const constant = () => new Float32Array(count).fill(start === 'one' ? 1 : 0)
    const values = start === 'one' || start === 'zero' ? constant() : await native.normalNumbers(count, deviation[start], `${seed}:${name}`)
    yield { name, shape: dimensions, values }
  }
}
