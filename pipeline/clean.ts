/**
 * `clean`: raw documents → clean, deduplicated documents, every one accounted for.
 *
 * Three passes, each resumable at the grain of a unit: every unit is cleaned on its own into scratch; duplicates are
 * decided over all of them, and where it is asked for lines are counted and an index is kept for later runs; survivors are
 * written once. Where no duplicates are looked for, the first pass writes them.
 * Text never becomes a JS string on the way.
 */

import PQueue from 'p-queue'
import { z } from 'zod'
import { Artifact, type Json, verifyFor } from '../core/artifact.ts'
import { interrupted } from '../core/errors.ts'
import { inOrder } from '../core/flow.ts'
import { checkUnchanged, type InputFile } from '../core/input-file.ts'
import { manifestsOf, resolveInputs } from '../core/inputs.ts'
import { type Count, type Counts, checkIdentity, type Ledger, sorted, total } from '../core/ledger.ts'
import type { ManifestRecord } from '../core/manifest.ts'
import { common, keys, output, size } from '../core/options.ts'
import type { Session } from '../core/progress.ts'
import { planStreams, type Stream, UNIT_SIZE } from '../core/units.ts'
import { checkMemory, type Damaged, readBatches, reading } from '../native/documents.ts'
import { type Batch, type EvaluationSets, io, native } from '../native/index.ts'
import { MASK_STYLES, masksOf, reservedIn, tokensOf } from '../native/masks.ts'
import { type AgainstCounts, countsOf, readEvaluationSets } from './decontaminate.ts'
import { dedupeOptions, findDuplicates, knownAmong, signingOf } from './dedupe.ts'
import { addSeconds, divided, type Funnel, funnelOf, type Seconds } from './funnel.ts'
import { configurationOf, type Judgement, loadJudgement, stagesOf } from './judgement.ts'
import { type IndexRecord, keepIndex, knownOptions, warnOfOtherTexts } from './known.ts'
import { countLines, type FrequentLine, writeFrequent } from './lines.ts'
import { observedOneIn } from './observed.ts'
import { type CleanRecipe, filterList } from './recipe.ts'
import { ScratchFolder } from './scratch.ts'
import { type Survived, writeSurvivors } from './survivors.ts'
import { applyUserFilters } from './user-filter.ts'

const FORMATS = ['jsonl.zst', 'jsonl.gz', 'jsonl', 'parquet', 'arrow'] as const

/** Formats with columns, whose schema comes from all documents. */
const COLUMNS: readonly string[] = ['parquet', 'arrow']

export const cleanOptions = z.strictObject({
  output,
  recipe: z
    .string()
    .default('ko')
    .meta({ help: 'ko, dps, fineweb2-ko, gopher, none or a YAML file', placeholder: 'NAME|FILE', path: 'name' }),
  ...dedupeOptions,
  ...knownOptions,
  mask: z
    .enum(MASK_STYLES, `expected one of ${MASK_STYLES.join(', ')}`)
    .optional()
    .meta({ help: 'of personal data, in place of what the recipe says: polyglot, dps or off', placeholder: 'polyglot|dps|off' }),
  filter: z
    .array(z.string().min(1))
    .default([])
    .meta({ help: "a filter of one's own behind the recipe's: a JavaScript or TypeScript module", placeholder: 'MODULE', path: 'file' }),
  against: z
    .array(z.string().min(1))
    .default([])
    .meta({ help: 'an evaluation set, any INPUT: documents that share text with it go', placeholder: 'FILE', path: 'file' }),
  format: z
    .enum(FORMATS, `expected one of ${FORMATS.join(', ')}`)
    .default('jsonl.zst')
    .meta({ help: `of the result: ${FORMATS.join(', ')}`, placeholder: 'FORMAT' }),
  ...keys,
  unitSize: size()
    .default(UNIT_SIZE)
    .meta({ help: 'decoded bytes of a unit, the grain of resuming', placeholder: 'SIZE', shownDefault: '256MB' }),
  allowCorrupt: z.boolean().default(false).meta({ help: 'exit 0 where compressed input is damaged' }),
  ...common,
})

export type CleanOptions = z.output<typeof cleanOptions>

export interface CleanSummary extends Counts {
  /** What stands in documents/: JSON lines, uncompressed bytes. */
  written: Count
  damaged: Damaged[]
  /** Of each evaluation file of `--against`, what documents met. */
  against?: AgainstCounts[]
  /** Documents that went for those of `--known` artifacts, among the duplicates. */
  known?: number
  /** How many lines that were cut lines.json lists, and the one of most documents. */
  lines?: { listed: number; most?: FrequentLine }
  /** What `--keep-index` left. */
  index?: IndexRecord
  /** What each stage was given, dropped and took. */
  funnel: Funnel
  artifact: string
}

