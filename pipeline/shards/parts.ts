/**
 * Documents → parts of a packed artifact: read, encoded on all workers, appended in input order. A part is sealed by a
 * record that says where the next one begins, so a run that was killed goes on from the last sealed part.
 */

import PQueue from 'p-queue'
import type { Artifact } from '../../core/artifact.ts'
import { interrupted, KopipeError } from '../../core/errors.ts'
import { inOrder } from '../../core/flow.ts'
import type { InputFile } from '../../core/input-file.ts'
import { addLedger, type Counts, type Ledger, sorted, total } from '../../core/ledger.ts'
import type { Session } from '../../core/progress.ts'
import { type Damaged, type Place, type ReadBatch, readFiles, reading } from '../../native/documents.ts'
import { type EncodedBatch, native, type Tokenizer } from '../../native/index.ts'
import { masksOf } from '../../native/masks.ts'
import type { PackOptions } from './options.ts'
import type { Writer, Written } from './part.ts'
import { sealedParts } from './sealed.ts'
import { inOrderOf } from './shares.ts'

/** What a part is sealed with. */
export interface PartRecord extends Written {
  ledger: Ledger
  damaged: Damaged[]
  /** Where in the inputs the next part begins. Nothing: this was the last. */
  next: Place | null
}

export interface PartsPlan<W extends Writer> {
  files: InputFile[]
  tokenizer: Tokenizer
  endOfDocument: number
  options: PackOptions
  /** Name of a part by its number. */
  name: (part: number) => string
  /** Begins a part, behind those that are sealed. */
  open: (name: string, before: readonly PartRecord[]) => W
}

interface Work extends ReadBatch {
  encoded?: EncodedBatch
}

type Sealed<W extends Writer> = PartRecord & Awaited<ReturnType<W['seal']>>

/** Goes on behind the last sealed part; gives the records of all. */
export async function writeParts<W extends Writer>(artifact: Artifact, plan: PartsPlan<W>, session: Session): Promise<Sealed<W>[]> {
  const { files, tokenizer, endOfDocument, options, name } = plan
  const parts = await sealedParts<Sealed<W>>(artifact, name)
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
  let part = openPart()
  try {
    for await (const { batch, encoded: tokens, file, fileBytes } of encoded) {
      if (session.signal.aborted) throw interrupted('finished shards are sealed')
      if (!tokens) throw new KopipeError('internal', 'a batch came out of the queue without its tokens')
      for (let first = 0; first < tokens.records; ) {
        const end = await part.writer.append(tokens, first)
        await part.rejects.append(batch, file, first, end)
        const ledger = JSON.parse(tokens.counts(first, end)) as Ledger
        addLedger(part.ledger, ledger)
        const { read, kept } = total(ledger)
        session.progress.advance({ docs: read.docs, bytes: read.bytes, dropped: read.docs - kept.docs })
        if (end < tokens.records) {
          await seal({ file, position: tokens.position(end), ordinal: batch.firstOrdinal + end })
          part = openPart()
        }
        first = end
      }
      if (batch.damage) part.damaged.push({ path: files[file]?.path ?? '', ...batch.damage })
      tokens.close()
      batch.close()
      session.progress.advance({ of: fileBytes })
    }
    await seal(null)
  } finally {
    part.writer.close()
    part.rejects.close()
  }
  return parts

  function openPart() {
    const writer = plan.open(name(parts.length), parts)
    return { writer, rejects: new native.Rejects(artifact.path(rejectsOf())), ledger: {} as Ledger, damaged: [] as Damaged[] }
  }

  async function seal(next: Place | null): Promise<void> {
    const { writer, ledger, damaged } = part
    const rejects = await part.rejects.commit()
    // Only inputs without any document end here, and their rejects say why: a part is begun for a document.
    if (writer.documents === 0) throw noDocuments(total(ledger))
    const { files, ...written } = (await writer.seal()) as Awaited<ReturnType<W['seal']>>
    const all = { ...files, ...(rejects && { [rejectsOf()]: rejects }) }
    // A resumed run cuts its batches elsewhere: sorted, the account does not tell.
    const record = { ...written, files: all, ledger: sorted(ledger), damaged, next } as Sealed<W>
    await artifact.seal(artifact.path('parts', `${name(parts.length)}.done.json`), record)
    parts.push(record)
  }

  function rejectsOf(): string {
    return `rejects/${name(parts.length).replace(/^\D*/, '')}.jsonl.zst`
  }
}

function noDocuments({ read, dropped, malformed }: Counts): KopipeError {
  const reasons = Object.entries({ ...dropped, malformed }).map(([reason, { docs }]) => `${docs} ${reason}`)
  return new KopipeError('invalid', `there is no document to pack: ${read.docs} read, ${reasons.join(', ')}`, {
    hint: 'Look at rejects/, at --text-key, or at what `kopipe clean` dropped.',
  })
}
