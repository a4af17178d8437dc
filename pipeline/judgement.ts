/** All that `clean` does to a document, resolved: sections of a recipe and modules of the user's; and the stages it makes. */

import type { Json } from '../core/artifact.ts'
import type { InputFile } from '../core/input-file.ts'
import { resolveInputs } from '../core/inputs.ts'
import { checkDigest } from '../core/verify.ts'
import { native } from '../native/index.ts'
import type { MASK_STYLES } from '../native/masks.ts'
import type { DedupeOptions } from './dedupe.ts'
import { type Known, loadKnown } from './known.ts'
import { type Pinned, pinned } from './pinned.ts'
import { type CleanRecipe, filesOf, filterList, loadRecipe } from './recipe.ts'
import { loadUserFilters, type UserFilter } from './user-filter.ts'

export interface Judgement {
  recipe: CleanRecipe
  /** What the recipe names: models, lists. */
  files: Pinned[]
  /** Evaluation sets, and what pins them. */
  against: (InputFile & Pinned)[]
  userFilters: UserFilter[]
  /** Earlier artifacts whose documents stay. */
  known: Known[]
  /** Whether this one keeps an index too. */
  keepIndex: boolean
}

/** The recipe, with what a flag says instead. */
export async function loadJudgement(
  options: DedupeOptions & {
    recipe: string
    mask?: (typeof MASK_STYLES)[number] | undefined
    filter: string[]
    against: string[]
    known: string[]
    keepIndex: boolean
  },
): Promise<Judgement> {
  const recipe = loadRecipe(options.recipe)
  const files = await Promise.all([...new Set(filesOf(recipe))].map(pinned))
  const evaluation = await resolveInputs(options.against)
  const against = await Promise.all(evaluation.map(async (file) => ({ ...file, ...(await pinned(file.path)) })))
  for (const file of against) checkDigest(file, file.digest)
  native.checkFilters(JSON.stringify(filterList(recipe)))
  const userFilters = await loadUserFilters(options.filter)
  const known = await loadKnown(options.known, options)
  const masked = options.mask ? { ...recipe, mask: { ...recipe.mask, style: options.mask } } : recipe
  return { recipe: masked, files, against, userFilters, known, keepIndex: options.keepIndex }
}

/** As the configuration of an artifact says it. */
export function configurationOf({ recipe, files, against, userFilters, known, keepIndex }: Judgement): { [key: string]: Json } {
  const pins = (files: readonly Pinned[]) => files.map(({ path, bytes, digest }) => ({ path, bytes, digest }))
  const filters = userFilters.map(({ name, path, digest, reasons }) => ({ name, path, digest, reasons }))
  return {
    recipe: recipe as unknown as Json,
    ...(files.length > 0 && { files }),
    ...(against.length > 0 && { against: pins(against) }),
    ...(filters.length > 0 && { filters }),
    ...(known.length > 0 && { known: pins(known) }),
    ...(keepIndex && { keepIndex }),
  }
}

/** The stages of the flow in their order, and to which a reason belongs. */
export function stagesOf({ recipe, against, userFilters, keepIndex }: Judgement): {
  stages: string[]
  stageOf: (reason: string) => string
} {
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
  const deciding = ['deduplicate', ...(recipe.dedupe.lines ? ['lines'] : []), ...(keepIndex ? ['index'] : [])]
  const stages = ['read', 'parse', 'normalize', 'cut', ...judging, 'mask', 'sign', ...deciding, 'write']
  return { stages, stageOf: (reason) => stageOf.get(reason) ?? 'write' }
}
