/** Between the second and the last pass of `clean`: in how many documents each line stands, over all units. */

import { z } from 'zod'
import type { Artifact } from '../core/artifact.ts'
import { eachJob } from '../core/flow.ts'
import { entry } from '../core/ledger.ts'
import type { Session } from '../core/progress.ts'
import { type DuplicateOutcomes, type LineCuts, native } from '../native/index.ts'
import type { CleanRecipe } from './recipe.ts'
import type { ScratchFolder } from './scratch.ts'

/** The part of a recipe's section `dedupe` on lines; without it none is counted. The keys are those of `Lines` in the core. */
export const linesSchema = z
  .strictObject({
    unit: z.enum(['line', 'paragraph']).default('line').describe('what is compared; a paragraph ends with a blank line'),
    rule: z.enum(['count', 'pattern']).default('count').describe('a line stays in its first documents, or by the lines around it'),
    most: z.int().min(1).max(0xffff_fffe).default(1).describe('count: documents in which a line stays, the first in input order'),
    green: z.int().min(1).max(0xffff_fffe).default(3).describe('pattern: most documents of a line that is nobody else’s'),
    yellow: z.int().min(1).max(0xffff_fffe).default(50).describe('pattern: most documents of a line that may stand between such'),
    'min-letters': z.int().min(1).max(0xffff).default(5).describe('shorter lines go with the line before them'),
  })
  .refine(({ green, yellow }) => green <= yellow, { error: 'expected green to be at most yellow', path: ['green'] })

/** Fewer characters are too few to stay: what the recipe's own filter says, or one. */
export function shortest({ filters }: CleanRecipe): number {
  const { length } = filters as { length?: { min: number } }
  return Math.max(1, length?.min ?? 1)
}

/**
 * Lines that go from the documents that stay; nothing where the recipe does not ask. Documents that go as duplicates
 * count no more. Each job leaves a sealed file in scratch/lines and is not done again.
 */
export async function countLines(
  scratch: ScratchFolder,
  recipe: CleanRecipe,
  duplicates: DuplicateOutcomes,
  { memory, workers }: { memory: number; workers: number },
  session: Session,
): Promise<{ cuts?: LineCuts; seconds: number }> {
  const { lines } = recipe.dedupe
  if (lines === undefined) return { seconds: 0 }
  const started = performance.now()
  const units = scratch.units().map((unit) => ({ lines: scratch.lines(unit), records: unit.records }))
  const count = await native.LineCount.open(units, scratch.path('lines'), JSON.stringify(lines), duplicates, memory, workers)
  session.progress.stage('counting lines', count.jobs)
  await eachJob(count.jobs, { workers }, session, (job) => count.run(job))
  const cuts = await count.cuts(shortest(recipe))
  return { cuts, seconds: (performance.now() - started) / 1000 }
}

/** A line that was cut, of those that stand in most documents. */
export interface FrequentLine {
  /** As the first document has it: its first 500 characters. */
  text: string
  /** It stood in, without those that went as duplicates. */
  documents: number
  /** It was cut from, with those of which too little was left. */
  cut: number
}

/** What parts tell of the most frequent lines, by their places among them. */
export type ToldLines = Record<string, { cut: number; text?: string }>

export function addTold(into: ToldLines, more: ToldLines): void {
  for (const [place, { cut, text }] of Object.entries(more)) {
    const told = entry<ToldLines[string]>(into, place, () => ({ cut: 0 }))
    told.cut += cut
    if (text !== undefined) told.text = text
  }
}

/** Writes DIR/lines.json: of the lines that stand in too many documents the hundred of most, those of them that were cut. */
export async function writeFrequent(artifact: Artifact, cuts: LineCuts, told: ToldLines): Promise<FrequentLine[]> {
  const lines = cuts.frequent.flatMap((documents, place) => {
    const { text = '', cut = 0 } = told[place] ?? {}
    return cut > 0 ? [{ text, documents, cut }] : []
  })
  await artifact.seal(artifact.path('lines.json'), { lines })
  return lines
}
