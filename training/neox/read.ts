/**
 * GPT-NeoX configuration files, one or several, as settings of `train`. A key in two files is refused, as GPT-NeoX does;
 * `-` in a key is `_`. What kopipe cannot do is refused by name, what decides no result is listed.
 *
 * Where the files describe a model (`num_layers`), what they leave out is GPT-NeoX's default; files of data alone leave the
 * rest to the preset.
 */

import { basename } from 'node:path'
import { closest } from 'fastest-levenshtein'
import { parseDocument } from 'yaml'
import { SPLIT_WEIGHTS } from '../../core/dataset.ts'
import { KopipeError } from '../../core/errors.ts'
import { io } from '../../native/index.ts'
import type { AdamW } from '../engines/engine.ts'
import type { ModelShape } from '../presets.ts'
import type { Schedule } from '../schedule.ts'
import { IGNORED, ONLY, type TakenKeys, takenKeys } from './schema.ts'

/** A shard by its path without extension, from the current folder on, and its weight in a blend. */
export interface WeightedPath {
  path: string
  weight: number
}

export type NeoxData = { path: string; splitWeights: number[] } | { train: WeightedPath[]; valid: WeightedPath[]; test: WeightedPath[] }

export interface Neox {
  data: NeoxData | null
  /** The tokenizer.json of its data; another kind of tokenizer by its type. */
  tokenizer: string | null
  otherTokenizer: string | null
  shape: Omit<ModelShape, 'vocabulary'> | null
  vocabularyMultiple: number
  sequenceLength: number | undefined
  steps: number | undefined
  seed: number | undefined
  batchSize: number | undefined
  optimizer: Partial<AdamW>
  /** The learning rate, where the files say one. `end` is that of the steps where it is not said. */
  schedule: (Omit<Schedule, 'end'> & { end: number | undefined }) | null
  /** Keys that were taken, by file. */
  taken: { file: string; key: string; value: unknown }[]
  ignored: string[]
}

/** Kopipe computes on one device. */
export async function readNeox(files: readonly string[]): Promise<Neox | null> {
  if (files.length === 0) return null
  const entries = new Map<string, { file: string; value: unknown }>()
  for (const file of files) {
    for (const [name, value] of Object.entries(await read(file))) {
      const key = name.replaceAll('-', '_')
      const other = entries.get(key)
      if (other) throw refused(file, `${key} stands in ${other.file}, too`, 'As GPT-NeoX has it, a key stands in one file only.')
      entries.set(key, { file, value })
    }
  }
  const wrong = [...entries].flatMap(([key, { file, value }]) => complaint(key, file, value))
  const keys = parsed(entries, wrong)
  if (keys.num_layers) wrong.push(...unsaid(entries))
  const attention = keys.attention_config?.flatMap(([kinds]) => kinds).find((kind) => kind !== 'global' && kind !== 'flash')
  if (attention)
    wrong.push(`${entries.get('attention_config')?.file}: attention_config: ${attention}, and kopipe does global only, which flash is, too`)
  if (wrong.length > 0) {
    throw new KopipeError('usage', `kopipe cannot train by ${files.join(', ')}:\n${wrong.map((line) => `  ${line}`).join('\n')}`)
  }
  const path = files[0] as string
  const shape = shapeOf(keys, path)
  const all = [...entries].map(([key, entry]) => ({ key, ...entry }))
  return {
    data: dataOf(keys, path),
    tokenizer: keys.tokenizer_type === 'HFTokenizer' ? (keys.vocab_file ?? null) : null,
    otherTokenizer: keys.tokenizer_type && keys.tokenizer_type !== 'HFTokenizer' ? keys.tokenizer_type : null,
    shape,
    vocabularyMultiple: (keys.make_vocab_size_divisible_by ?? 128) * Math.max(1, keys.model_parallel_size ?? 1),
    sequenceLength: keys.seq_length ?? undefined,
    steps: keys.train_iters ?? undefined,
    seed: keys.seed ?? (shape ? 1234 : undefined),
    batchSize: batchOf(keys, path),
    optimizer: optimizerOf(keys, shape !== null),
    schedule: scheduleOf(keys, shape !== null),
    taken: all.filter(({ key, value }) => !IGNORED.has(key) && value !== null),
    ignored: all.filter(({ key }) => IGNORED.has(key)).map(({ key }) => key),
  }
}

