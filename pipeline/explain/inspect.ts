/** `inspect`: what a run of `clean` did, stage by stage; of a reason some drops, and kept documents that just passed. */

import PQueue from 'p-queue'
import { z } from 'zod'
import { interrupted, KopipeError } from '../../core/errors.ts'
import { type Count, type Ledger, total } from '../../core/ledger.ts'
import { common, count } from '../../core/options.ts'
import type { Session } from '../../core/progress.ts'
import { native } from '../../native/index.ts'
import { FILTERS } from '../filters/index.ts'
import type { Funnel } from '../funnel.ts'
import { CleanArtifact, type Place, sourceOf } from './artifact.ts'
import { Best, scattered } from './chosen.ts'
import { LISTS } from './pages.ts'
import { type Compared, comparedIn, documentsAt } from './pairs.ts'

export const inspectOptions = z.strictObject({
  reason: z.string().optional().meta({ help: 'shows drops of this reason, and kept documents that just passed', placeholder: 'REASON' }),
  source: z.string().optional().meta({ help: 'only documents of this source', placeholder: 'SOURCE' }),
  list: z
    .enum(LISTS, `expected ${LISTS.join(', ')}`)
    .optional()
    .meta({ help: 'pages through documents, rejects (with --reason), or clusters, the largest first', placeholder: LISTS.join('|') }),
  search: z
    .string()
    .min(1, 'expected a text, got an empty one')
    .optional()
    .meta({ help: 'only those with this in their text or id (with --list)', placeholder: 'TEXT' }),
  id: z.string().optional().meta({ help: 'only those of this id (with --list)', placeholder: 'ID' }),
  offset: count(0).optional().meta({ help: 'passes over as many (with --list)', placeholder: 'N', shownDefault: '0' }),
  count: count().optional().meta({ help: 'how many of each', placeholder: 'N', shownDefault: '10' }),
  drops: z.enum(['random', 'nearest'], 'expected random or nearest').optional().meta({
    help: 'which drops: a random sample, or those nearest to the threshold',
    placeholder: 'random|nearest',
    shownDefault: 'random',
  }),
  seed: count(0).optional().meta({ help: 'of the random sample', placeholder: 'N', shownDefault: '1' }),
  workers: common.workers,
  memory: common.memory,
  quiet: common.quiet,
  json: common.json,
})

export type InspectOptions = z.output<typeof inspectOptions>

/** A document with the number it was judged by. */
export interface Shown {
  id: unknown
  source: string
  value?: number
  threshold?: number
  /** The evaluation item it shares most with. */
  against?: Met
  text: string
  /** Of a near-duplicate the document that stays for it; of one that stays the most alike it was compared with. */
  of?: { id: unknown; text: string }
}

/** An evaluation item: its file, and its id there. */
export interface Met {
  file: string
  id: unknown
}

export interface Inspection {
  ledger: Ledger
  funnel: Funnel
  reason?: { reason: string; number: string; count: Count; dropped: Shown[]; kept: Shown[] }
}

/** Defaults stand here, not in the schema: the command line tells what was given for what it inspects. */
type Chosen = Omit<InspectOptions, 'count' | 'drops' | 'seed'> & { count: number; drops: 'random' | 'nearest'; seed: number }

export async function inspect(folder: string, given: InspectOptions, session: Session): Promise<Inspection> {
  const options: Chosen = { ...given, count: given.count ?? 10, drops: given.drops ?? 'random', seed: given.seed ?? 1 }
  native.startWorkers(options.workers)
  const artifact = await CleanArtifact.open(folder)
  const { source, reason } = options
  if (source !== undefined && !Object.hasOwn(artifact.ledger, source)) {
    throw new KopipeError('usage', `no source ${JSON.stringify(source)} in ${folder}`, {
      hint: `Sources: ${Object.keys(artifact.ledger).slice(0, 20).join(', ')}`,
    })
  }
  const ledger = source === undefined ? artifact.ledger : { [source]: artifact.ledger[source] as Ledger[string] }
  const funnel = source === undefined ? artifact.funnel : { total: artifact.funnel.sources[source] ?? [], sources: {} }
  if (reason === undefined) return { ledger, funnel }
  const { dropped, malformed } = total(ledger)
  const known: Record<string, Count> = { ...dropped, malformed }
  if (!Object.hasOwn(known, reason)) {
    throw new KopipeError('usage', `nothing was dropped for ${JSON.stringify(reason)}`, {
      hint: `Reasons: ${Object.keys(known).join(', ')}`,
    })
  }
  const isPair = reason === 'near-duplicate'
  const drops = await droppedFor(artifact, reason, options, session)
  const kept = await (isPair ? justDifferent : justKept)(artifact, reason, options, session)
  return {
    ledger,
    funnel,
    reason: { reason, number: meaningOf(artifact, reason), count: known[reason] as Count, dropped: drops, kept },
  }
}

/** What the number is beside a reason that is no filter's. */
export const OTHER_NUMBERS: Readonly<Record<string, string>> = {
  'too-long': 'bytes of the document',
  mojibake: 'share of what cannot be read',
  'lines-repeated': 'characters left without the lines that other documents have',
  'near-duplicate': 'share of the runs of five characters that it and another have in common',
  contaminated: 'share of the n-grams of an evaluation item',
}

