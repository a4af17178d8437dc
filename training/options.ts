/** What `train` can be told. */

import { z } from 'zod'
import { common, count, output } from '../core/options.ts'
import { engineOptions } from './engines/options.ts'
import { PRESETS, type PresetName } from './presets.ts'

const presetNames = Object.keys(PRESETS) as [PresetName, ...PresetName[]]
const ofPreset = { shownDefault: "the configuration's or the preset's" }

export const trainOptions = z.strictObject({
  output: output.optional().meta({ ...output.meta() }),
  preset: z
    .enum(presetNames, `expected ${presetNames.join(' or ')}`)
    .optional()
    .meta({ help: `shape of the model: ${presetNames.join(', ')}`, placeholder: 'NAME', shownDefault: 'tiny' }),
  recipe: z
    .string()
    .optional()
    .meta({ help: "a YAML file whose section 'train' changes the preset: model, optimizer, batch-size, …", placeholder: 'FILE' }),
  neox: z
    .array(z.string())
    .default([])
    .meta({ help: 'a GPT-NeoX configuration: model, data, training; flags win over it', placeholder: 'FILE', path: 'file' }),
  steps: count().optional().meta({ help: 'optimizer steps', placeholder: 'N', shownDefault: "the configuration's or the preset's" }),
  seed: count(0)
    .max(2 ** 32 - 1, 'expected a number below 2^32')
    .optional()
    .meta({ help: 'of the first weights and the order of the samples', placeholder: 'N', shownDefault: "the configuration's or 1234" }),
  batchSize: count()
    .optional()
    .meta({ help: 'samples a step', placeholder: 'N', ...ofPreset }),
  sequenceLength: count(2)
    .optional()
    .meta({ help: 'tokens a sample', placeholder: 'N', ...ofPreset }),
  lr: z.coerce
    .number('expected a number above 0')
    .positive('expected a number above 0')
    .optional()
    .meta({ help: 'peak learning rate', placeholder: 'X', ...ofPreset }),
  weights: z
    .string()
    .regex(/^\d*\.?\d+(,\d*\.?\d+)*$/, 'expected numbers above 0 with commas between')
    .transform((text) => text.split(',').map(Number))
    .refine((weights) => weights.every((weight) => weight > 0), 'expected numbers above 0 with commas between')
    .optional()
    .meta({ help: 'a blend: how much of each DATASET, in their order', placeholder: 'X,Y', shownDefault: 'one dataset of all' }),
  packing: z
    .enum(['neox', 'best-fit'], 'expected neox or best-fit')
    .default('neox')
    .meta({ help: 'neox: documents end to end, cut anywhere; best-fit: as few are cut as can be', placeholder: 'NAME' }),
  resetPositions: z.boolean().default(false).meta({ help: 'positions count from each document; on with best-fit' }),
  resetAttention: z.boolean().default(false).meta({ help: 'documents in a sample do not see each other; on with best-fit' }),
  eodMaskLoss: z.boolean().default(false).meta({ help: 'the first token of a document is not to be predicted; on with best-fit' }),
  ...engineOptions,
  setupTorch: z.boolean().default(false).meta({ help: 'install torch into a folder of its own in your cache first; needs no DATASET' }),
  precision: z
    .enum(['bf16', 'fp32'], 'expected bf16 or fp32')
    .optional()
    .meta({ help: 'torch: of the matrix products; weights are fp32', placeholder: 'NAME', shownDefault: 'bf16 on a GPU' }),
  microBatch: count()
    .optional()
    .meta({ help: 'torch: samples computed at a time', placeholder: 'N', shownDefault: 'as many as fit the memory' }),
  processes: count().optional().meta({ help: 'torch: processes on this machine', placeholder: 'N', shownDefault: 'one a GPU' }),
  recompute: z.boolean().default(false).meta({ help: 'torch: compute layers again in the backward pass; on where memory is short' }),
  shardModel: z.boolean().default(false).meta({ help: 'torch: spread weights over the processes (FSDP2); on where memory is short' }),
  compile: z.boolean().default(false).meta({ help: 'torch: compile layers on a CPU, too, which wants a C++ compiler; on with GPUs' }),
  deterministic: z.boolean().default(false).meta({ help: 'torch: the same bits from run to run on a GPU, too' }),
  nodes: count()
    .optional()
    .meta({ help: 'torch: machines that train together, each with the same command', placeholder: 'N', shownDefault: '1' }),
  nodeRank: count(0).optional().meta({ help: 'torch: which of them this is; 0 writes the result', placeholder: 'N' }),
  rendezvous: z.string().optional().meta({ help: 'torch: where they meet, on the machine of rank 0', placeholder: 'HOST:PORT' }),
  saveEvery: count().default(100).meta({ help: 'steps between two checkpoints', placeholder: 'N' }),
  keep: count().default(2).meta({ help: 'checkpoints that stay, the newest', placeholder: 'N' }),
  validateEvery: count().default(100).meta({ help: 'steps between two validations', placeholder: 'N' }),
  rollbacks: count(0)
    .default(3)
    .meta({ help: 'how often to go back at one place when the loss is lost; 0: stop where it is no number', placeholder: 'N' }),
  lang: z.enum(['ko', 'en'], 'expected ko or en').default('en').meta({ help: 'of the report', placeholder: 'ko|en' }),
  workers: common.workers,
  overwrite: common.overwrite,
  quiet: common.quiet,
  json: common.json,
})

export type TrainOptions = z.output<typeof trainOptions>
