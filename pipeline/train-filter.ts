/**
 * `train-filter`: good documents and bad ones → a linear model for the filter `quality`, in fastText's format.
 *
 * A seeded sample of both is read; each fold is judged by a model that has not seen it, which gives precision, recall and
 * a threshold; the model that is written has seen everything.
 */

import PQueue from 'p-queue'
import { z } from 'zod'
import { Artifact, verifyFor } from '../core/artifact.ts'
import { interrupted } from '../core/errors.ts'
import { inOrder } from '../core/flow.ts'
import type { InputFile } from '../core/input-file.ts'
import { manifestsOf, resolveInputs } from '../core/inputs.ts'
import { addLedger, type Counts, checkIdentity, type Ledger, sorted, total } from '../core/ledger.ts'
import { common, count, keys, output, size } from '../core/options.ts'
import type { Session } from '../core/progress.ts'
import { checkMemory, type Damaged, readFiles, reading } from '../native/documents.ts'
import { type ClassDocuments, type FilterDocuments, type FoldScores, io, native, type SealedFile } from '../native/index.ts'
import { type Validation, validation } from './cross-validation.ts'
import { loadRecipe } from './recipe.ts'

/** The class of the model that is to be kept. */
const LABEL = '__label__good'

export const trainFilterOptions = z.strictObject({
  output,
  seed: count(0).default(0).meta({ help: 'of the sample, the folds and the training', placeholder: 'N' }),
  folds: count(2).default(5).meta({ help: 'parts that are each judged by a model that has not seen them', placeholder: 'N' }),
  limit: size().default(64e6).meta({
    help: 'text of each class that is trained on: a seeded sample where there is more',
    placeholder: 'SIZE',
    shownDefault: '64MB',
  }),
  ...keys,
  allowCorrupt: z.boolean().default(false).meta({ help: 'exit 0 where compressed input is damaged' }),
  ...common,
})

export type TrainFilterOptions = z.output<typeof trainFilterOptions>

export interface TrainFilterSummary extends Counts, Validation {
  label: string
  /** Different texts that were trained on, and how many stood in both classes and were left out. */
  documents: { good: ClassDocuments; bad: ClassDocuments; inBoth: number }
  damaged: Damaged[]
  artifact: string
}

/** What one training holds at the most: two million words while they are counted, or a million with their rows. */
const TRAINING_BYTES = 250e6
/** A text is held with what finds it, and short ones take twice their bytes. */
const HELD = 2.5

interface Read {
  ledger: Ledger
  damaged: Damaged[]
}

type Training = InstanceType<typeof native.FilterTraining>

export async function trainFilter(good: string, bad: string, options: TrainFilterOptions, session: Session): Promise<TrainFilterSummary> {
  checkMemory(options, TRAINING_BYTES)
  native.startWorkers(options.workers)
  const classes = [await resolveInputs([good]), await resolveInputs([bad])]
  const files = classes.flat()
  const manifests = await manifestsOf([good, bad])
  await verifyFor(options.output, files, options, io, session)
  const artifact = await Artifact.open(
    options.output,
    { kind: 'filter', configuration: configurationOf(classes, options), inputs: files, manifests, overwrite: options.overwrite },
    io,
  )
  if (!artifact.done) {
    const training = new native.FilterTraining(options.seed, textOf(options))
    const read = await readClasses(training, classes, options, session)
    const documents = await training.settle(options.folds)
    const { folds, model } = await trainAll(training, documents, artifact, options, session)
    await artifact.finish(await account(artifact, read, documents, folds, model))
  }
  return { ...(artifact.record as unknown as { totals: Omit<TrainFilterSummary, 'artifact'> }).totals, artifact: options.output }
}

/** Bytes of text of each class: what was asked for, or what fits. It does not depend on the workers. */
function textOf({ limit, memory, maxDocument }: TrainFilterOptions): number {
  return Math.min(limit, Math.floor((memory - 150e6 - 8 * maxDocument) / (2 * HELD)))
}

