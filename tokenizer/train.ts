/**
 * `tokenize`: documents → a byte-level BPE tokenizer, the same file that HF tokenizers makes of them.
 *
 * Two stages, resumable between them: the distinct pretokens of all documents are counted, then merged into tokens.
 */

import PQueue from 'p-queue'
import { Artifact } from '../core/artifact.ts'
import { interrupted, KopipeError } from '../core/errors.ts'
import { inOrder } from '../core/flow.ts'
import { type InputFile, resolveInputs } from '../core/inputs.ts'
import { addLedger, type Counts, checkIdentity, type Ledger, sorted, total } from '../core/ledger.ts'
import type { Session } from '../core/progress.ts'
import { formatCount } from '../core/sizes.ts'
import { checkMemory, type Damaged, readFiles, reading } from '../native/documents.ts'
import { type CountedPretokens, io, native, type SealedFile, type TrainedTokenizer } from '../native/index.ts'
import { masksOf } from '../native/masks.ts'
import { exported } from './export.ts'
import { type Marked, markMorphemes } from './morphemes.ts'
import { checkOptions, configurationOf, SPECIALS, type TokenizeOptions } from './options.ts'

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
  /** With `--morphemes`: distinct pretokens that were analysed, and those that have several. */
  morphemes?: Marked['morphemes']
  damaged: Damaged[]
  artifact: string
}

export async function tokenize(inputs: readonly string[], options: TokenizeOptions, session: Session): Promise<TokenizeSummary> {
  checkMemory(options)
  native.startWorkers(options.workers)
  const files = await resolveInputs(inputs)
  const specials = [...new Set([...SPECIALS, ...options.special, ...masksOf(files)])]
  checkOptions(options, specials)
  const artifact = await Artifact.open(
    options.output,
    { kind: 'tokenize', configuration: configurationOf(options, specials), inputs: files, overwrite: options.overwrite },
    io,
  )
  if (!artifact.done) {
    const counted = await countPretokens(artifact, files, options, session)
    const marked = options.morphemes ? await markMorphemes(artifact, counted.pretokens, options, session) : undefined
    const learnt = marked
      ? { path: artifact.path('scratch', 'marked'), pretokens: marked.pretokens }
      : { path: artifact.path('scratch', 'counts'), pretokens: counted.pretokens }
    const trained = await mergePretokens(artifact, learnt, specials, options, session)
    for (const [name, content] of Object.entries(exported((await io.readFile(artifact.path('tokenizer.json'))).toString()))) {
      await io.commitFile(artifact.path(name), Buffer.from(content))
    }
    await artifact.finish(account(counted, trained, marked))
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
  const counts = native.PretokenCounts.create(artifact.path('scratch'), options.units, options.pattern, options.memory, options.workers)
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
    session.progress.stage('merging the counts of all workers')
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
  { path, pretokens }: { path: string; pretokens: CountedPretokens },
  specials: string[],
  { vocabSize, pattern, units, minFrequency, maxTokenLength, initialAlphabet, limitAlphabet, memory }: TokenizeOptions,
  { progress, signal }: Session,
): Promise<TrainedTokenizer> {
  if (pretokens.types === 0) {
    throw new KopipeError('invalid', 'there is no text to train on: no document was kept, or all of them are empty', {
      hint: 'Look at rejects/, at the counts of `kopipe clean`, or at --text-key.',
    })
  }
  if (signal.aborted) throw interrupted('counts that were finished are kept')
  progress.stage('merging', 1)
  const { types, typeBytes } = pretokens
  const training = new native.BpeTraining({
    vocabularySize: vocabSize,
    pattern,
    minFrequency,
    ...(maxTokenLength !== undefined && { maxTokenLength }),
    foundAlphabet: initialAlphabet === 'found',
    ...(limitAlphabet !== undefined && { limitAlphabet }),
    units,
    specials,
    memory,
    types,
    typeBytes,
  })
  const stop = () => training.cancel()
  signal.addEventListener('abort', stop)
  // Of the work, not of the merges: the first go through most of the words, the last through few.
  let share = 0
  const watch = setInterval(() => {
    const passes = training.passes > 0 ? `, ${formatCount(training.passes)} passes over words on disk` : ''
    progress.advance({ of: training.share - share, detail: `${formatCount(training.merges)} merges${passes}` })
    share = training.share
  }, 200)
  try {
    return await training.run(path, artifact.path('tokenizer.json'))
  } finally {
    clearInterval(watch)
    signal.removeEventListener('abort', stop)
  }
}

function account(counted: Counted, trained: TrainedTokenizer, marked?: Marked): Record<string, unknown> {
  const totals = total(counted.ledger)
  checkIdentity(totals)
  const summary: Omit<TokenizeSummary, 'artifact'> = {
    ...totals,
    pretokens: { types: counted.pretokens.types, occurrences: counted.pretokens.pretokens },
    vocabulary: { size: trained.vocabularySize, merges: trained.merges },
    ...(marked && { morphemes: marked.morphemes }),
    damaged: counted.damaged,
  }
  return { totals: summary, ledger: sorted(counted.ledger), files: { 'tokenizer.json': trained.sealed, ...counted.files } }
}
