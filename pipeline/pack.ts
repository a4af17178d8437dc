/**
 * `pack`: documents + tokenizer → token shards that GPT-NeoX and Megatron-LM train on as they are.
 *
 * Documents keep their order: batches are encoded on all workers and appended in input order. A shard is sealed by a
 * record that says where the next one begins, so a run that was killed goes on from the last sealed shard.
 */

import PQueue from 'p-queue'
import { z } from 'zod'
import { Artifact } from '../core/artifact.ts'
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
import { datasetOf, neoxConfiguration, type PartRecord } from './dataset.ts'

export const END_OF_DOCUMENT = '<|endoftext|>'

/** Bytes of a worker's memory of what it has encoded, and of its tables. */
const ENCODER = 52e6

export const packOptions = z.strictObject({
  tokenizer: z.string('--tokenizer FILE is required').meta({ help: 'a tokenizer.json', placeholder: 'FILE' }),
  output,
  shardSize: size().default(4e9).meta({ help: 'a shard ends before its .bin would pass this', placeholder: 'SIZE', shownDefault: '4GB' }),
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
    for (const folder of ['shards', 'rejects', 'parts']) await io.createFolder(artifact.path(folder))
    const parts = await writeShards(artifact, files, tokenizer, endOfDocument, options, session)
    const summary = account(parts)
    const dataset = datasetOf(parts, tokenizer, { text: END_OF_DOCUMENT, id: endOfDocument })
    await io.commitFile(artifact.path('tokenizer.json'), await io.readFile(options.tokenizer))
    await io.commitFile(artifact.path('dataset.json'), Buffer.from(`${JSON.stringify(dataset, null, 2)}\n`))
    await io.commitFile(artifact.path('neox.yml'), Buffer.from(neoxConfiguration(dataset)))
    await artifact.finish({ totals: summary, ledger: sorted(parts.reduce(sumLedgers, {})) })
  }
  return { ...(artifact.record as unknown as { totals: Omit<PackSummary, 'artifact'> }).totals, artifact: options.output }
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
  const parts = await sealedParts(artifact)
  const from = parts.length === 0 ? { file: 0, position: 0, ordinal: 0 } : parts.at(-1)?.next
  if (!from) return parts
  const { workers, memory } = options
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
      work.encoded = await native.encodeBatch(work.batch, tokenizer, endOfDocument, masks[work.file])
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
    const prefix = artifact.path('shards', partName(parts.length))
    const writer = native.ShardWriter.create(prefix, tokenizer, options.shardSize)
    const rejects = new native.Rejects(artifact.path(rejectsOf(parts.length)))
    return { writer, rejects, ledger: {} as Ledger, damaged: [] as Damaged[] }
  }

  async function seal(next: Place | null): Promise<void> {
    const name = partName(parts.length)
    const { writer, ledger, damaged } = shard
    const rejects = await shard.rejects.commit()
    // Only inputs without any document end here, and their rejects say why: a shard is begun for a document.
    if (writer.documents === 0) throw noDocuments(total(ledger))
    const { bin, idx, documents, tokens } = await writer.seal()
    const files = { [`shards/${name}.bin`]: bin, [`shards/${name}.idx`]: idx, ...(rejects && { [rejectsOf(parts.length)]: rejects }) }
    // A resumed run cuts its batches elsewhere: sorted, the account does not tell.
    const record: PartRecord = { documents, tokens, files, ledger: sorted(ledger), damaged, next }
    await artifact.seal(artifact.path('parts', `${name}.done.json`), record)
    parts.push(record)
  }
}

function rejectsOf(part: number): string {
  return `rejects/${partName(part)}.jsonl.zst`
}

async function sealedParts(artifact: Artifact): Promise<PartRecord[]> {
  const sealed = await artifact.sealed<PartRecord>('parts')
  return Array.from({ length: sealed.size }, (_, part) => {
    const record = sealed.get(partName(part))
    if (!record) throw new KopipeError('corrupt', `${artifact.path('parts')} lacks the record of part ${partName(part)}`)
    return record
  })
}

function account(parts: PartRecord[]): Omit<PackSummary, 'artifact'> {
  const totals = total(parts.reduce(sumLedgers, {}))
  checkIdentity(totals)
  const documents = parts.reduce((sum, part) => sum + part.documents, 0)
  if (documents !== totals.kept.docs) {
    throw new KopipeError('internal', `${totals.kept.docs} documents kept, ${documents} in the shards`)
  }
  const tokens = parts.reduce((sum, part) => sum + part.tokens, 0)
  return { ...totals, documents, tokens, shards: parts.length, damaged: parts.flatMap((part) => part.damaged) }
}

function sumLedgers(sum: Ledger, { ledger }: PartRecord): Ledger {
  addLedger(sum, ledger)
  return sum
}

function configurationOf(options: PackOptions, tokenizer: Tokenizer, masks: string[]) {
  const { shardSize, parseSpecials, textKey, idKey, sourceKey, metadataKey, documentPer, maxDocument } = options
  return { tokenizer: tokenizer.digest, masks, shardSize, parseSpecials, textKey, idKey, sourceKey, metadataKey, documentPer, maxDocument }
}

function endOf(tokenizer: Tokenizer, path: string): number {
  const id = tokenizer.special(END_OF_DOCUMENT)
  if (id === null) {
    throw new KopipeError('invalid', `${path} has no special token ${END_OF_DOCUMENT}, which ends every document`, {
      path,
      hint: 'Train one with `kopipe tokenize`, or add the token.',
    })
  }
  return id
}

function noDocuments({ read, dropped, malformed }: Counts): KopipeError {
  const reasons = Object.entries({ ...dropped, malformed }).map(([reason, { docs }]) => `${docs} ${reason}`)
  return new KopipeError('invalid', `there is no document to pack: ${read.docs} read, ${reasons.join(', ')}`, {
    hint: 'Look at rejects/, at --text-key, or at what `kopipe clean` dropped.',
  })
}
