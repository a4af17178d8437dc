/** GPT-NeoX's loss, slow and obvious: loops over 64-bit numbers, no matrix in sight. What the engines are held against. */

import type { ModelShape } from '../../training/presets.ts'

export type Numbers = Record<string, Float64Array>

/** Mean cross-entropy, in nats, of predicting each token of the samples but their first. */
export function referenceLoss(shape: ModelShape, weights: Numbers, samples: readonly (readonly number[])[]): number {
  let sum = 0
  let count = 0
  for (const sample of samples) {
    const hidden = forward(shape, weights, sample.slice(0, -1))
    for (const [i, x] of hidden.entries()) {
      const logits = linear(x, at(weights, 'embed_out.weight'), null)
      const largest = Math.max(...logits)
      const normalizer = largest + Math.log(logits.reduce((total, logit) => total + Math.exp(logit - largest), 0))
      sum += normalizer - (logits[sample[i + 1] as number] as number)
      count++
    }
  }
  return sum / count
}

function forward({ layers, width, heads, rotary, sequential }: ModelShape, weights: Numbers, tokens: readonly number[]): number[][] {
  const head = width / heads
  const layerNorm = (x: number[], name: string) => norm(x, at(weights, `${name}.weight`), at(weights, `${name}.bias`))
  const dense = (x: number[], name: string) => linear(x, at(weights, `${name}.weight`), at(weights, `${name}.bias`))
  let stream = tokens.map((token) => [...at(weights, 'gpt_neox.embed_in.weight').subarray(token * width, (token + 1) * width)])
  for (let l = 0; l < layers; l++) {
    const name = `gpt_neox.layers.${l}`
    const projected = stream.map((x) => dense(layerNorm(x, `${name}.input_layernorm`), `${name}.attention.query_key_value`))
    // Of each head: query, key, value, one after the other.
    const part = (position: number, h: number, which: number) =>
      (projected[position] as number[]).slice((3 * h + which) * head, (3 * h + which + 1) * head)
    stream = stream.map((x, i) => {
      const mixed: number[] = []
      for (let h = 0; h < heads; h++) {
        const query = turn(part(i, h, 0), i, rotary)
        const scores = Array.from({ length: i + 1 }, (_, j) => dot(query, turn(part(j, h, 1), j, rotary)) / Math.sqrt(head))
        const exps = scores.map((score) => Math.exp(score - Math.max(...scores)))
        const total = exps.reduce((a, b) => a + b, 0)
        for (let k = 0; k < head; k++) mixed.push(exps.reduce((sum, e, j) => sum + (e / total) * (part(j, h, 2)[k] as number), 0))
      }
      const attended = dense(mixed, `${name}.attention.dense`)
      const seen = sequential ? x.map((value, k) => value + (attended[k] as number)) : x
      const inner = dense(layerNorm(seen, `${name}.post_attention_layernorm`), `${name}.mlp.dense_h_to_4h`).map(gelu)
      const thought = dense(inner, `${name}.mlp.dense_4h_to_h`)
      return x.map((value, k) => value + (attended[k] as number) + (thought[k] as number))
    })
  }
  return stream.map((x) => layerNorm(x, 'gpt_neox.final_layer_norm'))
}

function norm(x: number[], weight: Float64Array, bias: Float64Array): number[] {
  const mean = x.reduce((a, b) => a + b, 0) / x.length
  const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length
  return x.map((value, i) => ((value - mean) / Math.sqrt(variance + 1e-5)) * (weight[i] as number) + (bias[i] as number))
}

function linear(x: number[], weight: Float64Array, bias: Float64Array | null): number[] {
  return Array.from({ length: weight.length / x.length }, (_, row) =>
    x.reduce((sum, value, i) => sum + value * (weight[row * x.length + i] as number), bias?.[row] ?? 0),
  )
}

/** Turns the first `rotary` numbers: the i-th of the first half with the i-th of the second. */
function turn(x: number[], position: number, rotary: number): number[] {
  const turned = [...x]
  const half = rotary / 2
  for (let i = 0; i < half; i++) {
    const angle = position / 10_000 ** ((2 * i) / rotary)
    const [a, b] = [x[i] as number, x[i + half] as number]
    turned[i] = a * Math.cos(angle) - b * Math.sin(angle)
    turned[i + half] = b * Math.cos(angle) + a * Math.sin(angle)
  }
  return turned
}

function gelu(x: number): number {
  return (x * (1 + erf(x / Math.SQRT2))) / 2
}

/** Maclaurin's series of the error function: exact to 1e-12 for the small arguments of these tests. */
function erf(x: number): number {
  let term = x
  let sum = x
  for (let n = 1; n < 100; n++) {
    term *= (-x * x) / n
    sum += term / (2 * n + 1)
  }
  return (2 / Math.sqrt(Math.PI)) * sum
}

function dot(a: number[], b: number[]): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] as number), 0)
}

function at(weights: Numbers, name: string): Float64Array {
  const values = weights[name]
  if (!values) throw new Error(`no ${name}`)
  return values
}
