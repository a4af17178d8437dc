/**
 * `train`: from shards to a model and its loss. What a run is gets resolved and pinned here, the rest is steps.
 *
 * The same command resumes at the newest checkpoint and gives the bytes of an uninterrupted run.
 */

import { Artifact } from '../core/artifact.ts'
import { KopipeError } from '../core/errors.ts'
import { pin } from '../core/input-file.ts'
import type { Session } from '../core/progress.ts'
import { io, native, type Packed } from '../native/index.ts'
import { NEOX, type OpenDataset, openDataset, openSamples, type Packing } from './dataset.ts'
import { chooseEngine, type EngineWishes } from './engines/choose.ts'
import type { Samples } from './engines/engine.ts'
import { nodesOf } from './follow.ts'
import { type Run, runSteps, VALIDATION_BATCHES } from './loop.ts'
import { describeModel } from './model/hugging-face.ts'
import { openNeoxDataset } from './neox/data.ts'
import { neoxOf } from './neox/export.ts'
import { neoxLines, readNeox } from './neox/read.ts'
import type { TrainOptions } from './options.ts'
import { type ModelShape, paddedVocabulary, parameterCount } from './presets.ts'
import { readRecipe } from './recipe.ts'
import { type Flags, resolveRun } from './resolve.ts'
import { initialWeights } from './weights.ts'

export interface TrainSummary {
  steps: number
  /** Of the last step's batch; all losses are means in nats a token. */
  loss: number
  /** Null where the valid split holds no sample. */
  val_loss: number | null
  /**
   * Entropy of the tokens that were trained on: what a model that knows frequencies only would reach. It knows them from
   * the very tokens it is scored on, so over few tokens it is flattered.
   */
  unigram_loss: number
  tokens: number
  /** Of each dataset of a blend, or of all as one. */
  packed: Packed[]
  /** Times that the run went back to an earlier checkpoint. */
  rollbacks: number
  /** What the last checkpoint of the session took; null where that session only came to an end. */
  saving: { seconds: number | null }
  /** What computed the last session; missing in runs of before it was told. */
  engine?: { name: 'torch' | 'jax'; device: string; precision: 'bf16' | 'fp32' }
  parameters: number
  artifact: string
  /** What came from a GPT-NeoX configuration, what flags took its place, what was ignored. */
  neox?: string[]
}