async function read(file: string): Promise<Record<string, unknown>> {
  const document = parseDocument((await io.readFile(file)).toString(), { prettyErrors: true })
  const [error] = document.errors
  if (error) throw refused(file, error.message)
  const content: unknown = document.toJS()
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) return content as Record<string, unknown>
  throw refused(file, 'expected keys and values, as a GPT-NeoX configuration has them')
}

function refused(file: string, what: string, hint?: string): KopipeError {
  return new KopipeError('usage', `${file}: ${what}`, { path: file, ...(hint && { hint }) })
}

/** Why a key cannot be followed; nothing where it can. */
function complaint(key: string, file: string, value: unknown): string[] {
  if (key in takenKeys.shape || IGNORED.has(key)) return []
  const rule = Object.hasOwn(ONLY, key) ? ONLY[key] : undefined
  if (!rule) {
    const known = [...Object.keys(takenKeys.shape), ...Object.keys(ONLY), ...IGNORED]
    return [`${file}: GPT-NeoX has no key ${key}; did you mean ${closest(key, known)}?`]
  }
  const isOff = value === null || (isEmpty(value) && rule.only.length === 0)
  if (isOff || rule.only.includes(value)) return []
  const can = rule.only.length === 0 ? 'does not do that' : `does ${rule.only.join(' or ')} only`
  return [`${file}: ${key}: ${JSON.stringify(value)}, and kopipe ${can}`]
}

/** `{}`, `[]`, or `{enabled: false}`: deepspeed's way to leave something out. */
function isEmpty(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.keys(value).length === 0 || (value as { enabled?: unknown }).enabled === false
}

/** What a model is made of by default, where kopipe has it not. */
function unsaid(entries: ReadonlyMap<string, { value: unknown }>): string[] {
  return Object.entries(ONLY).flatMap(([key, { only, byDefault }]) =>
    byDefault === undefined || (entries.get(key)?.value ?? null) !== null
      ? []
      : [`${key} is not said, and by default GPT-NeoX's is ${byDefault}; kopipe does ${only.join(' or ')} only`],
  )
}

function parsed(entries: ReadonlyMap<string, { file: string; value: unknown }>, wrong: string[]): TakenKeys {
  const result = takenKeys.safeParse(Object.fromEntries([...entries].map(([key, { value }]) => [key, value])))
  if (result.success) return result.data
  for (const { path, message } of result.error.issues) {
    const entry = entries.get(String(path[0]))
    wrong.push(`${entry?.file}: ${path.join('.')}: ${message}, got ${JSON.stringify(entry?.value)}`)
  }
  return {}
}

function shapeOf(keys: TakenKeys, file: string): Neox['shape'] {
  const { num_layers: layers, hidden_size: width, num_attention_heads: heads, rotary_pct: turned = 1 } = keys
  if (!layers && !width && !heads) return null
  if (!layers || !width || !heads) throw refused(file, 'expected num_layers, hidden_size and num_attention_heads together')
  if (width % heads !== 0) throw refused(file, `hidden_size ${width} is no multiple of num_attention_heads ${heads}`)
  if ((keys.num_kv_heads ?? heads) !== heads)
    throw refused(file, `num_kv_heads: ${keys.num_kv_heads}, and kopipe has one for each of the ${heads} heads only`)
  if (keys.intermediate_size && keys.expansion_factor)
    throw refused(file, 'intermediate_size and expansion_factor say the same: expected one')
  const rotary = Math.floor((width / heads) * (turned ?? 1))
  if (rotary < 2 || rotary % 2 === 1)
    throw refused(file, `rotary_pct ${turned} turns ${rotary} of the ${width / heads} dimensions of a head; expected an even number`)
  const feedForward = keys.intermediate_size ?? Math.floor((keys.expansion_factor ?? 4) * width)
  return { layers, width, heads, feedForward, rotary, ...(!keys.gpt_j_residual && { sequential: true }) }
}

