/**
 * A model as it lies on the disk: a folder with config.json and weights in safetensors, of kopipe's or anyone's GPT-NeoX,
 * whole or in several files. What kopipe's arithmetic cannot do is refused by name.
 */

import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { KopipeError } from '../../core/errors.ts'
import { ENDS, endOfDocument } from '../../native/end-of-document.ts'
import { io, native, type Tokenizer } from '../../native/index.ts'
import { newestCheckpoint } from '../checkpoint.ts'
import { type ModelShape, NORM_EPSILON, ROTARY_BASE } from '../presets.ts'
import { readSafetensors } from '../safetensors.ts'
import { parameters, type Tensor } from '../weights.ts'

export interface ModelFolder {
  readonly path: string
  readonly shape: ModelShape
  /** Tokens it was trained on at once. */
  readonly context: number
  /** The files of its weights. */
  readonly weights: readonly string[]
}

/** Opens a run of `train` at its newest checkpoint, a checkpoint, or a model folder. */
export async function openModelFolder(model: string): Promise<ModelFolder> {
  if (!statSync(model, { throwIfNoEntry: false })?.isDirectory())
    throw new KopipeError('not-found', `there is no model at ${model}`, { path: model, hint: EXPECTED })
  const path = (await newestCheckpoint(model)) ?? model
  const names = await io.listFolder(path)
  if (!names.includes('config.json')) {
    throw new KopipeError('invalid', `${path} has no config.json, which says what the model is`, { path, hint: EXPECTED })
  }
  return { path, ...(await readConfig(join(path, 'config.json'))), weights: await weightFiles(path, names) }
}

const EXPECTED =
  'MODEL is the folder of a run of `kopipe train`, one of its checkpoints, or a GPT-NeoX model with config.json and safetensors.'

/** The tokenizer of a model, or another one that is named. */
export async function tokenizerOf({ path, shape }: ModelFolder, other?: string): Promise<{ tokenizer: Tokenizer; end: number }> {
  const file = other ?? join(path, 'tokenizer.json')
  if (!existsSync(file)) {
    throw new KopipeError('not-found', `there is no tokenizer at ${file}`, { path: file, hint: 'Name one with --tokenizer FILE.' })
  }
  const tokenizer = await native.loadTokenizer(file)
  const end = endOfDocument(tokenizer)
  if (end === null)
    throw new KopipeError('invalid', `${file} has no special token ${ENDS.join(' or ')}, which texts begin behind`, { path: file })
  if (tokenizer.vocabularySize > shape.vocabulary) {
    throw new KopipeError('invalid', `${file} has ids up to ${tokenizer.vocabularySize - 1}, and the model ${shape.vocabulary}`, {
      path: file,
      hint: 'This is not the tokenizer that the model was trained with.',
    })
  }
  return { tokenizer, end: end.id }
}

/** Every parameter of a model, by the names of `parameters`. */
export async function readWeights({ path, shape, weights }: ModelFolder): Promise<Tensor[]> {
  const found = new Map<string, Tensor>()
  for (const file of weights) {
    for (const tensor of readSafetensors(await io.readFile(file), file, isParameter)) {
      // As transformers 5 calls it.
      found.set(tensor.name.replace(/^lm_head\./, 'embed_out.'), tensor)
    }
  }
  return parameters(shape).map(({ name, shape }) => {
    const tensor = found.get(name)
    if (tensor?.shape.join() === shape.join()) return { ...tensor, name }
    const came = tensor ? `has the shape [${tensor.shape}]` : 'is missing'
    throw new KopipeError('corrupt', `${path}: parameter ${name} of shape [${shape}] ${came}`, { path })
  })
}

/** Older files have masks and tables beside the parameters. */
function isParameter(name: string): boolean {
  return !/\.attention\.(bias|masked_bias|rotary_emb\.inv_freq)$/.test(name)
}

