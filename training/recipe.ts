/** The `train` section of a recipe file: what a preset is changed by. Flags win over it. */

import { z } from 'zod'
import { count, validate } from '../core/options.ts'
import { parseYaml } from '../core/yaml.ts'
import { io } from '../native/index.ts'
import type { AdamW } from './engines/engine.ts'
import { type ModelShape, PRESETS, type PresetName } from './presets.ts'
import type { Flags } from './resolve.ts'

const presetNames = Object.keys(PRESETS) as [PresetName, ...PresetName[]]
const above = () => z.number('expected a number above 0').positive('expected a number above 0')
const share = () =>
  z.number('expected a number from 0 to 1').min(0, 'expected a number from 0 to 1').max(1, 'expected a number from 0 to 1')

/** The keys are those of `ModelShape`, without the vocabulary, which is the tokenizer's. */
const modelSchema = z.strictObject({
  layers: count().optional(),
  /** d: numbers a token is in the stream. */
  width: count().optional(),
  'feed-forward': count().optional(),
  heads: count().optional(),
  /** Dimensions of each head that know their position. */
  rotary: count(2).optional(),
  /** Attention before the perceptron, as in GPT-2; without, side by side. */
  sequential: z.boolean('expected true or false').optional(),
})

const optimizerSchema = z.strictObject({
  beta1: share().optional(),
  beta2: share().optional(),
  epsilon: above().optional(),
  'weight-decay': share().optional(),
  /** Longest gradient. */
  clip: above().optional(),
})

export const trainSchema = z.strictObject({
  preset: z.enum(presetNames, `expected ${presetNames.join(', ')}`).optional(),
  model: modelSchema.prefault({}),
  optimizer: optimizerSchema.prefault({}),
  steps: count().optional(),
  seed: count(0).optional(),
  'batch-size': count().optional(),
  'sequence-length': count(2).optional(),
  lr: above().optional(),
})

/** `clean` reads a section of the same file, and `run` all of it: `options` are flags, which the command line gives here. */
const recipeSchema = z.looseObject({ train: trainSchema.extend({ options: z.unknown().optional() }).prefault({}) })

export interface TrainRecipe {
  readonly settings: Flags
  readonly model: Partial<Omit<ModelShape, 'vocabulary'>>
  readonly optimizer: Partial<AdamW>
}

export const NO_RECIPE: TrainRecipe = { settings: {}, model: {}, optimizer: {} }

export async function readRecipe(file: string | undefined): Promise<TrainRecipe> {
  if (file === undefined) return NO_RECIPE
  const content = parseYaml((await io.readFile(file)).toString(), file)
  const { train } = validate(recipeSchema, content, (path) => `${file}, ${path || 'top level'}`)
  const { options: _, model, optimizer, 'batch-size': batchSize, 'sequence-length': sequenceLength, ...rest } = train
  return {
    settings: { ...rest, batchSize, sequenceLength },
    model: camelCased(model),
    optimizer: camelCased(optimizer),
  }
}

/** Keys as they are in TypeScript; those without a value are left out. */
function camelCased<T extends object>(section: object): Partial<T> {
  const entries = Object.entries(section).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries.map(([key, value]) => [key.replace(/-./g, (dash) => dash.slice(1).toUpperCase()), value])) as Partial<T>
}
