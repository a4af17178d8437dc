/** A recipe: what `clean` does to a document. Three come with kopipe (recipes/*.yaml); FILE is one of your own. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { closest } from 'fastest-levenshtein'
import { parse, YAMLParseError } from 'yaml'
import { z } from 'zod'
import { KopipeError } from '../core/errors.ts'
import { validate } from '../core/options.ts'
import { FILTERS, filtersSchema } from './filters/index.ts'

const cleanSchema = z.strictObject({
  normalize: z
    .strictObject({
      /** Compose to NFC. */
      nfc: z.boolean().default(true),
      /** Remove control and zero-width characters, unify line ends. */
      'clean-up': z.boolean().default(true),
    })
    .prefault({}),
  filters: filtersSchema.prefault({}),
})

const recipeSchema = z.strictObject({ clean: cleanSchema.prefault({}) })

export type CleanRecipe = z.infer<typeof cleanSchema>

const FOLDER = new URL('./recipes/', import.meta.url)

export function recipeNames(): string[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.slice(0, -'.yaml'.length))
    .sort()
}

/** The `clean` section of a named recipe or of a file, every default filled in. */
export function loadRecipe(nameOrFile: string): CleanRecipe {
  const names = recipeNames()
  const isName = names.includes(nameOrFile)
  if (!isName && !existsSync(nameOrFile)) {
    const known = names.join(', ')
    throw new KopipeError('usage', `no recipe or file named ${JSON.stringify(nameOrFile)}`, {
      hint: `Recipes: ${known}. Did you mean ${JSON.stringify(closest(nameOrFile, names))}?`,
    })
  }
  let content: unknown
  try {
    content = parse(readFileSync(isName ? new URL(`${nameOrFile}.yaml`, FOLDER) : nameOrFile, 'utf8'))
  } catch (error) {
    if (error instanceof YAMLParseError)
      throw new KopipeError('usage', `${nameOrFile} is not YAML: ${error.message}`, { path: nameOrFile, cause: error })
    throw error
  }
  return validate(recipeSchema, content ?? {}, (path) => `${nameOrFile}, ${path || 'top level'}`).clean
}

/** The filters of a recipe as the native core takes them: a list in the order they judge. */
export function filterList(recipe: CleanRecipe): object[] {
  const sections = recipe.filters as Record<string, object | undefined>
  return FILTERS.flatMap(({ id }) => (sections[id] ? [{ id, ...sections[id] }] : []))
}
