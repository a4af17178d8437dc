/**
 * GPT-NeoX in jax-js: x + attention(LN₁ x) + perceptron(LN₂ x) a layer, or one after the other, rotary on a part of each head, exact GELU.
 *
 * Arrays are counted by hand: passing one on gives it away, `.ref` keeps it. Written for what jax-js's compiler does well
 * (measured at 8 × 256 tokens, vocabulary 4,096, one thread):
 * - query, key and value come from slices of the small weight, not of the large activation: a slice's gradient is a pad;
 * - the rotary turn is a product with a constant matrix, since concatenation compiles to padded sums;
 * - the label's logit is a row of `embed_out` times the hidden state: picking it from the logits would make the gradient
 *   scatter into a second array of tokens × vocabulary (33 MB here);
 * - embeddings are gathered, so that their gradient is a scatter of 9 ms; a one-hot product takes 60.
 */

import { nn, numpy as np, tree } from '@jax-js/jax'
import { type ModelShape, NORM_EPSILON, ROTARY_BASE } from '../presets.ts'
import type { Resets } from './engine.ts'

export type Weights = Record<string, np.Array>

/** What makes documents in a sample strangers to each other, of [batch × sequence] places. */
export type Marks = {
  /** Where each place's document begins, int32. */
  starts?: np.Array
  /** What each prediction counts, fp32: their weighted sum is the loss. */
  weights?: np.Array
}

/** What does not learn: tables of the rotary turn and the causal mask. */
export type Constants = { cos: np.Array; sin: np.Array; turn: np.Array; mask: np.Array }

/** Added to the scores of later tokens: e to this power is 0 in fp32. */
const UNSEEN = -1e9

export function constants(shape: ModelShape, sequenceLength: number): Constants {
  const head = shape.width / shape.heads
  const half = shape.rotary / 2
  const cos = new Float32Array(sequenceLength * head).fill(1)
  const sin = new Float32Array(sequenceLength * head)
  for (let position = 0; position < sequenceLength; position++) {
    for (let i = 0; i < shape.rotary; i++) {
      const angle = position / ROTARY_BASE ** (((i % half) * 2) / shape.rotary)
      cos[position * head + i] = Math.cos(angle)
      sin[position * head + i] = Math.sin(angle)
    }
  }
  // x · turn = (-x₂, x₁, 0): Su et al.'s rotation (2021), in GPT-NeoX's layout of two halves.
  const turn = new Float32Array(head * head)
  for (let i = 0; i < half; i++) {
    turn[(i + half) * head + i] = -1
    turn[i * head + i + half] = 1
  }
  const mask = new Float32Array(sequenceLength * sequenceLength)
  for (let i = 0; i < sequenceLength; i++) mask.fill(UNSEEN, i * sequenceLength + i + 1, (i + 1) * sequenceLength)
  return {
    cos: np.array(cos).reshape([sequenceLength, head]),
    sin: np.array(sin).reshape([sequenceLength, head]),
    turn: np.array(turn).reshape([head, head]),
    mask: np.array(mask).reshape([sequenceLength, sequenceLength]),
  }
}

/**
 * The loss of `labels` after `tokens` (both int32 [batch × sequence]), mean in nats, or weighted. Takes all its arrays.
 * With `marks.starts`, `resets` says what they are for.
 */
export function lossOf(shape: ModelShape, resets: Resets = { positions: false, attention: false }) {
  const hiddenAt = hiddenOf(shape, resets)

  return (weights: Weights, tokens: np.Array, labels: np.Array, tables: Constants, marks: Marks = {}): np.Array => {
    const out = (weights['embed_out.weight'] as np.Array).ref
    const hidden = hiddenAt(weights, tokens, tables, marks.starts)
    const logits = np.matmul(hidden.ref, out.ref.transpose())
    const chosen = np.sum(hidden.mul(np.take(out, labels, 0)), -1)
    const losses = nn.logsumexp(logits, -1).sub(chosen)
    return marks.weights ? np.sum(losses.mul(marks.weights)) : np.mean(losses)
  }
}

