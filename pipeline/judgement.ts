/** All that `clean` does to a document, resolved: sections of a recipe and modules of the user's; and the stages it makes. */

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { Json } from '../core/artifact.ts'
import { pin } from '../core/inputs.ts'
import { native } from '../native/index.ts'
import type { MASK_STYLES } from '../native/masks.ts'
import { type CleanRecipe, filesOf, filterList, loadRecipe } from './recipe.ts'
import { loadUserFilters, type UserFilter } from './user-filter.ts'

export interface Judgement {
  recipe: CleanRecipe
  /** What the recipe names: models, lists. */
  files: { path: string; bytes: number; digest: string }[]
  userFilters: UserFilter[]
}

/** The recipe, with what a flag says instead. */
export async function loadJudgement(options: {
  recipe: string
  mask?: (typeof MASK_STYLES)[number] | undefined
  filter: string[]
}): Promise<Judgement> {
  const recipe = loadRecipe(options.recipe)
  const files = await Promise.all([...new Set(filesOf(recipe))].map(pinned))
  native.checkFilters(JSON.stringify(filterList(recipe)))
  const userFilters = await loadUserFilters(options.filter)
  return { recipe: options.mask ? { ...recipe, mask: { ...recipe.mask, style: options.mask } } : recipe, files, userFilters }
}

async function pinned(path: string) {
  const { bytes } = pin(path)
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return { path, bytes, digest: hash.digest('hex') }
}

/** As the configuration of an artifact says it. */
export function configurationOf({ recipe, files, userFilters }: Judgement): { [key: string]: Json } {
  const filters = userFilters.map(({ name, path, digest, reasons }) => ({ name, path, digest, reasons }))
  return { recipe: recipe as unknown as Json, ...(files.length > 0 && { files }), ...(filters.length > 0 && { filters }) }
}

/** The stages of the flow in their order, and to which a reason belongs. */
export function stagesOf({ recipe, userFilters }: Judgement): { stages: string[]; stageOf: (reason: string) => string } {
  const filters = filterList(recipe).map(({ id }) => id)
  const stageOf = new Map([
    ['malformed', 'parse'],
    ['too-long', 'parse'],
    ['mojibake', 'normalize'],
    ['exact-duplicate', 'deduplicate'],
    ['near-duplicate', 'deduplicate'],
    ...native.filterReasons().map(([filter = '', reason = '']): [string, string] => [reason, filter]),
    ...userFilters.flatMap(({ name, reasons }) => Object.keys(reasons).map((reason): [string, string] => [reason, name])),
  ])
  const stages = [
    'read',
    'parse',
    'normalize',
    'cut',
    ...filters,
    ...userFilters.map(({ name }) => name),
    'mask',
    'sign',
    'deduplicate',
    'write',
  ]
  return { stages, stageOf: (reason) => stageOf.get(reason) ?? 'write' }
}