/** Documents as the filter will see them: normalized as the recipe `ko` says. */
async function readClasses(training: Training, classes: InputFile[][], options: TrainFilterOptions, session: Session): Promise<Read> {
  const normalize = JSON.stringify(loadRecipe('ko').normalize)
  const { keys: recordKeys, ...settings } = reading(options)
  const { workers, memory } = options
  const read: Read = { ledger: {}, damaged: [] }
  session.progress.stage(
    'reading',
    classes.flat().reduce((bytes, file) => bytes + file.bytes, 0),
  )
  for (const [number, files] of classes.entries()) {
    const batches = inOrder(
      readFiles(files, settings),
      new PQueue({ concurrency: workers }),
      async ({ batch }) => {
        await batch.parse(recordKeys)
        await batch.normalize(normalize)
        await training.add(batch, number)
      },
      { items: 2 * workers, bytes: memory / 16 },
      ({ batch }) => batch.weight,
    )
    for await (const { batch, file, fileBytes } of batches) {
      if (session.signal.aborted) throw interrupted('no model was finished')
      const counts = JSON.parse(batch.counts()) as Ledger
      addLedger(read.ledger, counts)
      if (batch.damage) read.damaged.push({ path: files[file]?.path ?? '', ...batch.damage })
      const { read: docs, kept } = total(counts)
      batch.close()
      session.progress.advance({ of: fileBytes, docs: docs.docs, bytes: docs.bytes, dropped: docs.docs - kept.docs })
    }
  }
  return read
}

/** A model without each fold, and one with all: side by side, as many as workers and memory allow. */
async function trainAll(
  training: Training,
  documents: FilterDocuments,
  artifact: Artifact,
  options: TrainFilterOptions,
  { progress, signal }: Session,
): Promise<{ folds: FoldScores[]; model: SealedFile }> {
  if (signal.aborted) throw interrupted('no model was finished')
  const free = options.memory - 150e6 - HELD * (documents.good.bytes + documents.bad.bytes)
  const queue = new PQueue({ concurrency: Math.max(1, Math.min(options.workers, Math.floor(free / TRAINING_BYTES))) })
  progress.stage('training', documents.toTrain)
  const stop = () => training.cancel()
  signal.addEventListener('abort', stop)
  let trained = 0
  const watch = setInterval(() => {
    progress.advance({ of: training.trained - trained, bytes: training.trained - trained })
    trained = training.trained
  }, 200)
  try {
    const folds = Array.from({ length: options.folds }, (_, fold) => queue.add(() => training.fold(fold)))
    const all = queue.add(() => training.write(artifact.path('model.bin')))
    const done = await Promise.allSettled([...folds, all])
    const failed = done.find((one) => one.status === 'rejected')
    if (failed) throw failed.reason
    return { folds: await Promise.all(folds), model: await all }
  } finally {
    clearInterval(watch)
    signal.removeEventListener('abort', stop)
  }
}

async function account(artifact: Artifact, { ledger, damaged }: Read, documents: FilterDocuments, folds: FoldScores[], model: SealedFile) {
  const totals = total(ledger)
  checkIdentity(totals)
  const { good, bad, inBoth } = documents
  const quality = { label: LABEL, documents: { good, bad, inBoth }, ...validation(folds) }
  await io.commitFile(artifact.path('quality.json'), Buffer.from(`${JSON.stringify(quality, null, 2)}\n`))
  const summary: Omit<TrainFilterSummary, 'artifact'> = { ...totals, ...quality, damaged }
  return { totals: summary, ledger: sorted(ledger), files: { 'model.bin': model } }
}

function configurationOf(classes: InputFile[][], options: TrainFilterOptions) {
  const { seed, folds, textKey, idKey, sourceKey, metadataKey, documentPer, maxDocument } = options
  const [goodFiles = 0, badFiles = 0] = classes.map((files) => files.length)
  return { goodFiles, badFiles, seed, folds, limit: textOf(options), textKey, idKey, sourceKey, metadataKey, documentPer, maxDocument }
}
