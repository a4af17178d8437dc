/** A recipe: what `clean` does to a document. Several come with kopipe (recipes/*.yaml); FILE is one of your own. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { closest } from 'fastest-levenshtein'
import { z } from 'zod'
import { KopipeError } from '../core/errors.ts'
import { validate } from '../core/options.ts'
import { parseYaml } from '../core/yaml.ts'
import { MASK_KINDS, MASK_STYLES } from '../native/masks.ts'
import { dedupeSchema } from './dedupe.ts'
import type { Filter } from './filters/filter.ts'
import { FILTERS, filtersSchema } from './filters/index.ts'

/** The keys and values are those of `Normalize` in the core (clean/normalize/mod.rs); a test holds them together. */
const normalizeSchema = z.strictObject({
  /** Text read in a wrong encoding and written again: repair what can be and drop the rest, drop, or keep it. */
  mojibake: z.enum(['repair', 'drop', 'keep']).default('repair'),
  /** Remove control, zero-width and bidirectional characters, unify line ends. */
  'clean-up': z.boolean().default(true),
  /** `plain`: every space is U+0020, none at a line's end, two blank lines at most; `collapse`: and one blank between words. */
  spaces: z.enum(['keep', 'plain', 'collapse']).default('plain'),
  /** Remove Hangul fillers, or read the sequences they begin. */
  fillers: z.boolean().default(true),
  /** Half-width jamo as the syllables they spell. */
  'half-width': z.boolean().default(true),
  /** Full-width Latin letters, digits and punctuation as ASCII. */
  'full-width': z.boolean().default(true),
  /** Old Hangul of Hanyang's private-use code as conjoining jamo. */
  hanyang: z.boolean().default(true),
  /** Other private-use characters; `replace` by U+FFFD. */
  'private-use': z.enum(['keep', 'remove', 'replace']).default('remove'),
  /** U+FFFD. */
  replacement: z.enum(['keep', 'remove']).default('keep'),
  /** Conjoining jamo outside a syllable as compatibility jamo. */
  'lone-jamo': z.boolean().default(true),
  /** Compose to NFC. */
  nfc: z.boolean().default(true),
  /** Cut repeated jamo, marks and emoji to this many; 0 leaves them. */
  repeats: z.union([z.literal(0), z.int().min(2).max(1000)]).default(2),
  /** Compatibility jamo that spell syllables as these. */
  'compose-jamo': z.boolean().default(false),
})

/** The keys and values are those of `Mask` in the core (clean/mask/mod.rs). */
const maskSchema = z.strictObject({
  /** What stands where personal data was: one token a kind, the pairs of dps (tel, rrn, acc, crd, email, url), or nothing is cut. */
  style: z.enum(MASK_STYLES).default('polyglot'),
  kinds: z.array(z.enum(MASK_KINDS)).default([...MASK_KINDS]),
})

/** The keys are those of `Cutting` in the core (clean/cuts/mod.rs). */
const cutSchema = z.strictObject({
  /** Who reports for whom, where it begins one of the first lines or ends the text. */
  bylines: z.boolean().default(false),
  /** What a paper prints under every article, where it ends the text. */
  footers: z.boolean().default(false),
})

/** What `--against` does; without it nothing. The values are those of the core (clean/decontaminate). */
const againstSchema = z.strictObject({
  /** What an n-gram is made of: words, or letters whatever the spacing. */
  unit: z.enum(['eojeol', 'characters']).default('eojeol'),
  /** How many of each. */
  n: z.strictObject({ eojeol: z.int().min(2).max(100).default(13), characters: z.int().min(13).max(100).default(30) }).prefault({}),
  /** A document that shares one goes, or what it shares is cut from it. */
  action: z.enum(['drop', 'cut']).default('drop'),
})

export const cleanSchema = z.strictObject({
  normalize: normalizeSchema.prefault({}),
  cut: cutSchema.prefault({}),
  filters: filtersSchema.prefault({}),
  against: againstSchema.prefault({}),
  mask: maskSchema.prefault({}),
  dedupe: dedupeSchema.prefault({}),
})

/** A recipe of `run` has more: sections of other stages, and flags, which the command line gives here. */
const OF_A_RUN = ['inputs', 'output', 'workers', 'memory', 'tokenize', 'pack', 'train', 'stats'] as const

const recipeSchema = z.strictObject({
  ...Object.fromEntries(OF_A_RUN.map((key) => [key, z.unknown().optional()])),
  clean: cleanSchema.extend({ options: z.unknown().optional() }).prefault({}),
})

export type CleanRecipe = z.infer<typeof cleanSchema>

const FOLDER = new URL('./recipes/', import.meta.url)

export function recipeNames(): string[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.slice(0, -'.yaml'.length))
    .sort()
}

function fileOf(name: string): URL {
  return new URL(`${name}.yaml`, FOLDER)
}

/** What a named recipe says of itself, in a sentence. */
export function aboutRecipe(name: string): string {
  const [comment = ''] = /^(# .*\n)+/.exec(readFileSync(fileOf(name), 'utf8')) ?? []
  return comment.replace(/^# /gm, '').replace(/\n/g, ' ').split(/[.;] /)[0] as string
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
  const content = parseYaml(readFileSync(isName ? fileOf(nameOrFile) : nameOrFile, 'utf8'), nameOrFile)
  const read = validate(recipeSchema, content, (path) => `${nameOrFile}, ${path || 'top level'}`)
  const { options: _, ...clean } = read.clean
  return isName ? clean : withFilesFrom(dirname(resolve(nameOrFile)), clean)
}

/** Sections by id, as little as files need to know of them. */
type Sections = Record<string, Record<string, unknown> | undefined>

function withFilesFrom(folder: string, recipe: CleanRecipe): CleanRecipe {
  const filters = structuredClone(recipe.filters)
  for (const { section, key } of namingFiles(filters as Sections)) {
    const named = section[key] as string | string[]
    section[key] = Array.isArray(named) ? named.map((path) => resolve(folder, path)) : resolve(folder, named)
  }
  return { ...recipe, filters }
}

/** The files that the filters of a recipe name. */
export function filesOf(recipe: CleanRecipe): string[] {
  return namingFiles(recipe.filters as Sections).flatMap(({ section, key }) => section[key] as string | string[])
}

function namingFiles(filters: Sections): { section: Record<string, unknown>; key: string }[] {
  return FILTERS.flatMap(({ id, files = [] }: Filter) => {
    const section = filters[id]
    return section ? files.filter((key) => section[key] !== undefined).map((key) => ({ section, key })) : []
  })
}

/** The filters of a recipe as the native core takes them: a list in the order they judge. */
export function filterList(recipe: CleanRecipe): { id: string }[] {
  const sections = recipe.filters as Record<string, object | undefined>
  return FILTERS.flatMap(({ id }) => (sections[id] ? [{ id, ...sections[id] }] : []))
}