/** A part of the input, which `plan` cleans to tell of the whole. */
export interface CleanSample {
  streams(all: readonly Stream[]): Stream[]
  /** Bytes of text whose scratch is plain, in place of `--memory`. */
  plain: number
}

export async function clean(inputs: readonly string[], options: CleanOptions, session: Session): Promise<CleanSummary> {
  return cleanFiles(await resolveInputs(inputs), await manifestsOf(inputs), options, session)
}

export async function cleanFiles(
  files: InputFile[],
  manifests: ManifestRecord[],
  options: CleanOptions,
  session: Session,
  sample?: CleanSample,
): Promise<CleanSummary> {
  native.startWorkers(options.workers)
  const judgement = await loadJudgement(options)
  checkMemory(options)
  await verifyFor(options.output, files, options, io, session)
  const artifact = await Artifact.open(
    options.output,
    {
      kind: 'clean',
      configuration: configuration(judgement, options),
      inputs: files,
      manifests,
      reads: [...judgement.known, ...judgement.against, ...judgement.files].map(({ path }) => path),
      overwrite: options.overwrite,
    },
    io,
  )
  if (!artifact.done) {
    const { dedupe } = judgement.recipe
    const scratch = await ScratchFolder.open(artifact, {
      lines: dedupe.lines !== undefined,
      plain: sample?.plain ?? options.memory,
      oneIn: observedOneIn(files),
    })
    const sets = await evaluationSets(judgement, artifact, options, session)
    const masks = [...new Set([...tokensOf(judgement.recipe.mask), ...masksOf(files)])]
    await cleanUnits(files, judgement, sets, masks, options, scratch, session, sample)
    warnOfOtherTexts(judgement.known, judgement.recipe, session)
    const known = judgement.known.flatMap(({ parts }) => parts)
    const duplicates = await findDuplicates(scratch, known, dedupe.priority, options, session)
    const lines = await countLines(scratch, judgement.recipe, duplicates.outcomes, options, session)
    const kept = await keepIndex(artifact, scratch, duplicates.outcomes, lines.cuts, options, session)
    const survived = await writeSurvivors(artifact, scratch, duplicates.outcomes, lines.cuts, options, session)
    const seconds = { deduplicate: duplicates.seconds, lines: lines.seconds, index: kept.seconds }
    addSeconds(survived.seconds, divided(seconds, survived.ledger))
    const frequent = lines.cuts && (await writeFrequent(artifact, lines.cuts, survived.lines))
    const told: Told = {
      ...(sets && { against: countsOf(sets, survived.met) }),
      ...(known.length > 0 && { known: knownAmong(duplicates.outcomes) }),
      ...(frequent && { lines: { listed: frequent.length, ...(frequent[0] && { most: frequent[0] }) } }),
      ...(kept.index && { index: kept.index }),
    }
    await artifact.finish({ ...account(survived, judgement, told), masks })
  }
  await io.removeFolder(artifact.path('scratch'))
  const { totals, funnel } = artifact.record as unknown as CleanRecord
  return { ...totals, funnel, artifact: options.output }
}

/** The index of what `--against` names; without it there is none, and no stage of it. */
async function evaluationSets(
  { against, recipe }: Judgement,
  artifact: Artifact,
  options: CleanOptions,
  session: Session,
): Promise<EvaluationSets | undefined> {
  if (against.length === 0) return undefined
  await io.createFolder(artifact.path('contamination'))
  return readEvaluationSets(against, recipe, options, session)
}

/**
 * Stage by stage, what happens to a batch, and what each took. `reserved` are the masks that its file may not bring along;
 * `plain`: its scratch is not compressed; statistics observe one document in `oneIn`.
 */
async function cleanBatch(
  batch: Batch,
  { recipe, userFilters }: Judgement,
  sets: EvaluationSets | undefined,
  reserved: string[],
  plain: boolean,
  oneIn: number,
  options: CleanOptions,
): Promise<Seconds> {
  const filters = filterList(recipe)
  const seconds: Seconds = { read: batch.readSeconds }
  seconds.parse = await batch.parse(reading(options).keys)
  seconds.normalize = await batch.normalize(JSON.stringify(recipe.normalize))
  seconds.cut = await batch.cut(JSON.stringify(recipe.cut))
  const judging = await batch.filter(JSON.stringify(filters))
  for (const [i, { id }] of filters.entries()) seconds[id] = judging[i] ?? 0
  Object.assign(seconds, await applyUserFilters(batch, userFilters))
  if (sets) seconds.decontaminate = await batch.decontaminate(sets)
  seconds.mask = await batch.mask(JSON.stringify({ ...recipe.mask, reserved }))
  const signing = signingOf(options)
  if (signing !== undefined) seconds.sign = await batch.sign(signing)
  if (recipe.dedupe.lines) seconds.lines = await batch.hashLines(JSON.stringify(recipe.dedupe.lines))
  seconds.write = await batch.encode(nextOf(recipe, options), plain, oneIn)
  return seconds
}

