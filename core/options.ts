/**
 * Options from one schema: types, validation, flags and help come from the same zod object. A field's `meta` says how
 * it looks on the command line; its kebab-case key is the flag.
 */

import { availableParallelism } from 'node:os'
import { closest, distance } from 'fastest-levenshtein'
import { z } from 'zod'
import { KopipeError } from './errors.ts'
import { parseSize } from './sizes.ts'

// A schema is used once or twice a run: its compiler takes longer than it saves.
z.config({ jitless: true })

/** How an option is shown: `--flag PLACEHOLDER  help`. */
export interface OptionMeta {
  help: string
  placeholder?: string
  /** One letter, as in `-o`. */
  short?: string
  /** What help shows as the default, where it is not the value itself. */
  shownDefault?: string
  /** It names files, which a recipe means from its own folder; a `name` is one only where there is such a file. */
  path?: 'file' | 'name'
}

/** A number of bytes, given as a number or as text such as `4GB`. */
export const size = () =>
  z.union([z.int().min(1), z.string()]).transform((value, context) => {
    try {
      return typeof value === 'number' ? value : parseSize(value)
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message })
      return z.NEVER
    }
  })

/** A whole number from `min`, given as a number or as text. */
export const count = (min = 1) =>
  z.coerce
    .number(`expected a whole number from ${min}`)
    .int(`expected a whole number from ${min}`)
    .min(min, `expected a whole number from ${min}`)

const meta = (more: OptionMeta) => ({ ...more })

/** `-o`: where the artifact goes. */
export const output = z
  .string('expected a folder to write to (-o DIR), got none')
  .meta(meta({ help: 'folder of the result; the same command on it resumes', placeholder: 'DIR', short: 'o' }))

/** Options that stand at every command that works on documents. */
export const common = {
  workers: count()
    .default(availableParallelism())
    .meta(meta({ help: 'threads that do work', placeholder: 'N', shownDefault: 'one per core' })),
  memory: size()
    .default(4e9)
    .meta(meta({ help: 'bound on memory', placeholder: 'SIZE', shownDefault: '4GB' })),
  maxDocument: size()
    .default(64e6)
    .meta(meta({ help: 'documents over this are dropped as too-long', placeholder: 'SIZE', shownDefault: '64MB' })),
  overwrite: z
    .boolean()
    .default(false)
    .meta(meta({ help: 'begin anew where an artifact of the same kind stands' })),
  quiet: z
    .boolean()
    .default(false)
    .meta(meta({ help: 'no progress, no summary' })),
  json: z
    .boolean()
    .default(false)
    .meta(meta({ help: 'the last line of stdout is the summary as one JSON object' })),
}

/** Which keys of a record mean what, and what a document is where there are no records. */
export const keys = {
  textKey: z
    .string()
    .min(1)
    .default('text')
    .meta(meta({ help: "key of a record's text; a.b is key b of the object a", placeholder: 'KEY' })),
  idKey: z
    .string()
    .min(1)
    .default('id')
    .meta(meta({ help: "key of a record's id", placeholder: 'KEY' })),
  sourceKey: z
    .string()
    .min(1)
    .default('source')
    .meta(meta({ help: "key of a document's source; without it, the file's name", placeholder: 'KEY' })),
  metadataKey: z
    .array(z.string().min(1))
    .default([])
    .meta(meta({ help: 'only these keys travel on with a document; without, all do', placeholder: 'KEY' })),
  documentPer: z
    .enum(['file', 'paragraph', 'line'], 'expected file, paragraph or line')
    .default('file')
    .meta(meta({ help: 'what a document is in plain text', placeholder: 'file|paragraph|line' })),
}

/** A key as a flag has it. */
export function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** Validates `value`; every complaint says where, what was expected and what came. */
export function validate<S extends z.ZodType>(schema: S, value: unknown, where: (path: string) => string): z.output<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const lines = result.error.issues.map((issue) => {
    const path = issue.path.join('.')
    if (issue.code === 'unrecognized_keys') return unknownKeys(schema, issue.path, issue.keys, where)
    const came = got(value, issue.path)
    return `${where(path)}: ${issue.message}${came === undefined ? '' : `, got ${came}`}`
  })
  throw new KopipeError('usage', lines.join('\n'))
}

function unknownKeys(schema: z.ZodType, path: readonly PropertyKey[], keys: readonly string[], where: (path: string) => string): string {
  const known = keysAt(schema, path)
  const hint = (key: string) => {
    const above = known.filter((outer) => keysAt(schema, [...path, outer]).includes(key))
    if (above.length > 0) return `; it stands under ${above.map((outer) => JSON.stringify(outer)).join(' or ')}`
    if (known.length === 0) return ''
    const nearest = closest(key, known)
    // Where most letters differ nobody meant it.
    const isAlike = 2 * distance(key, nearest) <= Math.max(key.length, nearest.length)
    return isAlike ? `; did you mean ${JSON.stringify(nearest)}?` : `; there are ${known.join(', ')}`
  }
  return keys.map((key) => `${where([...path, key].join('.'))}: there is no such key${hint(key)}`).join('\n')
}

/** The keys an object schema knows at a path. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at: z.ZodType = unwrap(schema)
  for (const key of path) {
    if (at instanceof z.ZodArray) {
      at = unwrap(at.element as z.ZodType)
      continue
    }
    if (!(at instanceof z.ZodObject)) return []
    const inner = at.shape[String(key)] as z.ZodType | undefined
    if (!inner) return []
    at = unwrap(inner)
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : []
}

/** The schema inside default and optional wrappers. */
export function unwrap(schema: z.ZodType): z.ZodType {
  let at = schema
  while (at instanceof z.ZodDefault || at instanceof z.ZodOptional || at instanceof z.ZodPrefault) at = at.unwrap() as z.ZodType
  return at
}

function got(value: unknown, path: readonly PropertyKey[]): string | undefined {
  let at: unknown = value
  for (const key of path) at = (at as Record<PropertyKey, unknown> | undefined)?.[key]
  return at === undefined ? undefined : JSON.stringify(at)
}