/** The stream behind the last norm, [batch × sequence, width], of `tokens` (int32 [batch × sequence]). Takes all its arrays. */
export function hiddenOf(shape: ModelShape, resets: Resets = { positions: false, attention: false }) {
  const { layers, width, heads, sequential } = shape
  const head = width / heads

  return (weights: Weights, tokens: np.Array, tables: Constants, starts?: np.Array): np.Array => {
    const w = (name: string) => (weights[name] as np.Array).ref
    const linear = (x: np.Array, name: string) => np.matmul(x, w(`${name}.weight`).transpose()).add(w(`${name}.bias`))
    const norm = (x: np.Array, name: string) => {
      const centred = x.ref.sub(np.mean(x, -1, { keepdims: true }))
      const variance = np.mean(centred.ref.mul(centred.ref), -1, { keepdims: true })
      return centred
        .div(np.sqrt(variance.add(NORM_EPSILON)))
        .mul(w(`${name}.weight`))
        .add(w(`${name}.bias`))
    }
    const sequenceLength = tables.cos.shape[0] as number
    const count = tokens.shape[0] as number
    const samples = count / sequenceLength
    const { cos, sin, mask } = reset(tables, starts, samples, resets)

    const attention = (x: np.Array, name: string) => {
      const weight = w(`${name}.query_key_value.weight`).reshape([heads, 3, head, width])
      const bias = w(`${name}.query_key_value.bias`).reshape([heads, 3, head])
      const part = (i: number) => {
        const matrix = weight.ref.slice([], i).reshape([width, width])
        const y = np.matmul(x.ref, matrix.transpose()).add(bias.ref.slice([], i).reshape([width]))
        return y.reshape([samples, sequenceLength, heads, head]).transpose([0, 2, 1, 3])
      }
      const rotary = (y: np.Array) => y.ref.mul(cos.ref).add(np.matmul(y, tables.turn.ref).mul(sin.ref))
      const [query, key, value] = [rotary(part(0)), rotary(part(1)), part(2)]
      tree.dispose([x, weight, bias])
      const scores = np.matmul(query, key.transpose([0, 1, 3, 2])).mul(1 / Math.sqrt(head))
      const mixed = np.matmul(nn.softmax(scores.add(mask.ref), -1), value)
      return linear(mixed.transpose([0, 2, 1, 3]).reshape([count, width]), `${name}.dense`)
    }
    const perceptron = (x: np.Array, name: string) =>
      linear(nn.gelu(linear(x, `${name}.dense_h_to_4h`), { approximate: false }), `${name}.dense_4h_to_h`)

    let x = np.take(w('gpt_neox.embed_in.weight'), tokens, 0)
    for (let i = 0; i < layers; i++) {
      const name = `gpt_neox.layers.${i}`
      const attended = attention(norm(x.ref, `${name}.input_layernorm`), `${name}.attention`)
      if (sequential) x = x.add(attended)
      const thought = perceptron(norm(x.ref, `${name}.post_attention_layernorm`), `${name}.mlp`)
      x = sequential ? x.add(thought) : x.add(attended).add(thought)
    }
    const hidden = norm(x, 'gpt_neox.final_layer_norm')
    tree.dispose([weights, tables.turn, cos, sin, mask])
    return hidden
  }
}

/** The tables of samples in which positions or attention begin anew; the same tables where nothing does. */
function reset({ cos, sin, mask }: Constants, starts: np.Array | undefined, samples: number, resets: Resets) {
  if (!starts) return { cos, sin, mask }
  const length = cos.shape[0] as number
  const head = cos.shape[1] as number
  const begins = starts.reshape([samples, length])
  const tables = { cos, sin, mask }
  if (resets.positions) {
    const places = np
      .arange(length)
      .astype(np.int32)
      .sub(begins.ref)
      .reshape([samples * length])
    const turned = (table: np.Array, at: np.Array) => np.take(table, at, 0).reshape([samples, 1, length, head])
    tables.cos = turned(cos, places.ref)
    tables.sin = turned(sin, places)
  }
  if (resets.attention) {
    // A place sees those from its document's begin on.
    const earlier = np
      .arange(length)
      .astype(np.int32)
      .reshape([1, 1, 1, length])
      .less(begins.ref.reshape([samples, 1, length, 1]))
    tables.mask = mask.add(np.where(earlier, UNSEEN, 0))
  }
  begins.dispose()
  return tables
}
