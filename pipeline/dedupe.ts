/** Second pass of `clean`: which documents are duplicates, over all units. */

import { z } from 'zod'
import { KopipeError } from '../core/errors.ts'
import { eachJob } from '../core/flow.ts'
import type { Session } from '../core/progress.ts'
import { formatCount } from '../core/sizes.ts'
import { type DuplicateOutcomes, type KnownPart, native } from '../native/index.ts'
import { linesSchema } from './lines.ts'
import type { ScratchFolder } from './scratch.ts'

/** The section of a recipe. */
export const dedupeSchema = z.strictObject({
  /** Sources whose documents stay before those of others, the first named before all; those not named are alike. */
  priority: z.array(z.string()).default([]),
  /** Lines that many documents have in common; without it they stay. */
  lines: linesSchema.optional(),
})

export const dedupeOptions = {
  dedupe: z
    .enum(['near', 'exact', 'off'], 'expected near, exact or off')
    .default('near')
    .meta({ help: 'near: of documents that are alike one stays; exact: of equal ones; off', placeholder: 'near|exact|off' }),
  nearProfile: z
    .enum(['ko', 'datatrove'], 'expected ko or datatrove')
    .default('ko')
    .meta({ help: 'ko: five characters, each pair compared; datatrove: its clusters of five words', placeholder: 'ko|datatrove' }),
  allowLoss: z.boolean().default(false).meta({ help: 'go on where a source loses over 95 % of its documents as duplicates' }),
}

export interface DedupeOptions {
  dedupe: 'near' | 'exact' | 'off'
  nearProfile: 'ko' | 'datatrove'
  allowLoss: boolean
  memory: number
  workers: number
}

/** What documents are signed with, as the native core names it; nothing where no duplicates are looked for. */
export function signingOf({ dedupe, nearProfile }: DedupeOptions): string | undefined {
  return { near: nearProfile, exact: 'exact', off: undefined }[dedupe]
}

/**
 * Of equal documents (128-bit digest of the normalized text) and of documents that are alike one stays: that of the
 * highest priority, then the longest, then the first in input order; one that is like a `known` one, of an earlier
 * artifact, goes. Each job leaves a sealed file in scratch/duplicates and is not done again.
 */
export async function findDuplicates(
  scratch: ScratchFolder,
  known: readonly KnownPart[],
  priority: string[],
  options: DedupeOptions,
  session: Session,
): Promise<{ outcomes: DuplicateOutcomes; seconds: number }> {
  const signing = signingOf(options)
  if (signing === undefined) return { outcomes: native.DuplicateOutcomes.none(), seconds: 0 }
  const started = performance.now()
  const units = scratch.units().map((unit) => scratch.signed(unit))
  const folder = scratch.path('duplicates')
  const search = native.DuplicateSearch.open([...known], units, folder, signing, priority, options.memory, options.workers)
  for (const step of search.steps()) {
    const jobs = await search.begin(step)
    session.progress.stage(WHAT[step], jobs)
    await eachJob(jobs, options, session, (job) => search.run(step, job))
  }
  const outcomes = await search.outcomes()
  weigh(JSON.parse(outcomes.losses) as Losses, options, session)
  return { outcomes, seconds: (performance.now() - started) / 1000 }
}

const WHAT = {
  copies: 'finding copies',
  edges: 'finding documents that share a band',
  candidates: 'sketching them',
  verdicts: 'comparing them',
} as const

/** Of each source the documents that were signed, those of them that go, and of these those that go for a known one. */
export type Losses = Record<string, { documents: number; dropped: number; known: number }>

/** Documents that go for those of earlier artifacts. */
export function knownAmong(outcomes: DuplicateOutcomes): number {
  return Object.values(JSON.parse(outcomes.losses) as Losses).reduce((sum, { known }) => sum + known, 0)
}

/** Sources of fewer documents lose what they lose. */
const SMALL = 100

/** Where most of a source goes, it is a copy of another, or templates; or something is wrong with the search. */
function weigh(losses: Losses, { allowLoss }: DedupeOptions, { progress }: Session): void {
  const said = ([source, { documents, dropped, known }]: [string, Losses[string]]) =>
    `${JSON.stringify(source)} loses ${formatCount(dropped)} of ${formatCount(documents)} documents as duplicates${known > 0 ? `, ${formatCount(known)} of them known` : ''}`
  const lost = (share: number) =>
    Object.entries(losses).filter(([, { documents, dropped }]) => documents >= SMALL && dropped > share * documents)
  if (lost(0.95).length > 0 && !allowLoss) {
    throw new KopipeError('usage', `over 95 % of a source would go:\n  ${lost(0.95).map(said).join('\n  ')}`, {
      hint: 'Look whether that is right (--dedupe off keeps them); the same command with --allow-loss goes on from here.',
    })
  }
  for (const source of lost(0.5)) progress.note(`warning: ${said(source)}`)
}
