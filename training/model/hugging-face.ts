/**
 * The files by which Hugging Face's transformers knows a model: config.json, generation_config.json and the tokenizer,
 * beside model.safetensors, whose names are GPTNeoXForCausalLM's already. A run writes them once; every checkpoint has
 * them by a second name, so a checkpoint is a model folder at the cost of four links.
 */

import { join } from 'node:path'
import { KopipeError } from '../../core/errors.ts'
import { endOfDocument } from '../../native/end-of-document.ts'
import { io, native } from '../../native/index.ts'
import { type ModelShape, NORM_EPSILON, ROTARY_BASE } from '../presets.ts'

const PADDING = '<|padding|>'
const FOLDER = 'hugging-face'

/** What a run's model is, for those who load it later. */
export interface Described {
  readonly shape: ModelShape
  /** Tokens it is trained on at once. */
  readonly context: number
  /** The tokenizer.json of its data; null where nobody knows it. */
  readonly tokenizer: string | null
  /** Digest of the tokenizer that packed the data. */
  readonly digest: string | null
}

/** Writes the files into a run's folder; gives why there is no tokenizer among them, where there is none. */
export async function describeModel(output: string, { shape, context, tokenizer, digest }: Described): Promise<string | null> {
  const folder = join(output, FOLDER)
  await io.createFolder(folder)
  const loaded = tokenizer === null ? null : await tokenizerOf(tokenizer)
  if (loaded && digest !== null && loaded.digest !== digest) {
    throw new KopipeError('changed', `${tokenizer} is not the tokenizer that this dataset was packed with`, { path: tokenizer as string })
  }
  const end = loaded && endOfDocument(loaded)
  const padding = loaded?.special(PADDING) ?? null
  await commit(folder, 'config.json', modelConfig(shape, context, { end: end?.id ?? null, padding }))
  await commit(folder, 'generation_config.json', { bos_token_id: end?.id ?? null, eos_token_id: end?.id ?? null, pad_token_id: padding })
  if (!loaded) return tokenizer === null ? 'bare shards do not say their tokenizer' : `there is no ${tokenizer}`
  await io.commitFile(join(folder, 'tokenizer.json'), await io.readFile(tokenizer as string))
  await commit(folder, 'tokenizer_config.json', {
    // The class that takes tokenizer.json as it is: GPTNeoXTokenizer would put a normalizer and a pattern of its own.
    tokenizer_class: 'PreTrainedTokenizerFast',
    ...(end && { bos_token: end.text, eos_token: end.text, unk_token: end.text }),
    ...(padding !== null && { pad_token: PADDING }),
    model_max_length: context,
    clean_up_tokenization_spaces: false,
  })
  return null
}

/** Makes a checkpoint a model folder. */
export async function linkModelFiles(output: string, checkpoint: string): Promise<void> {
  const folder = join(output, FOLDER)
  for (const name of await io.listFolder(folder)) await io.linkFile(join(folder, name), join(checkpoint, name))
}

/** Null where the dataset has lost it: then the model goes without. */
async function tokenizerOf(path: string) {
  try {
    return await native.loadTokenizer(path)
  } catch (error) {
    if (error instanceof KopipeError && error.kind === 'not-found') return null
    throw error
  }
}

async function commit(folder: string, name: string, content: Record<string, unknown>): Promise<void> {
  const said = Object.fromEntries(Object.entries(content).filter(([, value]) => value !== null))
  await io.commitFile(join(folder, name), Buffer.from(`${JSON.stringify(said, null, 2)}\n`))
}

/**
 * config.json of a `GPTNeoXForCausalLM`. The rotary embedding is said twice: transformers 5 reads `rope_parameters`, those
 * before it `rotary_pct` and `rotary_emb_base`, as it reads `dtype` and they `torch_dtype`.
 */
export function modelConfig(shape: ModelShape, context: number, { end, padding }: { end: number | null; padding: number | null }) {
  const rotaryPart = shareOf(shape.rotary, shape.width / shape.heads)
  return {
    architectures: ['GPTNeoXForCausalLM'],
    model_type: 'gpt_neox',
    vocab_size: shape.vocabulary,
    hidden_size: shape.width,
    num_hidden_layers: shape.layers,
    num_attention_heads: shape.heads,
    intermediate_size: shape.feedForward,
    max_position_embeddings: context,
    hidden_act: 'gelu',
    layer_norm_eps: NORM_EPSILON,
    use_parallel_residual: !shape.sequential,
    rotary_pct: rotaryPart,
    rotary_emb_base: ROTARY_BASE,
    rope_parameters: { rope_type: 'default', rope_theta: ROTARY_BASE, partial_rotary_factor: rotaryPart },
    attention_bias: true,
    attention_dropout: 0,
    hidden_dropout: 0,
    tie_word_embeddings: false,
    bos_token_id: end,
    eos_token_id: end,
    pad_token_id: padding,
    dtype: 'float32',
    torch_dtype: 'float32',
  }
}

/** The share of a head that transformers turns back into as many dimensions by rounding down. */
function shareOf(rotary: number, head: number): number {
  const share = rotary / head
  return Math.floor(share * head) === rotary ? share : share + Number.EPSILON
}
