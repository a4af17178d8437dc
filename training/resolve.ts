/** What a run is: flags first, then the recipe, then the GPT-NeoX configuration, then the preset. */

import { KopipeError } from '../core/errors.ts'
import type { AdamW } from './engines/engine.ts'
import type { Neox } from './neox/read.ts'
import { type ModelShape, PRESETS, type Preset, type PresetName } from './presets.ts'
import { NO_RECIPE, type TrainRecipe } from './recipe.ts'
import type { Schedule } from './schedule.ts'

/** What flags say; nothing where they say nothing. */
export interface Flags {
  preset?: PresetName | undefined
  steps?: number | undefined
  seed?: number | undefined
  batchSize?: number | undefined
  sequenceLength?: number | undefined
  lr?: number | undefined
}

export interface Resolved {
  /** Null where a configuration describes the model. */
  preset: PresetName | null
  shape: Omit<ModelShape, 'vocabulary'>
  vocabularyMultiple: number
  steps: number
  seed: number
  batchSize: number
  sequenceLength: number
  /** The peak. */
  lr: number
  optimizer: AdamW
  /** GPT-NeoX's, where its configuration says the learning rate. */
  schedule: Schedule | null
  /** Keys of the configuration that flags are taken for, as they read there. */
  byFlags: string[]
}

const SEED = 1234
/** GPT-NeoX's optimizer for Pythia and Polyglot-Ko. */
const OPTIMIZER: AdamW = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, clip: 1 }

export function resolveRun(said: Flags, neox: Neox | null, recipe: TrainRecipe = NO_RECIPE): Resolved {
  const flags = { ...recipe.settings, ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) }
  const name = flags.preset ?? (neox?.shape ? null : 'tiny')
  const preset: Preset = PRESETS[name ?? 'tiny']
  const steps = flags.steps ?? neox?.steps ?? preset.steps
  const lr = flags.lr ?? neox?.schedule?.peak ?? preset.learningRate
  return {
    preset: name,
    shape: checked({ ...(name === null && neox?.shape ? neox.shape : preset.shape), ...recipe.model }),
    vocabularyMultiple: neox?.vocabularyMultiple ?? 128,
    steps,
    seed: flags.seed ?? neox?.seed ?? SEED,
    batchSize: flags.batchSize ?? neox?.batchSize ?? preset.batchSize,
    sequenceLength: flags.sequenceLength ?? neox?.sequenceLength ?? preset.sequenceLength,
    lr,
    optimizer: { ...OPTIMIZER, ...neox?.optimizer, ...recipe.optimizer },
    schedule: neox?.schedule ? { ...neox.schedule, peak: lr, end: neox.schedule.end ?? steps } : null,
    byFlags: neox ? overridden(flags, neox) : [],
  }
}

function checked(shape: Omit<ModelShape, 'vocabulary'>): Omit<ModelShape, 'vocabulary'> {
  const { width, heads, rotary } = shape
  if (width % heads !== 0) throw new KopipeError('usage', `a width of ${width} cannot be shared by ${heads} heads alike`)
  if (rotary % 2 !== 0 || rotary > width / heads) {
    throw new KopipeError('usage', `rotary: expected an even number up to ${width / heads}, the dimensions of a head; got ${rotary}`)
  }
  return shape
}

function overridden(flags: Flags, { shape, steps, seed, batchSize, sequenceLength, schedule }: Neox): string[] {
  const pairs: [string, unknown, unknown][] = [
    [`--preset ${flags.preset} for the model`, flags.preset, shape],
    [`--steps ${flags.steps} for train_iters`, flags.steps, steps],
    [`--seed ${flags.seed} for seed`, flags.seed, seed],
    [`--batch-size ${flags.batchSize} for the batch size`, flags.batchSize, batchSize],
    [`--sequence-length ${flags.sequenceLength} for seq_length`, flags.sequenceLength, sequenceLength],
    [`--lr ${flags.lr} for optimizer.params.lr`, flags.lr, schedule],
  ]
  return pairs.flatMap(([line, flag, there]) => (flag !== undefined && there !== undefined && there !== null ? [line] : []))
}
