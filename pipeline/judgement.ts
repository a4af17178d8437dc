/** All that `clean` does to a document, resolved: sections of a recipe and modules of the user's; and the stages it makes. */

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { Json } from '../core/artifact.ts'
import { type InputFile, pin, resolveInputs } from '../core/inputs.ts'
import { native } from '../native/index.ts'
import type { MASK_STYLES } from '../native/masks.ts'
import { type CleanRecipe, filesOf, filterList, loadRecipe } from './recipe.ts'
import { loadUserFilters, type UserFilter } from './user-filter.ts'

export interface Judgement {
  recipe: CleanRecipe
  /** What the recipe names: models, lists. */
  files: Pinned[]
  /** Evaluation sets, and what pins them. */
  against: (InputFile & Pinned)[]
  userFilters: UserFilter[]
}

/** What a file is, as a configuration says it. */
export type Pinned = Pick<InputFile, 'path' | 'bytes'> & {
  /** sha256 of the file. */
  digest: string
}

/** The recipe, with what a flag says instead. */
export async function loadJudgement(options: {
  recipe: string
  mask?: (typeof MASK_STYLES)[number] | undefined
  filter: string[]
  against: string[]
}): Promise<Judgement> {
  const recipe = loadRecipe(options.recipe)
  const files = await Promise.all([...new Set(filesOf(recipe))].map(pinned))
  const evaluation = await resolveInputs(options.against)
  const against = await Promise.all(evaluation.map(async (file) => ({ ...file, ...(await pinned(file.path)) })))
  native.checkFilters(JSON.stringify(filterList(recipe)))
  const userFilters = await loadUserFilters(options.filter)
  return { recipe: options.mask ? { ...recipe, mask: { ...recipe.mask, style: options.mask } } : recipe, files, against, userFilters }
}

export async function pinned(path: string): Promise<Pinned> {
  const { bytes } = pin(path)
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return { path, bytes, digest: hash.digest('hex') }
}

/** As the configuration of an artifact says it. */
export function configurationOf({ recipe, files, against, userFilters }: Judgement): { [key: string]: Json } {
  const sets = against.map(({ path, bytes, digest }) => ({ path, bytes, digest }))
  const filters = userFilters.map(({ name, path, digest, reasons }) => ({ name, path, digest, reasons }))
  return {
    recipe: recipe as unknown as Json,
    ...(files.length > 0 && { files }),
    ...(sets.length > 0 && { against: sets }),
    ...(filters.length > 0 && { filters }),
  }
}

/** The stages of the flow in their order, and to which a reason belongs. */
export function stagesOf({ recipe, against, userFilters }: Judgement): { stages: string[]; stageOf: (reason: string) => string } {
  const filters = filterList(recipe).map(({ id }) => id)
  const stageOf = new Map([
    ['malformed', 'parse'],
    ['too-long', 'parse'],
    ['mojibake', 'normalize'],
    ['contaminated', 'decontaminate'],
    ['exact-duplicate', 'deduplicate'],
    ['near-duplicate', 'deduplicate'],
    ['lines-repeated', 'lines'],
    ...native.filterReasons().map(([filter = '', reason = '']): [string, string] => [reason, filter]),
    ...userFilters.flatMap(({ name, reasons }) => Object.keys(reasons).map((reason): [string, string] => [reason, name])),
  ])
  const judging = [...filters, ...userFilters.map(({ name }) => name), ...(against.length > 0 ? ['decontaminate'] : [])]
  const deciding = ['deduplicate', ...(recipe.dedupe.lines ? ['lines'] : [])]
  const stages = ['read', 'parse', 'normalize', 'cut', ...judging, 'mask', 'sign', ...deciding, 'write']
  return { stages, stageOf: (reason) => stageOf.get(reason) ?? 'write' }
}
