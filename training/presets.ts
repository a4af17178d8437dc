/**
 * What is trained: shapes of GPT-NeoX models and the recipe that suits each.
 *
 * Shapes follow Polyglot-Ko and Pythia: parallel residual, rotary embedding on a part of each head, untied embeddings,
 * a vocabulary padded to a multiple of 128.
 */

export interface ModelShape {
  readonly layers: number
  /** Numbers a token is while it passes through the layers (d). */
  readonly width: number
  readonly feedForward: number
  readonly heads: number
  /** Dimensions of each head that the rotary embedding turns; the rest know no position. */
  readonly rotary: number
  /** Rows of both embeddings: the tokenizer's vocabulary, padded. */
  readonly vocabulary: number
  /** Attention is added before the perceptron sees the stream (GPT-NeoX's `gpt_j_residual: false`); without, both are given the same. */
  readonly sequential?: boolean
}

/** What all of them share. */
export const ROTARY_BASE = 10_000
export const NORM_EPSILON = 1e-5

export interface Preset {
  readonly shape: Omit<ModelShape, 'vocabulary'>
  /** Tokens a sample. */
  readonly sequenceLength: number
  /** Samples an optimizer step. */
  readonly batchSize: number
  /** Optimizer steps. */
  readonly steps: number
  /** Where the warm-up ends; the cosine ends at a tenth of it. */
  readonly learningRate: number
}

const POLYGLOT = { sequenceLength: 2048, batchSize: 1024, steps: 102_000 }

/**
 * `tiny`: for tests and the demo. A step of 8 × 256 tokens takes 0.65 s at a vocabulary of 4,096 on two idle cores, 1.1 s
 * on one. The learning rate is five times Pythia's smallest model's, as small models bear it.
 *
 * The others are GPT-2's and Polyglot-Ko's shapes (2.7B is GPT-3's); batches and steps are Polyglot-Ko's where they are
 * published, learning rates those of Pythia's models of about that size (Biderman et al. 2023, table 6). With a vocabulary
 * of 30,080 they have 131,258,880, 1,331,810,304, 2,671,662,080, 3,809,974,272 and 5,885,059,072 parameters.
 */
export const PRESETS = {
  tiny: {
    shape: { layers: 4, width: 128, feedForward: 512, heads: 4, rotary: 8 },
    sequenceLength: 256,
    batchSize: 8,
    steps: 200,
    learningRate: 5e-3,
  },
  '124M': {
    shape: { layers: 12, width: 768, feedForward: 3072, heads: 12, rotary: 64 },
    sequenceLength: 2048,
    batchSize: 256,
    steps: 10_000,
    learningRate: 6e-4,
  },
  '1.3B': { ...POLYGLOT, shape: { layers: 24, width: 2048, feedForward: 8192, heads: 16, rotary: 64 }, learningRate: 2e-4 },
  '2.7B': { ...POLYGLOT, shape: { layers: 32, width: 2560, feedForward: 10_240, heads: 32, rotary: 64 }, learningRate: 1.6e-4 },
  '3.8B': {
    ...POLYGLOT,
    shape: { layers: 32, width: 3072, feedForward: 12_288, heads: 24, rotary: 64 },
    steps: 105_000,
    learningRate: 1.6e-4,
  },
  '5.8B': {
    shape: { layers: 28, width: 4096, feedForward: 16_384, heads: 16, rotary: 64 },
    sequenceLength: 2048,
    batchSize: 256,
    steps: 320_000,
    learningRate: 1.2e-4,
  },
} as const satisfies Record<string, Preset>

export type PresetName = keyof typeof PRESETS

/** The next multiple, of 128 unless said: matrix sizes that every device likes, GPT-NeoX's `make_vocab_size_divisible_by`. */
export function paddedVocabulary(vocabulary: number, multiple = 128): number {
  return Math.ceil(vocabulary / multiple) * multiple
}

/** L(12d² + 13d) + 2Vd + 2d, with feed-forward layers of 4d: GPT-NeoX's and Polyglot-Ko's own counts. */
export function parameterCount(shape: ModelShape): number {
  const { layers, width: d, feedForward, vocabulary } = shape
  const attention = 4 * d * d + 4 * d
  const perceptron = 2 * d * feedForward + feedForward + d
  const norms = 4 * d
  return layers * (attention + perceptron + norms) + 2 * vocabulary * d + 2 * d
}
