/**
 * `tokenize`: documents → a byte-level BPE tokenizer, the same file that HF tokenizers makes of them.
 *
 * Two stages, resumable between them: the distinct pretokens of all documents are counted, then merged into tokens.
 */

import PQueue from 'p-queue'
import { z } from 'zod'
import { Artifact } from '../core/artifact.ts'
import { interrupted, KopipeError } from '../core/errors.ts'
import { inOrder } from '../core/flow.ts'
import { type InputFile, resolveInputs } from '../core/inputs.ts'
import { addLedger, type Counts, checkIdentity, type Ledger, sorted, total } from '../core/ledger.ts'
import { common, count, keys, output } from '../core/options.ts'
import type { Session } from '../core/progress.ts'
import { checkMemory, type Damaged, readFiles, reading } from '../native/documents.ts'
import { type CountedPretokens, io, native, type SealedFile, type TrainedTokenizer } from '../native/index.ts'
import { masksOf } from '../native/masks.ts'

/** How documents are cut into what tokens never reach across, by the names that the patterns go by. */
const PATTERNS = ['gpt2', 'cl100k', 'o200k', 'llama3', 'qwen2'] as const

/** What GPT-NeoX wants: the end of a document, and padding. Their ids come first. */
const SPECIALS = ['<|endoftext|>', '<|padding|>']
const BYTES = 256

export const tokenizeOptions = z.strictObject({
  output,
  vocabSize: count().default(30003).meta({ help: 'tokens in all: special tokens, the 256 bytes, merges', placeholder: 'N' }),
  pattern: z
    .enum(PATTERNS)
    .default('gpt2')
    .meta({ help: 'whose pre-tokenizer cuts the text: gpt2, cl100k, o200k, llama3 (cuts as cl100k) or qwen2', placeholder: 'NAME' }),
  special: z
    .array(z.string().min(1, 'expected a token, got an empty one'))
    .default([])
    .meta({ help: `a special token after ${SPECIALS.join(' and ')}`, placeholder: 'TOKEN' }),
  minFrequency: count(0).default(0).meta({ help: 'pairs that occur less often are not merged', placeholder: 'N' }),
  ...keys,
  allowCorrupt: z.boolean().default(false).meta({ help: 'exit 0 where compressed input is damaged' }),
  ...common,
})

export type TokenizeOptions = z.output<typeof tokenizeOptions>

/** Every record that was not counted, in input order. */
const REJECTS = 'rejects/00000.jsonl.zst'

interface Counted {
  ledger: Ledger
  damaged: Damaged[]
  pretokens: CountedPretokens
  /** Length and xxh3-128 of the rejects' file, where there are any, by its path in the artifact. */
  files: Record<string, SealedFile>
}

export interface TokenizeSummary extends Counts {
  /** Distinct pretokens and all of them. */
  pretokens: { types: number; occurrences: number }
  vocabulary: { size: number; merges: number }
  damaged: Damaged[]
  artifact: string
}

export async function tokenize(inputs: readonly string[], options: TokenizeOptions, session: Session): Promise<TokenizeSummary> {
  checkMemory(options)
  native.startWorkers(options.workers)
  const files = await resolveInputs(inputs)
  const specials = [...new Set([...SPECIALS, ...options.special, ...masksOf(files)])]
  checkVocabulary(options, specials)
  const artifact = await Artifact.open(
    options.output,
    { kind: 'tokenize', configuration: configurationOf(options, specials), inputs: files, overwrite: options.overwrite },
    io,
  )
  if (!artifact.done) {
    const counted = await countPretokens(artifact, files, options, session)
    const trained = await mergePretokens(artifact, counted, specials, options, session)
    await artifact.finish(account(counted, trained))
  }
  await io.removeFolder(artifact.path('scratch'))
  return { ...(artifact.record as unknown as { totals: Omit<TokenizeSummary, 'artifact'> }).totals, artifact: options.output }
}