function dataOf(keys: TakenKeys, file: string): NeoxData | null {
  const { data_path: path } = keys
  const lists = [keys.train_data_paths, keys.valid_data_paths, keys.test_data_paths]
  if (path && lists.some(Boolean)) throw refused(file, 'data_path and train_data_paths say the same: expected one')
  if (path) return { path, splitWeights: splitOf(keys.split ?? SPLIT_WEIGHTS.join(), file) }
  if (!lists.some(Boolean)) return null
  if (!lists.every(Boolean))
    throw refused(file, 'expected train_data_paths, valid_data_paths and test_data_paths together, as GPT-NeoX does')
  const blend = (split: 'train' | 'valid' | 'test'): WeightedPath[] => {
    const [paths, weights] = [keys[`${split}_data_paths`] ?? [], keys[`${split}_data_weights`]]
    if (weights && weights.length !== paths.length) {
      throw refused(file, `${split}_data_weights: expected ${paths.length}, one a path, got ${weights.length}`)
    }
    return paths.map((path, i) => ({ path, weight: weights?.[i] ?? 1 }))
  }
  return { train: blend('train'), valid: blend('valid'), test: blend('test') }
}

/** `969,30,1`, `95/5` or one number; what is missing is 0. */
function splitOf(split: string | number, file: string): number[] {
  const numbers = String(split)
    .split(/[,/]/)
    .map((part) => Number(part.trim() || Number.NaN))
  const shares = [...numbers, 0, 0].slice(0, 3)
  if (shares.every((part) => part >= 0 && Number.isFinite(part)) && shares.some((part) => part > 0)) return shares
  throw refused(file, `split: expected shares such as 969,30,1, got ${JSON.stringify(split)}`)
}

function batchOf(keys: TakenKeys, file: string): number | undefined {
  const { train_batch_size: all, train_micro_batch_size_per_gpu: micro, gradient_accumulation_steps: steps } = keys
  const product = micro ? micro * (steps ?? (all ? all / micro : 1)) : undefined
  if (all && product !== undefined && product !== all) {
    throw refused(file, `train_batch_size ${all} is not ${micro} × ${steps}, what one device takes a step`)
  }
  return all ?? product
}

function optimizerOf(keys: TakenKeys, isWhole: boolean): Partial<AdamW> {
  const params = keys.optimizer?.params ?? (isWhole ? {} : undefined)
  const type = keys.optimizer?.type
  if (type !== undefined && !/^adamw?$/i.test(type)) throw new KopipeError('usage', `optimizer.type: ${type}, and kopipe does Adam only`)
  const weightDecay = keys.weight_decay ?? (isWhole ? 0.1 : undefined)
  const clip = keys.gradient_clipping ?? (isWhole ? 1 : undefined)
  return {
    ...(params && { beta1: params.betas?.[0] ?? 0.9, beta2: params.betas?.[1] ?? 0.999, epsilon: params.eps ?? 1e-8 }),
    ...(weightDecay !== undefined && { weightDecay }),
    ...(clip !== undefined && { clip }),
  }
}

function scheduleOf(keys: TakenKeys, isWhole: boolean): Neox['schedule'] {
  const peak = keys.optimizer?.params?.lr ?? (isWhole ? 1e-3 : undefined)
  if (peak === undefined) return null
  const steps = keys.train_iters ?? undefined
  const fraction = keys.lr_decay_fraction && steps ? Math.floor(steps * keys.lr_decay_fraction) : undefined
  const end = keys.lr_decay_iters ?? fraction
  // What ends with the training does so, too, where a flag gives it another end.
  return {
    peak,
    floor: keys.min_lr ?? 0,
    warmUp: keys.warmup ?? 0.01,
    style: keys.lr_decay_style ?? 'linear',
    end: end === steps ? undefined : end,
  }
}

/** One line a file, one of what flags take the place of, one of what does not count. */
export function neoxLines({ taken, ignored }: Pick<Neox, 'taken' | 'ignored'>, byFlags: readonly string[]): string[] {
  const files = Map.groupBy(taken, ({ file }) => file)
  const shown = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
  return [
    ...[...files].map(([file, keys]) => `from ${basename(file)}: ${keys.map(({ key, value }) => `${key} ${shown(value)}`).join(', ')}`),
    ...(byFlags.length > 0 ? [`instead, from the command line: ${byFlags.join(', ')}`] : []),
    ...(ignored.length > 0 ? [`ignored: ${ignored.join(', ')}`] : []),
  ]
}
