/**
 * `pack`: documents + tokenizer → token shards that GPT-NeoX and Megatron-LM train on as they are.
 *
 * Documents keep their order: batches are encoded on all workers and appended in input order. Where another order is asked
 * for, or sources several times, they go to sorted runs first, and shards are merged from those.
 */

import { join } from 'node:path'
import { Artifact, verifyFor } from '../core/artifact.ts'
import { sourcesOfArtifacts } from '../core/artifact-input.ts'
import type { CountsFile, PackedShard, SourceTokens, Split } from '../core/dataset.ts'
import { KopipeError } from '../core/errors.ts'
import type { InputFile } from '../core/input-file.ts'
import { manifestsOf, resolveInputs } from '../core/inputs.ts'
import { addLedger, type Counts, checkIdentity, dropKept, type Ledger, sorted, total } from '../core/ledger.ts'
import type { Session } from '../core/progress.ts'
import { partName } from '../core/units.ts'
import { checkMemory, type Damaged } from '../native/documents.ts'
import { io, native, type SourceTally, type Tokenizer } from '../native/index.ts'
import { masksOf } from '../native/masks.ts'
import { appended, datasetOf, endOf, writeDataset } from './dataset.ts'
import { arrange } from './shards/arrange.ts'
import { type Base, openBase } from './shards/base.ts'
import { checkBlend, drawnEpochs } from './shards/blend.ts'
import { countsMemory, countsOf } from './shards/counts.ts'
import { type Blend, blendOf, type PackOptions } from './shards/options.ts'
import { PartWriter, type Written } from './shards/part.ts'
import { type PartRecord, writeParts } from './shards/parts.ts'
import { joinPieces, shardOf } from './shards/pieces.ts'
import { RunPart, runMemory } from './shards/run.ts'
import { largestOf } from './shards/shares.ts'
import { sumSources } from './shards/sources.ts'

/** Bytes of a worker's memory of what it has encoded, and of its tables. */
const ENCODER = 52e6

export interface PackSummary extends Counts {
  documents: number
  tokens: number
  shards: number
  /** What of each source is in the dataset, where another order or blend was asked for. */
  sources?: Record<string, SourceTokens>
  /** Of these, how many are new, where the dataset goes on from another. */
  appended?: { to: string; documents: number; tokens: number; shards: number }
  damaged: Damaged[]
  artifact: string
}

/** What a run is about, from the start to the end. */
interface Job {
  artifact: Artifact
  files: InputFile[]
  tokenizer: Tokenizer
  endOfDocument: number
  options: PackOptions
  /** Number of the first shard of a split, or of a dataset that is not split. */
  firstShard: (split?: Split) => number
  session: Session
}

/** New shards, what of each source is in them, and how often documents stand there. */
interface Packed {
  shards: PackedShard[]
  parts: PartRecord[]
  sources: SourceTally[]
  epochs?: ReadonlyMap<string, number>
  counts: CountsFile[]
}

export async function pack(inputs: readonly string[], options: PackOptions, session: Session): Promise<PackSummary> {
  const blend = blendOf(options)
  native.startWorkers(options.workers)
  const tokenizer = await native.loadTokenizer(options.tokenizer)
  const arranging = blend ? runMemory(options.shardSize) : 0
  checkMemory(options, options.workers * ENCODER + countsMemory(tokenizer.vocabularySize) + arranging)
  const end = endOf(tokenizer, options.tokenizer)
  const files = await resolveInputs(inputs)
  // What cannot be drawn is told before hours of work, where the inputs say which sources there are.
  const known = blend && (await sourcesOfArtifacts(inputs, options.sourceKey))
  if (known) checkBlend(known, blend.weights, blend.epochs)
  const base = options.appendTo === undefined ? undefined : await openBase(options.appendTo, tokenizer, options)
  const manifests = await manifestsOf(inputs)
  await verifyFor(options.output, files, options, io, session)
  const masks = masksOf(files)
  const configuration = configurationOf(options, tokenizer, masks, base)
  const artifact = await Artifact.open(
    options.output,
    { kind: 'pack', configuration, inputs: files, manifests, reads: readsOf(options), overwrite: options.overwrite },
    io,
  )
  if (!artifact.done) {
    warnOfMasks(masks, tokenizer, options.tokenizer, session)
    for (const folder of ['shards', 'rejects', 'parts', 'scratch', 'statistics']) await io.createFolder(artifact.path(folder))
    const taken = base ? await base.take(artifact) : []
    const firstShard = (split?: Split) => base?.shardsOf(split) ?? 0
    const job = { artifact, files, tokenizer, endOfDocument: end.id, options, firstShard, session }
    const packed = blend ? await packArranged(job, blend) : await packInOrder(job)
    const { ledger, summary, empty } = account(packed)
    const counts = taken && [...taken, ...packed.counts]
    const dataset = datasetOf(packed.shards, empty, tokenizer, end, sourcesOf(packed), counts)
    const whole = base ? appended(base.dataset, dataset) : dataset
    await writeDataset(artifact, options.tokenizer, whole)
    const { documents, tokens, shards } = whole
    const totals = {
      ...summary,
      documents,
      tokens,
      shards: shards.length,
      ...(blend && { sources: whole.sources }),
      ...(base && {
        appended: { to: options.appendTo, documents: dataset.documents, tokens: dataset.tokens, shards: dataset.shards.length },
      }),
    }
    await artifact.finish({ totals, ledger })
  }
  // Only a finished artifact no longer needs it.
  await io.removeFolder(artifact.path('scratch'))
  return { ...(artifact.record as unknown as { totals: Omit<PackSummary, 'artifact'> }).totals, artifact: options.output }
}