/** What the number beside a reason is. */
export function meaningOf(artifact: CleanArtifact, reason: string): string {
  const all = [...FILTERS, ...(artifact.configuration.filters ?? [])].map(({ reasons }) => reasons as Record<string, string>)
  return all.find((reasons) => Object.hasOwn(reasons, reason))?.[reason] ?? OTHER_NUMBERS[reason] ?? ''
}

async function droppedFor(artifact: CleanArtifact, reason: string, options: Chosen, session: Session): Promise<Shown[]> {
  const chosen = new Best<Shown & { place: Place | undefined }>(options.count)
  await overFiles(artifact, 'rejects', options, session, 'reading rejects', async ({ part, file, unit }) => {
    // What never was a document has its raw beginning.
    for await (const batch of artifact.batches(file, options, reason === 'malformed' ? 'raw' : 'text')) {
      for (const { ordinal, source, value, threshold } of JSON.parse(await batch.rejected(reason)) as Rejected[]) {
        const from = source === sourceOf(file.path) ? sourceOf(unit.file) : source
        if (options.source !== undefined && options.source !== from) continue
        const at = [options.drops === 'nearest' ? Math.abs(value - threshold) : 0, scattered(options.seed, part, ordinal)]
        if (!chosen.takes(at)) continue
        const { id, text, raw, kopipe } = JSON.parse(batch.line(ordinal, part) ?? '{}') as Reject
        const met = reason === 'contaminated' && kopipe.against
        chosen.add(at, {
          id,
          source: from,
          ...(value !== null && { value, threshold }),
          ...(met && { against: met }),
          text: text ?? raw ?? '',
          place: kopipe.of,
        })
      }
    }
  })
  const drops = chosen.items()
  if (reason !== 'near-duplicate') return drops.map(({ place: _, ...shown }) => shown)
  const documents = await documentsAt(
    artifact,
    drops.flatMap(({ place }) => place ?? []),
    options,
  )
  return drops.map(({ place, ...shown }) => {
    const of = place && documents(place)
    return { ...shown, ...(of && { of: { id: of.id, text: of.text } }) }
  })
}

interface Reject {
  id: unknown
  text?: string
  raw?: string
  kopipe: { of?: Place; against?: Met }
}

/** Documents that stay though they are nearly like another one. */
async function justDifferent(artifact: CleanArtifact, _: string, options: Chosen, session: Session): Promise<Shown[]> {
  const chosen = new Best<Compared & { of: Place; score: number }>(options.count)
  await overFiles(artifact, 'duplicates', options, session, 'reading pairs', async ({ file }) => {
    for await (const pair of comparedIn(artifact, file, options)) {
      const { rule, score, of } = pair
      if (rule === 'different' && score !== undefined && of) chosen.add([-score, pair.unit, pair.ordinal], { ...pair, of, score })
    }
  })
  const pairs = chosen.items()
  const documents = await documentsAt(
    artifact,
    pairs.flatMap(({ unit, ordinal, of }) => [{ unit, ordinal }, of]),
    options,
  )
  return pairs.flatMap(({ unit, ordinal, of, score }) => {
    const [document, other] = [documents({ unit, ordinal }), documents(of)]
    if (!document || !other || (options.source !== undefined && options.source !== document.source)) return []
    return [{ ...document, value: score, of: { id: other.id, text: other.text } }]
  })
}

async function justKept(artifact: CleanArtifact, reason: string, options: Chosen, session: Session): Promise<Shown[]> {
  const filters = artifact.filters()
  const chosen = new Best<Shown>(options.count)
  if (!native.filterReasons().some(([, known]) => known === reason)) return []
  await overFiles(artifact, 'documents', options, session, 'reading documents', async ({ part, file, unit }) => {
    const source = options.source === sourceOf(unit.file) ? sourceOf(file.path) : options.source
    let read = 0
    for await (const batch of artifact.batches(file, options)) {
      for (const near of JSON.parse(await batch.nearest(filters, reason, options.count, source)) as Required<Shown>[]) {
        const from = near.source === sourceOf(file.path) ? sourceOf(unit.file) : near.source
        chosen.add([Math.abs(near.value - near.threshold), part, read++], { ...near, source: from })
      }
    }
  })
  return chosen.items()
}

interface Rejected {
  ordinal: number
  source: string
  value: number
  threshold: number
}

type Files = Awaited<ReturnType<CleanArtifact['files']>>

async function overFiles(
  artifact: CleanArtifact,
  output: 'documents' | 'rejects' | 'duplicates',
  { workers }: Chosen,
  { progress, signal }: Session,
  stage: string,
  look: (file: Files[number]) => Promise<void>,
): Promise<void> {
  const files = await artifact.files(output)
  progress.stage(
    stage,
    files.reduce((sum, { file }) => sum + file.bytes, 0),
  )
  const queue = new PQueue({ concurrency: workers })
  const looking = files.map((file) =>
    queue.add(async () => {
      if (signal.aborted) throw interrupted()
      await look(file)
      progress.advance({ of: file.file.bytes })
    }),
  )
  await Promise.all(looking)
}
