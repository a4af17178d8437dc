/**
 * `pack`: documents + tokenizer → token shards that GPT-NeoX and Megatron-LM train on as they are.
 *
 * Documents keep their order: batches are encoded on all workers and appended in input order. A shard is sealed by a
 * record that says where the next one begins, so a run that was killed goes on from the last sealed shard.
 */

import PQueue from 'p-queue'
import { z } from 'zod'
import { Artifact } from '../core/artifact.ts'
import type { PackedShard } from '../core/dataset.ts'
import { interrupted, KopipeError } from '../core/errors.ts'
import { inOrder } from '../core/flow.ts'
import { type InputFile, resolveInputs } from '../core/inputs.ts'
import { addLedger, type Counts, checkIdentity, type Ledger, sorted, total } from '../core/ledger.ts'
import { common, keys, output, size } from '../core/options.ts'
import type { Session } from '../core/progress.ts'
import { partName } from '../core/units.ts'
import { checkMemory, type Damaged, type Place, type ReadBatch, readFiles, reading } from '../native/documents.ts'
import { type EncodedBatch, io, native, type Tokenizer } from '../native/index.ts'
import { masksOf } from '../native/masks.ts'
import { datasetOf, endOf, writeDataset } from './dataset.ts'
import { PartWriter, type Written } from './shards/part.ts'
import { joinPieces, shardOf } from './shards/pieces.ts'
import { sealedParts } from './shards/sealed.ts'
import { inOrderOf, shares } from './shards/shares.ts'

/** Bytes of a worker's memory of what it has encoded, and of its tables. */
const ENCODER = 52e6

export const packOptions = z.strictObject({
  tokenizer: z.string('--tokenizer FILE is required').meta({ help: 'a tokenizer.json', placeholder: 'FILE' }),
  output,
  shardSize: size().default(4e9).meta({ help: 'a shard ends before its .bin would pass this', placeholder: 'SIZE', shownDefault: '4GB' }),
  split: shares()
    .optional()
    .meta({ help: 'part documents by a hash of their tokens: train=.98,valid=.01,test=.01', placeholder: 'SHARES' }),
  parseSpecials: z
    .boolean()
    .default(false)
    .meta({ help: 'strings of special tokens in documents are those tokens, as HF has it by default; without, they are text' }),
  ...keys,
  allowCorrupt: z.boolean().default(false).meta({ help: 'exit 0 where compressed input is damaged' }),
  ...common,
})

export type PackOptions = z.output<typeof packOptions>

export interface PackSummary extends Counts {
  documents: number
  tokens: number
  shards: number
  damaged: Damaged[]
  artifact: string
}

export async function pack(inputs: readonly string[], options: PackOptions, session: Session): Promise<PackSummary> {
  checkMemory(options, options.workers * ENCODER)
  native.startWorkers(options.workers)
  const tokenizer = await native.loadTokenizer(options.tokenizer)
  const endOfDocument = endOf(tokenizer, options.tokenizer)
  const files = await resolveInputs(inputs)
  const artifact = await Artifact.open(
    options.output,
    { kind: 'pack', configuration: configurationOf(options, tokenizer, masksOf(files)), inputs: files, overwrite: options.overwrite },
    io,
  )
  if (!artifact.done) {
    for (const folder of ['shards', 'rejects', 'parts', ...(options.split ? ['scratch'] : [])]) await io.createFolder(artifact.path(folder))
    const parts = await writeShards(artifact, files, tokenizer, endOfDocument, options, session)
    const shards = await shardsOf(artifact, parts, tokenizer, endOfDocument, options, session)
    const summary = account(parts, shards)
    const empty = summary.dropped.empty?.docs ?? 0
    await writeDataset(artifact, options.tokenizer, datasetOf(shards, empty, tokenizer, endOfDocument))
    await artifact.finish({ totals: summary, ledger: sorted(parts.reduce(sumLedgers, {})) })
  }
  return { ...(artifact.record as unknown as { totals: Omit<PackSummary, 'artifact'> }).totals, artifact: options.output }
}

/** What a part is sealed with. */
interface PartRecord extends Written {
  ledger: Ledger
  damaged: Damaged[]
  /** Where in the inputs the next part begins. Nothing: this was the last. */
  next: Place | null
}

interface Work extends ReadBatch {
  encoded?: EncodedBatch
}

