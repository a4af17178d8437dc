/** `inspect` of what is packed: the dataset, a document or a training sample of it, token by token. */

import { z } from 'zod'
import { SPLITS } from '../../core/dataset.ts'
import { KopipeError } from '../../core/errors.ts'
import { noCounts } from '../../core/ledger.ts'
import { count, kebab } from '../../core/options.ts'
import { formatCount, formatSize } from '../../core/sizes.ts'
import {
  documentAt,
  type InspectedDocument,
  type Overview,
  openShards,
  overview,
  type PackedShards,
} from '../../pipeline/explain/packed.ts'
import { type ShownTokens, shownTokens } from '../../tokenizer/shown.ts'
import { type Sample, type SamplePart, sampleAt } from '../../training/inspect.ts'
import { hasColours, tokenLines } from '../coloured.ts'
import type { Outcome } from '../command.ts'
import { printable } from '../errors.ts'
import { padded } from '../width.ts'

/** Those of the command that are for packed datasets alone. */
export const packedOptions = {
  tokenizer: z.string().optional().meta({ help: 'the tokenizer.json of a bare shard', placeholder: 'FILE' }),
  document: count(0).optional().meta({ help: 'of a packed dataset: the document of this number, from 0', placeholder: 'N' }),
  sample: count(0).optional().meta({ help: 'the training sample of this number, from 0, as `train` is given it', placeholder: 'N' }),
  sequenceLength: count(2).optional().meta({ help: 'tokens a sample', placeholder: 'N', shownDefault: '2048' }),
  split: z.enum(SPLITS, 'expected train, valid or test').optional().meta({
    help: 'of the sample',
    placeholder: 'train|valid|test',
    shownDefault: 'train',
  }),
  samples: count().optional().meta({
    help: 'as many as training takes, steps × batch size: documents are shuffled over the epochs that gives',
    placeholder: 'N',
    shownDefault: 'one epoch',
  }),
}

type Options = z.output<z.ZodObject<typeof packedOptions>> & { seed?: number | undefined }

/** Options that say which sample. */
const OF_SAMPLE = ['sequenceLength', 'split', 'samples', 'seed'] as const
/** Shards that a person sees; `--json` has all. */
const SHOWN = 50

export async function inspectPacked(path: string, options: Options): Promise<Outcome> {
  if (options.sample !== undefined && options.document !== undefined) {
    throw new KopipeError('usage', 'expected --document or --sample, got both')
  }
  const stray = OF_SAMPLE.find((key) => options[key] !== undefined && options.sample === undefined)
  if (stray) throw new KopipeError('usage', `--${kebab(stray)} says which --sample, and there is none`)
  const packed = await openShards(path, options.tokenizer)
  const colours = hasColours(process.stdout, process.env)
  if (options.document !== undefined) return document(packed, options.document, colours)
  if (options.sample !== undefined) return sample(packed, options.sample, options, colours)
  const found = await overview(packed)
  return { summary: { ...account(found.documents, found.bytes), packed: path, ...found }, lines: overviewLines(path, found) }
}

/** Nothing is dropped by looking at it. */
function account(docs: number, bytes: number) {
  return { ...noCounts(), read: { docs, bytes }, kept: { docs, bytes } }
}

async function document(packed: PackedShards, number: number, colours: boolean): Promise<Outcome> {
  const { tokens: ids, ...found } = await documentAt(packed, number)
  const shown = await shownTokens(packed.tokenizer, ids, packed.endOfDocument?.id ?? null)
  const summary = { ...account(1, ids.byteLength), packed: packed.path, ...found, ...shown }
  return { summary, lines: [documentTitle(found), '', ...tokenLines(shown.tokens, colours)] }
}

function documentTitle({ document, inShard, shard, offset, length }: Omit<InspectedDocument, 'tokens'>): string {
  const where = inShard === document ? '' : `, document ${formatCount(inShard)} there`
  return `document ${formatCount(document)}: ${tokensOf(length)}, in ${printable(shard)}.bin at byte ${formatCount(offset)}${where}`
}