/** Without duplicates to find or lines to count, documents are written by the first pass; columns need what all documents have. */
function nextOf({ dedupe: { lines } }: CleanRecipe, { dedupe, format }: CleanOptions): 'write' | 'decide' | 'columns' {
  if (COLUMNS.includes(format)) return 'columns'
  return dedupe === 'off' && lines === undefined ? 'write' : 'decide'
}

/** First pass: each unit that is not sealed yet is read, cleaned and written to scratch, in input order within it. */
async function cleanUnits(
  files: InputFile[],
  judgement: Judgement,
  sets: EvaluationSets | undefined,
  masks: string[],
  options: CleanOptions,
  scratch: ScratchFolder,
  session: Session,
  sample?: CleanSample,
): Promise<void> {
  const cuts = await Promise.all(files.map((file) => native.planFile(file.path, options.unitSize, options.documentPer)))
  const planned = planStreams(files, cuts)
  const streams = (sample?.streams(planned) ?? planned).flatMap((stream) => scratch.unfinished(stream))
  session.progress.stage(
    'cleaning',
    streams.reduce((sum, stream) => sum + stream.bytes, 0),
  )
  const workers = new PQueue({ concurrency: options.workers })
  const sideBySide = new PQueue({ concurrency: options.workers })
  const settings = { ...reading(options), unitSize: options.unitSize }
  // What a stream may hold grows when others have ended: the last one has all workers.
  const share = (all: number) => all / Math.max(1, sideBySide.pending)
  const bounds = {
    get items() {
      return Math.ceil(share(2 * options.workers)) + 1
    },
    get bytes() {
      return share(options.memory / 16)
    },
  }

  const atOnce = nextOf(judgement.recipe, options) === 'write' ? { format: options.format, ahead: options.workers + 1 } : undefined

  const taken = new WeakMap<Batch, Seconds>()

  const cleanStream = async (stream: Stream & { bytes: number }) => {
    if (session.signal.aborted) throw interrupted()
    const read = readBatches(stream, settings)
    const reserved = reservedIn(stream.file, masks)
    const cleaned = inOrder(
      read,
      workers,
      async (batch) => {
        taken.set(batch, await cleanBatch(batch, judgement, sets, reserved, scratch.isSmall, scratch.oneIn, options))
      },
      bounds,
      (batch) => batch.weight,
    )
    let fileBytes = 0
    try {
      for await (const batch of cleaned) {
        const { read, kept } = total(await scratch.write(stream, batch, taken.get(batch) ?? {}, atOnce))
        session.progress.advance({ of: batch.fileBytes - fileBytes, docs: read.docs, bytes: read.bytes, dropped: read.docs - kept.docs })
        fileBytes = batch.fileBytes
        batch.close()
        if (batch.endsUnit && session.signal.aborted) throw interrupted()
      }
      checkUnchanged(stream.file)
    } finally {
      scratch.abandon(stream)
    }
  }
  // The first failure stops the others at their next turn; it is the one to report.
  let failure: unknown
  await Promise.all(
    streams.map((stream) =>
      sideBySide.add(async () => {
        if (failure) return
        await cleanStream(stream).catch((error: unknown) => {
          failure ??= error
        })
      }),
    ),
  )
  if (failure) throw failure
}

function configuration(judgement: Judgement, options: CleanOptions): { [key: string]: Json } {
  const { dedupe, nearProfile, format, textKey, idKey, sourceKey, metadataKey, documentPer, unitSize, maxDocument } = options
  const keys = { textKey, idKey, sourceKey, metadataKey, documentPer }
  return { ...configurationOf(judgement), dedupe, ...(dedupe === 'near' && { nearProfile }), format, ...keys, unitSize, maxDocument }
}

/** What `kopipe.json` says of a finished run. */
interface CleanRecord {
  totals: Omit<CleanSummary, 'artifact' | 'funnel'>
  ledger: Ledger
  funnel: Funnel
}

/** What stages tell of themselves beside the account of documents. */
type Told = Pick<CleanSummary, 'against' | 'known' | 'lines' | 'index'>

function account({ ledger, written, damaged, seconds }: Survived, judgement: Judgement, told: Told): CleanRecord {
  const totals = total(ledger)
  checkIdentity(totals)
  const { stages, stageOf } = stagesOf(judgement)
  return {
    totals: { ...totals, written, damaged, ...told },
    ledger: sorted(ledger),
    funnel: funnelOf(sorted(ledger), seconds, stages, stageOf),
  }
}