/** Every worker counts whole batches; the sum is one sorted file, sealed by its record. */
async function countPretokens(artifact: Artifact, files: InputFile[], options: TokenizeOptions, session: Session): Promise<Counted> {
  const before = (await artifact.sealed<Counted>('scratch')).get('counts')
  if (before) return before
  await io.removeFolder(artifact.path('scratch'))
  await io.createFolder(artifact.path('rejects'))
  const rejects = new native.Rejects(artifact.path(REJECTS))
  const counts = native.PretokenCounts.create(artifact.path('scratch'), options.pattern, options.memory, options.workers)
  const counted: Pick<Counted, 'ledger' | 'damaged'> = { ledger: {}, damaged: [] }
  const { workers, memory } = options
  const { keys, ...settings } = reading(options)
  session.progress.stage(
    'counting',
    files.reduce((sum, file) => sum + file.bytes, 0),
  )
  const read = readFiles(files, settings)
  const done = inOrder(
    read,
    new PQueue({ concurrency: workers }),
    async ({ batch }) => {
      await batch.parse(keys)
      await counts.add(batch)
    },
    { items: 2 * workers, bytes: memory / 16 },
    ({ batch }) => batch.weight,
  )
  try {
    for await (const { batch, file, fileBytes } of done) {
      if (session.signal.aborted) throw interrupted('counts that were finished are kept')
      const ledger = JSON.parse(batch.counts()) as Ledger
      addLedger(counted.ledger, ledger)
      await rejects.append(batch, file, 0, batch.records)
      if (batch.damage) counted.damaged.push({ path: files[file]?.path ?? '', ...batch.damage })
      const { read, kept } = total(ledger)
      batch.close()
      session.progress.advance({ of: fileBytes, docs: read.docs, bytes: read.bytes, dropped: read.docs - kept.docs })
    }
    const pretokens = await counts.seal(artifact.path('scratch', 'counts'))
    const rejected = await rejects.commit()
    const sealed: Counted = { ...counted, pretokens, files: rejected ? { [REJECTS]: rejected } : {} }
    await artifact.seal(artifact.path('scratch', 'counts.done.json'), sealed)
    return sealed
  } finally {
    rejects.close()
  }
}

/** The most frequent pair becomes a token, again and again, until the vocabulary is full. */
async function mergePretokens(
  artifact: Artifact,
  { pretokens }: Counted,
  specials: string[],
  { vocabSize, pattern, minFrequency, memory }: TokenizeOptions,
  { progress, signal }: Session,
): Promise<TrainedTokenizer> {
  if (pretokens.types === 0) {
    throw new KopipeError('invalid', 'there is no text to train on: no document was kept, or all of them are empty', {
      hint: 'Look at rejects/, at the counts of `kopipe clean`, or at --text-key.',
    })
  }
  if (signal.aborted) throw interrupted('counts that were finished are kept')
  progress.stage('merging', vocabSize - specials.length - BYTES)
  const { types, typeBytes } = pretokens
  const training = new native.BpeTraining({ vocabularySize: vocabSize, minFrequency, pattern, specials, memory, types, typeBytes })
  const stop = () => training.cancel()
  signal.addEventListener('abort', stop)
  let merges = 0
  const watch = setInterval(() => {
    progress.advance({ of: training.merges - merges })
    merges = training.merges
  }, 200)
  try {
    return await training.run(artifact.path('scratch', 'counts'), artifact.path('tokenizer.json'))
  } finally {
    clearInterval(watch)
    signal.removeEventListener('abort', stop)
  }
}

function account(counted: Counted, trained: TrainedTokenizer): Record<string, unknown> {
  const totals = total(counted.ledger)
  checkIdentity(totals)
  const summary: Omit<TokenizeSummary, 'artifact'> = {
    ...totals,
    pretokens: { types: counted.pretokens.types, occurrences: counted.pretokens.pretokens },
    vocabulary: { size: trained.vocabularySize, merges: trained.merges },
    damaged: counted.damaged,
  }
  return { totals: summary, ledger: sorted(counted.ledger), files: { 'tokenizer.json': trained.sealed, ...counted.files } }
}

function configurationOf(options: TokenizeOptions, specials: string[]) {
  const { vocabSize, pattern, minFrequency, textKey, idKey, sourceKey, metadataKey, documentPer, maxDocument } = options
  return { vocabSize, pattern, specials, minFrequency, textKey, idKey, sourceKey, metadataKey, documentPer, maxDocument }
}

function checkVocabulary({ vocabSize }: TokenizeOptions, specials: string[]): void {
  const needed = specials.length + BYTES
  if (vocabSize < needed) {
    throw new KopipeError(
      'usage',
      `--vocab-size: expected at least ${needed} (${specials.length} special tokens and 256 bytes), got ${vocabSize}`,
    )
  }
}
