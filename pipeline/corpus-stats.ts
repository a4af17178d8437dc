/**
 * What documents are made of: those of artifacts of `clean` from the statistics that the run left, part by part, all others by
 * reading them. Workers look at batches side by side; what they found is added in the order of the input.
 */

import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { interrupted } from '../core/errors.ts'
import { resolveInputs } from '../core/inputs.ts'
import { addLedger, entry, type Ledger, noCounts } from '../core/ledger.ts'
import type { Session } from '../core/progress.ts'
import { verifyInputs } from '../core/verify.ts'
import type { Damaged, ReadingOptions } from '../native/documents.ts'
import { type CorpusTally, native } from '../native/index.ts'
import { eachBatch } from './batches.ts'
import { observedOneIn } from './observed.ts'
import type { CorpusStats } from './report/measures.ts'

export interface Measured {
  documents: CorpusStats
  /** Of what was read; of a run's statistics what it kept. */
  ledger: Ledger
  damaged: Damaged[]
}

type MeasureOptions = ReadingOptions & { tokenizer?: string | undefined }

export async function measure(inputs: readonly string[], options: MeasureOptions, session: Session): Promise<Measured> {
  // Tokens are counted by reading.
  const left = options.tokenizer === undefined ? await Promise.all(inputs.map(statisticsIn)) : []
  const files = await resolveInputs(inputs.filter((_, i) => !left[i]?.length))
  await verifyInputs(files, [], options, session)
  const tokenizer = options.tokenizer === undefined ? undefined : await native.loadTokenizer(options.tokenizer)
  const masks = [...new Set(files.flatMap((file) => file.masks ?? []))]
  const tally = new native.CorpusTally(observedOneIn(files), tokenizer, masks)
  await addLeft(left.flat(), tally, session)
  const ledger = keptOf(reportOf(tally))
  const damaged = await eachBatch(
    files,
    {
      stage: 'measuring',
      look: (batch) => tally.look(batch),
      use: async (batch, counts) => {
        await tally.take(batch)
        addLedger(ledger, counts)
      },
    },
    options,
    session,
  )
  return { documents: reportOf(tally), ledger, damaged }
}

async function addLeft(paths: readonly string[], tally: CorpusTally, { progress, signal }: Session): Promise<void> {
  progress.stage('adding statistics', paths.length)
  for (const path of paths) {
    if (signal.aborted) throw interrupted('nothing was written')
    await tally.addFile(path)
    progress.advance({ of: 1 })
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
