/**
 * What documents are made of: those of artifacts of `clean` from the statistics that the run left, part by part, all others by
 * reading them. Workers look at batches side by side; what they found is added in the order of the input.
 */

import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import PQueue from 'p-queue'
import { interrupted } from '../core/errors.ts'
import { inOrder } from '../core/flow.ts'
import { type InputFile, resolveInputs } from '../core/inputs.ts'
import { addLedger, entry, type Ledger, noCounts, total } from '../core/ledger.ts'
import type { Session } from '../core/progress.ts'
import { type Damaged, type ReadingOptions, readFiles, reading } from '../native/documents.ts'
import { type CorpusTally, native } from '../native/index.ts'
import type { CorpusStats } from './report/measures.ts'
import { observedOneIn } from './sampling.ts'

export interface Measured {
  documents: CorpusStats
  /** Of what was read; of a run's statistics what it kept. */
  ledger: Ledger
  damaged: Damaged[]
}

type MeasureOptions = ReadingOptions & { tokenizer?: string | undefined }

export async function measure(inputs: readonly string[], options: MeasureOptions, session: Session): Promise<Measured> {
  const left = new Map<string, string[]>()
  // Tokens are counted by reading.
  if (options.tokenizer === undefined) for (const input of inputs) left.set(input, await statisticsIn(input))
  const files = await resolveInputs(inputs.filter((input) => !left.get(input)?.length))
  const tokenizer = options.tokenizer === undefined ? undefined : await native.loadTokenizer(options.tokenizer)
  const masks = [...new Set(files.flatMap((file) => file.masks ?? []))]
  const tally = new native.CorpusTally(observedOneIn(files), tokenizer, masks)
  for (const paths of left.values()) await tally.addFiles(paths)
  const measured = { ledger: keptOf(reportOf(tally)), damaged: [] }
  await readAll(files, tally, options, measured, session)
  return { ...measured, documents: reportOf(tally) }
}

async function readAll(
  files: InputFile[],
  tally: CorpusTally,
  options: MeasureOptions,
  { ledger, damaged }: Omit<Measured, 'documents'>,
  { progress, signal }: Session,
): Promise<void> {
  const { keys, ...settings } = reading(options)
  progress.stage(
    'measuring',
    files.reduce((bytes, file) => bytes + file.bytes, 0),
  )
  const batches = inOrder(
    readFiles(files, settings),
    new PQueue({ concurrency: options.workers }),
    async ({ batch }) => {
      await batch.parse(keys)
      await tally.look(batch)
    },
    { items: 2 * options.workers, bytes: options.memory / 16 },
    ({ batch }) => batch.weight,
  )
  for await (const { batch, file, fileBytes } of batches) {
    if (signal.aborted) throw interrupted('nothing was written')
    await tally.take(batch)
    const counts = JSON.parse(batch.counts()) as Ledger
    addLedger(ledger, counts)
    if (batch.damage) damaged.push({ path: files[file]?.path ?? '', ...batch.damage })
    const { read } = total(counts)
    batch.close()
    progress.advance({ of: fileBytes, docs: read.docs, bytes: read.bytes })
  }
}

function reportOf(tally: CorpusTally): CorpusStats {
  return JSON.parse(tally.report()) as CorpusStats
}

/** What a run kept is what is read of it. */
function keptOf({ bySource }: CorpusStats): Ledger {
  const ledger: Ledger = {}
  for (const [source, { docs, bytes }] of Object.entries(bySource)) {
    Object.assign(entry(ledger, source, noCounts), { read: { docs, bytes }, kept: { docs, bytes } })
  }
  return ledger
}

/** The files that a finished run of `clean` has left of each of its parts; none where it has not of all. */
async function statisticsIn(input: string): Promise<string[]> {
  const folder = join(input, 'statistics')
  if (!existsSync(folder) || existsSync(join(input, 'scratch'))) return []
  const left = (await readdir(folder)).filter((name) => name.endsWith('.kopstat')).sort()
  const parts = (await readdir(join(input, 'parts'))).filter((name) => name.endsWith('.done.json'))
  return left.length === parts.length ? left.map((name) => join(folder, name)) : []
}