function readsOf({ tokenizer, appendTo }: PackOptions): string[] {
  return [tokenizer, ...(appendTo === undefined ? [] : [join(appendTo, 'dataset.json')])]
}

/** What `clean` wrote in place of personal data is a token where the tokenizer has it. */
function warnOfMasks(masks: readonly string[], tokenizer: Tokenizer, path: string, { progress }: Session): void {
  const unknown = masks.filter((mask) => tokenizer.special(mask) === null)
  if (unknown.length > 0) progress.note(`warning: ${path} has no token ${unknown.join(' ')}: these masks of the input are encoded as text`)
}

/** Documents as they come: a part is a shard, but where documents are split. */
async function packInOrder(job: Job): Promise<Packed> {
  const { artifact, tokenizer, endOfDocument, options, firstShard, session } = job
  const { split, shardSize } = options
  const first = firstShard(split && largestOf(split))
  const name = (part: number) => partName(first + part)
  const open = (name: string) => new PartWriter(artifact, { name, tokenizer, shardSize, shares: split })
  const parts = await writeParts(artifact, { ...job, name, open }, session)
  const shards = split
    ? await joinPieces(artifact, parts, { ...options, tokenizer, endOfDocument, shares: split, name, firstShard }, session)
    : parts.map(({ files, ...tally }, part) => shardOf(name(part), undefined, tally, files))
  return { shards, parts, sources: sumSources(parts), counts: countsOf(parts) }
}

/** Documents in another order, or several times. */
async function packArranged(job: Job, { order, epochs, weights }: Blend): Promise<Packed> {
  const { artifact, tokenizer, options, firstShard, session } = job
  const { shardSize, split: shares } = options
  const open = (name: string, before: readonly Written[]) =>
    new RunPart(artifact, { name, tokenizer, shardSize, order, ordinal: before.reduce((sum, { documents }) => sum + documents, 0) })
  const runs = await writeParts(artifact, { ...job, name: (part) => `run-${partName(part)}`, open }, session)
  const tokens = new Map(sumSources(runs).map(({ name, tokens }) => [name, tokens]))
  const drawn = drawnEpochs(tokens, weights, epochs)
  const plan = { ...options, tokenizer, shares, shuffled: order.seed !== undefined, epochs: drawn, firstShard }
  const { shards, parts } = await arrange(artifact, runs, plan, session)
  if (shards.length === 0) throw new KopipeError('invalid', 'no document is left: of every source, the epochs ask for none')
  return { shards, parts: runs, sources: sumSources(parts), epochs: drawn, counts: countsOf(parts) }
}

interface Account {
  ledger: Ledger
  summary: Counts & Pick<PackSummary, 'damaged'>
  empty: number
}

/** What became of every document. Those of which no epoch is there are dropped as `not-drawn`. */
function account({ shards, parts, sources }: Packed): Account {
  const ledger = sorted(parts.reduce((sum: Ledger, part) => addLedgerOf(sum, part), {}))
  const distinct = new Map(sources.map((source) => [source.name, source]))
  const missed = Object.entries(ledger).flatMap(([name, { kept }]) => {
    const there = distinct.get(name)
    const count = { docs: kept.docs - (there?.distinctDocuments ?? 0), bytes: kept.bytes - (there?.distinctBytes ?? 0) }
    return count.docs > 0 ? [[name, count] as const] : []
  })
  if (missed.length > 0) dropKept(ledger, { 'not-drawn': Object.fromEntries(missed) })
  const totals = total(ledger)
  checkIdentity(totals)
  const [inShards, ofSources] = [shards, sources].map((parts) => parts.reduce((sum, { documents }) => sum + documents, 0))
  const distinctDocuments = sources.reduce((sum, source) => sum + source.distinctDocuments, 0)
  if (inShards !== ofSources || distinctDocuments !== totals.kept.docs) {
    const what = `${totals.kept.docs} documents kept, ${distinctDocuments} written; ${ofSources} sequences, ${inShards} in the shards`
    throw new KopipeError('internal', what)
  }
  return { ledger, summary: { ...totals, damaged: parts.flatMap((part) => part.damaged) }, empty: totals.dropped.empty?.docs ?? 0 }
}

function addLedgerOf(sum: Ledger, { ledger }: PartRecord): Ledger {
  addLedger(sum, ledger)
  return sum
}

function sourcesOf({ sources, epochs }: Packed): Record<string, SourceTokens> {
  return Object.fromEntries(
    sources.map(({ name, documents, tokens }) => {
      const drawn = epochs?.get(name)
      return [name, { documents, tokens, ...(drawn !== undefined && { epochs: drawn }) }]
    }),
  )
}

function configurationOf(options: PackOptions, tokenizer: Tokenizer, masks: string[], base: Base | undefined) {
  const { shardSize, split, parseSpecials, textKey, idKey, sourceKey, metadataKey, documentPer, maxDocument } = options
  const { shuffle, epochs, weights, repeatByCluster } = options
  return {
    tokenizer: tokenizer.digest,
    masks,
    shardSize,
    ...(split && { split: { ...split } }),
    ...(shuffle !== undefined && { shuffle }),
    ...(epochs.length > 0 && { epochs }),
    ...(weights.length > 0 && { weights }),
    ...(repeatByCluster && { repeatByCluster }),
    ...(base && { appendTo: base.digest }),
    parseSpecials,
    textKey,
    idKey,
    sourceKey,
    metadataKey,
    documentPer,
    maxDocument,
  }
}