/** Goes on behind the last sealed shard; gives the records of all. */
async function writeShards(
  artifact: Artifact,
  files: InputFile[],
  tokenizer: Tokenizer,
  endOfDocument: number,
  options: PackOptions,
  session: Session,
): Promise<PartRecord[]> {
  const parts = await sealedParts<PartRecord>(artifact, partName)
  const from = parts.length === 0 ? { file: 0, position: 0, ordinal: 0 } : parts.at(-1)?.next
  if (!from) return parts
  const { workers, memory, split } = options
  const { keys, ...settings } = reading(options)
  const masks = files.map((file) => (options.parseSpecials ? undefined : masksOf([file])))
  session.progress.stage(
    'packing',
    files.slice(from.file).reduce((sum, file) => sum + file.bytes, 0),
  )
  const encoded = inOrder<Work>(
    readFiles(files, settings, from),
    new PQueue({ concurrency: workers }),
    async (work) => {
      await work.batch.parse(keys)
      work.encoded = await native.encodeBatch(work.batch, tokenizer, endOfDocument, masks[work.file], split && inOrderOf(split))
    },
    { items: 2 * workers, bytes: memory / 16 },
    ({ batch }) => batch.weight,
  )
  let shard = openShard()
  try {
    for await (const { batch, encoded: tokens, file, fileBytes } of encoded) {
      if (session.signal.aborted) throw interrupted('finished shards are sealed')
      if (!tokens) throw new KopipeError('internal', 'a batch came out of the queue without its tokens')
      for (let first = 0; first < tokens.records; ) {
        const end = await shard.writer.append(tokens, first)
        await shard.rejects.append(batch, file, first, end)
        addLedger(shard.ledger, JSON.parse(tokens.counts(first, end)) as Ledger)
        if (end < tokens.records) {
          await seal({ file, position: tokens.position(end), ordinal: batch.firstOrdinal + end })
          shard = openShard()
        }
        first = end
      }
      if (batch.damage) shard.damaged.push({ path: files[file]?.path ?? '', ...batch.damage })
      const { read, kept } = total(JSON.parse(tokens.counts(0, tokens.records)) as Ledger)
      tokens.close()
      batch.close()
      session.progress.advance({ of: fileBytes, docs: read.docs, bytes: read.bytes, dropped: read.docs - kept.docs })
    }
    await seal(null)
  } finally {
    shard.writer.close()
    shard.rejects.close()
  }
  return parts

  function openShard() {
    const writer = new PartWriter(artifact, { name: partName(parts.length), tokenizer, shardSize: options.shardSize, shares: split })
    const rejects = new native.Rejects(artifact.path(rejectsOf(parts.length)))
    return { writer, rejects, ledger: {} as Ledger, damaged: [] as Damaged[] }
  }

  async function seal(next: Place | null): Promise<void> {
    const { writer, ledger, damaged } = shard
    const rejects = await shard.rejects.commit()
    // Only inputs without any document end here, and their rejects say why: a shard is begun for a document.
    if (writer.documents === 0) throw noDocuments(total(ledger))
    const { files, ...written } = await writer.seal()
    const all = { ...files, ...(rejects && { [rejectsOf(parts.length)]: rejects }) }
    // A resumed run cuts its batches elsewhere: sorted, the account does not tell.
    const record: PartRecord = { ...written, files: all, ledger: sorted(ledger), damaged, next }
    await artifact.seal(artifact.path('parts', `${partName(parts.length)}.done.json`), record)
    parts.push(record)
  }
}

function rejectsOf(part: number): string {
  return `rejects/${partName(part)}.jsonl.zst`
}

/** A part is a shard, but where documents are split. */
async function shardsOf(
  artifact: Artifact,
  parts: PartRecord[],
  tokenizer: Tokenizer,
  endOfDocument: number,
  { split, ...options }: PackOptions,
  session: Session,
): Promise<PackedShard[]> {
  if (split) return joinPieces(artifact, parts, { ...options, tokenizer, endOfDocument, shares: split }, session)
  return parts.map(({ files, ...tally }, part) => shardOf(partName(part), undefined, tally, files))
}

function account(parts: PartRecord[], shards: PackedShard[]): Omit<PackSummary, 'artifact'> {
  const totals = total(parts.reduce(sumLedgers, {}))
  checkIdentity(totals)
  const documents = shards.reduce((sum, shard) => sum + shard.documents, 0)
  if (documents !== totals.kept.docs) {
    throw new KopipeError('internal', `${totals.kept.docs} documents kept, ${documents} in the shards`)
  }
  const tokens = shards.reduce((sum, shard) => sum + shard.tokens, 0)
  return { ...totals, documents, tokens, shards: shards.length, damaged: parts.flatMap((part) => part.damaged) }
}

function sumLedgers(sum: Ledger, { ledger }: PartRecord): Ledger {
  addLedger(sum, ledger)
  return sum
}

function configurationOf(options: PackOptions, tokenizer: Tokenizer, masks: string[]) {
  const { shardSize, split, parseSpecials, textKey, idKey, sourceKey, metadataKey, documentPer, maxDocument } = options
  return {
    tokenizer: tokenizer.digest,
    masks,
    shardSize,
    ...(split && { split: { ...split } }),
    parseSpecials,
    textKey,
    idKey,
    sourceKey,
    metadataKey,
    documentPer,
    maxDocument,
  }
}

function noDocuments({ read, dropped, malformed }: Counts): KopipeError {
  const reasons = Object.entries({ ...dropped, malformed }).map(([reason, { docs }]) => `${docs} ${reason}`)
  return new KopipeError('invalid', `there is no document to pack: ${read.docs} read, ${reasons.join(', ')}`, {
    hint: 'Look at rejects/, at --text-key, or at what `kopipe clean` dropped.',
  })
}
