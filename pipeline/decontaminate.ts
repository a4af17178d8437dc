/**
 * Decontamination: evaluation sets are read once, before anything is cleaned, and become an index that every batch is held
 * against. docs/decontamination.md says what is found.
 */

import { KopipeError } from '../core/errors.ts'
import type { InputFile } from '../core/input-file.ts'
import type { Session } from '../core/progress.ts'
import { leastSize, sizeFlag } from '../core/sizes.ts'
import { type Damaged, leastMemory, readFiles, reading } from '../native/documents.ts'
import { type EvaluationSets, native } from '../native/index.ts'
import type { CleanRecipe } from './recipe.ts'

/** Of an evaluation file: the items it has, those that are searched for, and those that a document met. */
export interface AgainstCounts {
  file: string
  items: number
  used: number
  /** Under 20 characters. */
  tooShort: number
  /** Malformed, or in an encoding that cannot be told. */
  unreadable: number
  met: number
}

type Options = Parameters<typeof reading>[0] & { memory: number; maxDocument: number }

/**
 * The texts of the files, or of a record without the text's key each of its strings, normalized as documents are. A file
 * that cannot be read to its end is refused: what is missing would pass as clean.
 */
export async function readEvaluationSets(
  files: readonly InputFile[],
  { against, normalize }: CleanRecipe,
  options: Options,
  session: Session,
): Promise<EvaluationSets> {
  const { unit, n, action } = against
  const sets = native.EvaluationSets.create(JSON.stringify({ unit, n: n[unit], action }))
  const { keys, ...settings } = reading(options)
  const { metadata: _, ...all } = keys
  session.progress.stage(
    'reading evaluation sets',
    files.reduce((bytes, file) => bytes + file.bytes, 0),
  )
  let begun = -1
  for await (const { batch, file, fileBytes } of readFiles(files, settings)) {
    for (; begun < file; begun++) sets.begin(files[begun + 1]?.path ?? '')
    await batch.parseStrings(all)
    checkRoom(await sets.add(batch, JSON.stringify(normalize), keys.source), options)
    if (batch.damage) throw damaged({ path: files[file]?.path ?? '', ...batch.damage })
    batch.close()
    session.progress.advance({ of: fileBytes })
  }
  for (; begun < files.length - 1; begun++) sets.begin(files[begun + 1]?.path ?? '')
  checkRoom(await sets.finish(), options)
  return sets
}

/** The index may take half of the memory, and what is left must do for all else. */
function checkRoom(bytes: number, { memory, maxDocument }: Options): void {
  if (bytes <= Math.min(memory / 2, memory - leastMemory({ maxDocument }))) return
  const needed = Math.max(2 * bytes, bytes + leastMemory({ maxDocument }))
  const given = `--memory ${sizeFlag(memory)} is too small for the index of --against`
  throw new KopipeError('usage', `${given}: more than ${leastSize(needed)} is needed`, {
    hint: 'Raise --memory, or decontaminate against fewer files at a time.',
  })
}

function damaged({ path, offset, what }: Damaged): KopipeError {
  return new KopipeError('corrupt', `${path}: evaluation file is damaged after ${offset} decoded bytes: ${what}`, { path })
}

/** The counts by file, with the items that were met by their numbers. */
export function countsOf(sets: EvaluationSets, met: Iterable<number>): AgainstCounts[] {
  return JSON.parse(sets.counts([...met])) as AgainstCounts[]
}
