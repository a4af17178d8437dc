/**
 * `tokenize`: documents → a byte-level BPE tokenizer, the same file that HF tokenizers makes of them.
 *
 * Two stages, resumable between them: the distinct pretokens of all documents are counted, then merged into tokens.
 */

import PQueue from 'p-queue'
import { Artifact, verifyFor } from '../core/artifact.ts'
import { interrupted, KopipeError } from '../core/errors.ts'
import { inOrder } from '../core/flow.ts'
import type { InputFile } from '../core/input-file.ts'
import { manifestsOf, resolveInputs } from '../core/inputs.ts'
import type { Sealed } from '../core/io.ts'
import { addLedger, type Counts, checkIdentity, type Ledger, sorted, total } from '../core/ledger.ts'
import type { Session } from '../core/progress.ts'
import { formatCount } from '../core/sizes.ts'
import { checkMemory, type Damaged, readFiles, reading } from '../native/documents.ts'
import { type CountedPretokens, io, native, type SealedFile, type TrainedTokenizer } from '../native/index.ts'
import { masksOf } from '../native/masks.ts'
import { exported } from './export.ts'
import { type Marked, markMorphemes } from './morphemes.ts'
import { checkOptions, configurationOf, SPECIALS, type TokenizeOptions } from './options.ts'
import type { Quality } from './quality.ts'
import { type Reported, report } from './report/report.ts'
import { SAMPLE } from './sample.ts'
import { type Verified, verify } from './verify.ts'

/** Every record that was not counted, in input order. */
const REJECTS = 'rejects/00000.jsonl.zst'

interface Counted {
  ledger: Ledger
  damaged: Damaged[]
  pretokens: CountedPretokens
  /** Length and xxh3-128 of the kept sample and of the rejects, where there are any, by their paths in the artifact. */
  files: Record<string, SealedFile>
}

export interface TokenizeSummary extends Counts {
  /** Distinct pretokens, those of them that came once, and all. */
  pretokens: { types: number; once: number; occurrences: number }
  /** Tokens that never occur in the text: without special tokens; null like `quality`. */
  vocabulary: { size: number; merges: number; unused: number | null }
  /** Of the whole text; null where the vocabulary lacks bytes, so that nothing can be encoded with it. */
  quality: Quality | null
  /** With `--morphemes`: distinct pretokens that were analysed, and those that have several. */
  morphemes?: Marked['morphemes']
  damaged: Damaged[]
  artifact: string
  /** What was compared, by peer. */
  verified?: Verified
}

export async function tokenize(inputs: readonly string[], options: TokenizeOptions, session: Session): Promise<TokenizeSummary> {
  checkMemory(options)
  native.startWorkers(options.workers)
  const files = await resolveInputs(inputs)
  const specials = [...new Set([...SPECIALS, ...options.special, ...masksOf(files)])]
  checkOptions(options, specials)
  const manifests = await manifestsOf(inputs)
  await verifyFor(options.output, files, options, io, session)
  const artifact = await Artifact.open(
    options.output,
    { kind: 'tokenize', configuration: configurationOf(options, specials), inputs: files, manifests, overwrite: options.overwrite },
    io,
  )
  if (!artifact.done) {
    const counted = await countPretokens(artifact, files, options, session)
    const marked = options.morphemes ? await markMorphemes(artifact, counted.pretokens, options, session) : undefined
    const learnt = marked
      ? { path: artifact.path('scratch', 'marked'), pretokens: marked.pretokens }
      : { path: artifact.path('scratch', 'counts'), pretokens: counted.pretokens }
    const trained = await mergePretokens(artifact, learnt, specials, options, session)
    const measurable = { ...counted, counts: artifact.path('scratch', 'counts'), merges: trained.merges }
    // While workers count what tokens occur, the files of other tools are made here.
    const [reported, others] = await Promise.all([
      trained.hasAllBytes ? report(artifact, measurable, options.lang, session) : undefined,
      exportFiles(artifact),
    ])
    const written = { 'tokenizer.json': trained.sealed, ...counted.files, ...others, ...reported?.files }
    await artifact.finish(account({ ...counted, ...(marked && { morphemes: marked.morphemes }) }, trained, reported, written))
  }
  await io.removeFolder(artifact.path('scratch'))
  const { totals } = artifact.record as unknown as { totals: Omit<TokenizeSummary, 'artifact' | 'verified'> }
  const verified = options.verify ? { verified: await verify(artifact.folder, session) } : {}
  return { ...totals, artifact: options.output, ...verified }
}

/** Every worker counts whole batches; the sum is one sorted file, sealed by its record. */
async function countPretokens(artifact: Artifact, files: InputFile[], options: TokenizeOptions, session: Session): Promise<Counted> {
  const before = (await artifact.sealed<Counted>('scratch')).get('counts')
  if (before) return before
  await io.removeFolder(artifact.path('scratch'))
  await io.createFolder(artifact.path('rejects'))
  const rejects = new native.Rejects(artifact.path(REJECTS))
  const counts = native.PretokenCounts.create(artifact.path('scratch'), options.units, options.pattern, options.memory, options.workers)
  const sample = new native.DocumentSample()
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
      await sample.add(batch)
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
    const kept = { [SAMPLE]: await sample.commit(artifact.path(SAMPLE)), ...(rejected && { [REJECTS]: rejected }) }
    const sealed: Counted = { ...counted, pretokens, files: kept }
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

/** What other tools want beside tokenizer.json. */
async function exportFiles(artifact: Artifact): Promise<Record<string, Sealed>> {
  const files: Record<string, Sealed> = {}
  for (const [name, content] of Object.entries(exported((await io.readFile(artifact.path('tokenizer.json'))).toString()))) {
    files[name] = await io.commitFile(artifact.path(name), Buffer.from(content))
  }
  return files
}

function account(
  { ledger, pretokens, morphemes, damaged }: Counted & Partial<Pick<Marked, 'morphemes'>>,
  { vocabularySize, merges }: TrainedTokenizer,
  reported: Reported | undefined,
  files: Record<string, Sealed>,
): Record<string, unknown> {
  const totals = total(ledger)
  checkIdentity(totals)
  const summary: Omit<TokenizeSummary, 'artifact' | 'verified'> = {
    ...totals,
    pretokens: { types: pretokens.types, once: pretokens.once, occurrences: pretokens.pretokens },
    vocabulary: { size: vocabularySize, merges, unused: reported?.unused ?? null },
    quality: reported?.quality ?? null,
    ...(morphemes && { morphemes }),
    damaged,
  }
  return { totals: summary, ledger: sorted(ledger), files }
}