export async function train(datasets: readonly string[], options: TrainOptions, session: Session): Promise<TrainSummary> {
  native.startWorkers(options.workers)
  const neox = await readNeox(options.neox)
  const recipe = await readRecipe(options.recipe)
  const resolved = resolveRun(flagsOf(options), neox, recipe)
  const { steps, seed, batchSize, sequenceLength, lr, optimizer, schedule } = resolved
  const told =
    neox && neoxLines(neox, [...resolved.byFlags, ...(neox.data && datasets.length > 0 ? [`${datasets.join(', ')} for its data`] : [])])
  for (const line of told ?? []) session.progress.note(line)

  if (neox && datasets.length === 0 && options.weights)
    throw new KopipeError('usage', '--weights: expected a weight a DATASET, and none is named')
  const dataset = neox && datasets.length === 0 ? await openNeoxDataset(neox) : await openDataset(datasets, { weights: options.weights })
  const packing = packingOf(options)
  const output = options.output ?? missing()
  const shape: ModelShape = { ...resolved.shape, vocabulary: paddedVocabulary(dataset.vocabulary, resolved.vocabularyMultiple) }
  const wishes = { ...options, ...(await begunWith(output, options)), nodes: nodesOf(options) }
  const chosen = await chooseEngine(wishes, shape, { size: batchSize, sequenceLength })
  if (chosen.told) session.progress.note(chosen.told)
  const artifact = await Artifact.open(
    output,
    {
      kind: 'train',
      configuration: {
        preset: resolved.preset,
        shape: { ...shape },
        tokenizer: dataset.tokenizer,
        steps,
        seed,
        batchSize,
        sequenceLength,
        lr,
        ...((neox || Object.keys(recipe.optimizer).length > 0) && { optimizer: { ...optimizer } }),
        ...(neox && {
          schedule: schedule && { ...schedule },
          splits: dataset.splits && { ...dataset.splits },
          splitWeights: dataset.splitWeights,
        }),
        // Only what was asked for: what was begun without goes on.
        ...(options.weights && { weights: options.weights, parts: dataset.blend.map(({ prefixes }) => prefixes.length) }),
        ...chosen.pinned,
        ...(packing !== NEOX && { packing: packing.packing, resets: { ...packing.resets }, eodMaskLoss: packing.eodMaskLoss }),
      },
      inputs: dataset.prefixes.flatMap((prefix) => [pin(`${prefix}.bin`), pin(`${prefix}.idx`)]),
      overwrite: options.overwrite,
    },
    io,
  )
  if (!artifact.done) {
    const samples = steps * batchSize
    const run: Omit<Run, 'device'> = {
      output: artifact.folder,
      steps,
      batchSize,
      learningRate: lr,
      schedule,
      train: await openSamples(dataset, { split: 'train', sequenceLength, samples, seed }, packing),
      valid: await openValidation(dataset, { sequenceLength, samples: VALIDATION_BATCHES * batchSize, seed }, packing),
      saveEvery: options.saveEvery,
      validateEvery: options.validateEvery,
      keep: options.keep,
      rollbacks: options.rollbacks,
      shape,
      about: { lang: options.lang, configuration: artifact.record.configuration, inputs: artifact.record.inputs },
    }
    const untold = await describeModel(artifact.folder, {
      shape,
      context: sequenceLength,
      tokenizer: dataset.tokenizerFile,
      digest: dataset.tokenizer,
    })
    if (untold !== null) session.progress.note(`checkpoints come without a tokenizer: ${untold}`)
    const exported = await neoxOf({ ...resolved, shape, precision: chosen.precision }, dataset, packing)
    if (exported !== null) await io.commitFile(artifact.path('neox.yml'), Buffer.from(exported))
    const engine = await chosen.open()
    try {
      const weights = initialWeights(shape, seed)
      const device = await engine.init({ shape, optimizer, weights, batchSize, train: run.train, valid: run.valid })
      const { loss, valLoss, tokens, rollbacks, saveSeconds } = await runSteps({ ...run, device }, engine, session)
      const unigramLoss = await run.train.unigramLoss(samples)
      const packed = await run.train.packed()
      const computed = { name: chosen.name, device: device.name, precision: chosen.precision }
      await artifact.finish({
        totals: {
          steps,
          loss,
          val_loss: valLoss,
          unigram_loss: unigramLoss,
          tokens,
          packed,
          rollbacks,
          saving: { seconds: saveSeconds },
          engine: computed,
        },
      })
    } finally {
      await engine.close()
    }
  }
  const totals = artifact.record.totals as Omit<TrainSummary, 'parameters' | 'artifact' | 'neox'>
  return { ...totals, parameters: parameterCount(shape), artifact: output, ...(told && { neox: told }) }
}

/** What `auto` stands for in a run that was begun: the engine and the precision of then, whatever is installed since. */
async function begunWith(output: string, { engine, precision, overwrite }: TrainOptions): Promise<Partial<EngineWishes>> {
  if (engine === 'jax' || overwrite) return {}
  const found = await Artifact.configurationOf(output, 'train', io)
  if (!found) return {}
  // Runs of jax do not say it.
  if (found.engine !== 'torch') return engine === 'auto' ? { engine: 'jax' } : {}
  const then = found.precision === 'bf16' || found.precision === 'fp32' ? found.precision : undefined
  return { engine: 'torch', precision: precision ?? then }
}

function flagsOf({ preset, steps, seed, batchSize, sequenceLength, lr }: TrainOptions): Flags {
  return { preset, steps, seed, batchSize, sequenceLength, lr }
}

function packingOf({ packing, resetPositions, resetAttention, eodMaskLoss }: TrainOptions): Packing {
  if (packing === 'best-fit') return { packing, resets: { positions: true, attention: true }, eodMaskLoss: true }
  if (!resetPositions && !resetAttention && !eodMaskLoss) return NEOX
  return { packing, resets: { positions: resetPositions, attention: resetAttention }, eodMaskLoss }
}

/** Few documents may leave nothing for validation: then there is none. */
async function openValidation(
  dataset: OpenDataset,
  plan: { sequenceLength: number; samples: number; seed: number },
  packing: Packing,
): Promise<Samples | null> {
  try {
    return await openSamples(dataset, { ...plan, split: 'valid' }, packing)
  } catch (error) {
    if (error instanceof KopipeError && error.kind === 'invalid') return null
    throw error
  }
}

function missing(): never {
  throw new KopipeError('usage', '-o: expected a folder to write to (-o DIR), got none')
}