async function weightFiles(path: string, names: readonly string[]): Promise<string[]> {
  if (names.includes('model.safetensors')) return [join(path, 'model.safetensors')]
  const index = 'model.safetensors.index.json'
  if (!names.includes(index)) {
    throw new KopipeError('invalid', `${path} has no weights: expected model.safetensors, or several by ${index}`, {
      path,
      hint: 'Weights in pickled files (*.bin) are not read: they can run code. Save them with save_pretrained(safe_serialization=True).',
    })
  }
  const { weight_map: map } = parsed(
    z.object({ weight_map: z.record(z.string(), z.string()) }),
    await io.readFile(join(path, index)),
    join(path, index),
  )
  const files = [...new Set(Object.values(map))].sort()
  const outside = files.find((file) => /[/\\]/.test(file) || !names.includes(file))
  if (outside !== undefined)
    throw new KopipeError('invalid', `${join(path, index)} names ${JSON.stringify(outside)}, which is not there`, { path })
  return files.map((file) => join(path, file))
}

const whole = z.int().min(1)
const rope = z.looseObject({
  rope_type: z.string().nullish(),
  rope_theta: z.number().nullish(),
  partial_rotary_factor: z.number().nullish(),
})

/** What of config.json decides the arithmetic; its defaults are transformers'. */
const Config = z.object({
  model_type: z.literal('gpt_neox', 'expected gpt_neox, the one architecture that kopipe has'),
  vocab_size: whole,
  hidden_size: whole,
  num_hidden_layers: whole,
  num_attention_heads: whole,
  intermediate_size: whole,
  max_position_embeddings: whole,
  use_parallel_residual: z.boolean().default(true),
  hidden_act: z.literal('gelu', 'expected gelu, the exact one').default('gelu'),
  layer_norm_eps: z.literal(NORM_EPSILON, `expected ${NORM_EPSILON}`).default(NORM_EPSILON),
  tie_word_embeddings: z.literal(false, 'expected false').default(false),
  attention_bias: z.literal(true, 'expected true').default(true),
  rope_parameters: rope.nullish(),
  rope_scaling: z.null('expected null').optional(),
  rotary_pct: z.number().default(0.25),
  rotary_emb_base: z.number().default(ROTARY_BASE),
})

async function readConfig(path: string): Promise<{ shape: ModelShape; context: number }> {
  const config = parsed(Config, await io.readFile(path), path)
  const refuse = (what: string): never => {
    throw new KopipeError('invalid', `${path}: ${what}`, { path })
  }
  const { hidden_size: width, num_attention_heads: heads, rope_parameters: rotation } = config
  const base = rotation?.rope_theta ?? config.rotary_emb_base
  if (base !== ROTARY_BASE) refuse(`rotary_emb_base: expected ${ROTARY_BASE}, got ${base}`)
  if ((rotation?.rope_type ?? 'default') !== 'default') refuse(`rope_type: expected default, got ${rotation?.rope_type}`)
  if (width % heads !== 0) refuse(`hidden_size ${width} is no multiple of num_attention_heads ${heads}`)
  const rotary = Math.floor((width / heads) * (rotation?.partial_rotary_factor ?? config.rotary_pct))
  if (rotary < 2 || rotary % 2 === 1 || rotary > width / heads)
    refuse(`rotary_pct turns ${rotary} of the ${width / heads} dimensions of a head`)
  return {
    context: config.max_position_embeddings,
    shape: {
      layers: config.num_hidden_layers,
      width,
      heads,
      feedForward: config.intermediate_size,
      rotary,
      vocabulary: config.vocab_size,
      ...(!config.use_parallel_residual && { sequential: true }),
    },
  }
}

function parsed<S extends z.ZodType>(schema: S, content: Buffer, path: string): z.output<S> {
  try {
    return schema.parse(JSON.parse(content.toString()))
  } catch (error) {
    const what =
      error instanceof z.ZodError
        ? error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')
        : (error as Error).message
    throw new KopipeError('invalid', `${path} is of no model that kopipe reads: ${what}`, { path, cause: error })
  }
}