async function sample(packed: PackedShards, number: number, options: Options, colours: boolean): Promise<Outcome> {
  const { sequenceLength = 2048, split = 'train', seed = 1234, samples = 1 } = options
  const { tokens: ids, parts, ...found } = await sampleAt(packed.path, number, { split, sequenceLength, seed, samples })
  const shown = await shownTokens(packed.tokenizer, ids, null)
  const named = parts.map(({ prefix, ...part }) => ({ ...part, shard: nameOf(packed, prefix) }))
  const summary = { ...account(parts.length, ids.byteLength), packed: packed.path, ...found, parts: named, ...shown }
  return { summary, lines: [sampleTitle(found), ...partLines(named, shown, colours)] }
}

function nameOf({ shards }: PackedShards, prefix: string): string {
  return shards.find((shard) => shard.prefix === prefix)?.name ?? prefix
}

function sampleTitle({ sample, samples, epochs, split, sequenceLength, seed }: Omit<Sample, 'tokens' | 'parts'>): string {
  const of = `${formatCount(samples)} of ${split} in ${epochs === 1 ? 'one epoch' : `${formatCount(epochs)} epochs`}`
  return `sample ${formatCount(sample)} of ${of}, seed ${seed}: ${formatCount(sequenceLength)} tokens and one that is only predicted`
}

type Part = Omit<SamplePart, 'prefix'> & { shard: string }

function partLines(parts: readonly Part[], { tokens }: ShownTokens, colours: boolean): string[] {
  let at = 0
  return parts.flatMap((part) => {
    const from = at
    at += part.count
    return ['', partTitle(part), ...tokenLines(tokens.slice(from, at), colours, from)]
  })
}

function partTitle({ document, shard, inShard, offset, count, length }: Part): string {
  const end = offset + count
  const range =
    offset === 0 && end === length
      ? `all ${tokensOf(length)}`
      : `tokens ${formatCount(offset)} to ${formatCount(end - 1)} of ${formatCount(length)}`
  const cut = [offset > 0 ? 'enters inside' : '', end < length ? 'leaves inside' : ''].filter(Boolean)
  const where = `${printable(shard)}, ${formatCount(inShard)}`
  return `── document ${formatCount(document)} (${where}): ${[range, ...cut].join(', ')}`
}

function overviewLines(path: string, found: Overview): string[] {
  const { shards, documents, tokens, bytes, dtype, sequences, splits, shortest, longest, tokenizer, endOfDocument } = found
  const several = sequences === documents ? '' : `, ${formatCount(sequences)} sequences`
  const number = shards.length === 1 ? '1 shard' : `${formatCount(shards.length)} shards`
  const extreme = (name: string, length: Overview['shortest']) =>
    length ? [`${name.padEnd(18)}${tokensOf(length.tokens)}: document ${formatCount(length.document)}`] : []
  const row = (name: string, documents: number, tokens: number, end: string) =>
    `${padded(printable(name), 28)}${formatCount(documents).padStart(14)} documents${formatCount(tokens).padStart(18)} tokens${end.padStart(12)}`
  const share = (part: number) => `${((100 * part) / Math.max(1, tokens)).toFixed(2)} %`
  const rest = shards.length - SHOWN
  return [
    `${printable(path)}: ${formatCount(tokens)} tokens (${dtype}) in ${formatCount(documents)} documents${several} and ${number}, ${formatSize(bytes)}`,
    tokenizer
      ? `${'tokenizer'.padEnd(18)}${printable(tokenizer.path)}, a vocabulary of ${formatCount(tokenizer.vocabulary)}, xxh3-128 ${tokenizer.digest}`
      : `${'tokenizer'.padEnd(18)}not known: --tokenizer FILE shows what the tokens stand for`,
    ...(endOfDocument ? [`${'end of document'.padEnd(18)}${printable(endOfDocument.text)}, token ${endOfDocument.id}`] : []),
    ...extreme('longest', longest),
    ...extreme('shortest', shortest),
    '',
    ...splits.map((split) => row(split.split, split.documents, split.tokens, share(split.tokens))),
    ...(splits.length > 0 ? [''] : []),
    ...shards.slice(0, SHOWN).map((shard) => row(shard.prefix, shard.documents, shard.tokens, formatSize(shard.bytes))),
    ...(rest > 0 ? [`… and ${formatCount(rest)} more; --json has all`] : []),
    '',
    'One document: --document N.  One training sample: --sample N.  Every number: --json.',
  ]
}

function tokensOf(count: number): string {
  return `${formatCount(count)} token${count === 1 ? '' : 's'}`
}
