/** The documents of a text as tokens, from any INPUT or from a split of a packed dataset. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readDataset, SPLIT_WEIGHTS, SPLITS, type Split } from '../../core/dataset.ts'
import { KopipeError } from '../../core/errors.ts'
import { resolveInputs } from '../../core/inputs.ts'
import { addLedger, type Ledger } from '../../core/ledger.ts'
import type { Session } from '../../core/progress.ts'
import { verifyInputs } from '../../core/verify.ts'
import { type Damaged, type ReadSettings, readFiles } from '../../native/documents.ts'
import { io, native, type RecordKeys, type Tokenizer } from '../../native/index.ts'

export interface TokenizedDocument {
  tokens: number[]
  /** Of its UTF-8. */
  bytes: number
}

export interface ReadOptions extends Omit<ReadSettings, 'unitSize'> {
  keys: RecordKeys
  /** Of packed datasets. */
  split: Split
}

/** What became of the documents of texts that are read. */
export interface Read {
  ledger: Ledger
  damaged: Damaged[]
}

/** Adds to `read`. */
export async function* documentsOf(
  text: string,
  tokenizer: Tokenizer,
  options: ReadOptions,
  read: Read,
  session: Session,
): AsyncGenerator<TokenizedDocument> {
  if (existsSync(join(text, 'dataset.json'))) yield* packedDocuments(text, tokenizer, options.split, session)
  else yield* readDocuments(text, tokenizer, options, read, session)
}

/** Special strings in them are text, as `pack` has it. */
async function* readDocuments(
  text: string,
  tokenizer: Tokenizer,
  { keys, split: _, ...settings }: ReadOptions,
  { ledger, damaged }: Read,
  { progress, signal }: Session,
): AsyncGenerator<TokenizedDocument> {
  const { tableFromIPC } = await import('apache-arrow')
  const files = await resolveInputs([text])
  await verifyInputs(files, [], { workers: 1 }, { progress, signal })
  progress.stage(
    'reading and scoring',
    files.reduce((sum, { bytes }) => sum + bytes, 0),
  )
  for await (const { batch, file, fileBytes } of readFiles(files, settings)) {
    try {
      await batch.parse(keys)
      addLedger(ledger, JSON.parse(batch.counts()) as Ledger)
      if (batch.damage) damaged.push({ path: files[file]?.path ?? '', ...batch.damage })
      const column = tableFromIPC(await batch.view()).getChild('text')
      for (const document of (column ?? []) as Iterable<string>) {
        yield { tokens: tokenizer.encode(document), bytes: Buffer.byteLength(document) }
        progress.advance({ docs: 1 })
      }
    } finally {
      batch.close()
    }
    progress.advance({ of: fileBytes })
  }
}

/** Without the end-of-text token, which is no part of a text. */
async function* packedDocuments(
  folder: string,
  tokenizer: Tokenizer,
  split: Split,
  { progress }: Session,
): AsyncGenerator<TokenizedDocument> {
  const dataset = await readDataset(folder, io)
  if (dataset.tokenizer.digest !== tokenizer.digest) {
    throw new KopipeError('invalid', `${folder} was packed with another tokenizer than the model's`, {
      path: folder,
      hint: 'Name the documents themselves with --text.',
    })
  }
  const isSplit = dataset.shards[0]?.split !== undefined
  const shards = dataset.shards.filter((shard) => !isSplit || shard.split === split)
  const bounds = native.splitBounds([...SPLIT_WEIGHTS], dataset.documents)
  const at = SPLITS.indexOf(split)
  const [first, end] = isSplit ? [0, dataset.documents] : [bounds[at] as number, bounds[at + 1] as number]
  if (shards.length === 0 || end <= first)
    throw new KopipeError('invalid', `the ${split} split of ${folder} holds no document`, { path: folder })
  progress.stage('scoring', isSplit ? shards.reduce((sum, { documents }) => sum + documents, 0) : end - first)
  let number = 0
  for (const { prefix, documents } of shards) {
    const [from, to] = [Math.max(0, first - number), Math.min(documents, end - number)]
    number += documents
    if (from >= to) continue
    const shard = await native.ShardDocuments.open(join(folder, prefix))
    for (let document = from; document < to; document++) {
      const ids = [...((await shard.read(document)) ?? [])]
      const tokens = ids.at(-1) === dataset.endOfDocument.id ? ids.slice(0, -1) : ids
      yield { tokens, bytes: tokens.reduce((sum, id) => sum + tokenizer.bytes(id).length, 0) }
      progress.advance({ of: 1, docs: 1 })
    }
  }
}
