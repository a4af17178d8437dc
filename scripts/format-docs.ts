/**
 * The tables of docs/formats/*.md that come from a schema; what stands around them is written by hand. A test holds them together.
 * `node scripts/format-docs.ts` writes them, each between `<!-- NAME -->` and `<!-- /NAME -->`.
 */

import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { DatasetFile, SourceTokensFile } from '../core/dataset.ts'
import { manifestSchema } from '../core/manifest.ts'

const DOCS = resolve(import.meta.dirname, '../docs')

/** Pages by their path: the first is on what is promised. */
export function readPages(): Map<string, string> {
  const paths = ['formats.md', ...globSync('formats/*.md', { cwd: DOCS }).sort()].map((name) => join(DOCS, name))
  return new Map(paths.map((path) => [path, readFileSync(path, 'utf8')]))
}

const SCHEMAS: Record<string, z.ZodType> = { dataset: DatasetFile, manifest: manifestSchema }

/** What JSON Schema says of a value, as far as the tables show it. */
interface Shape {
  type?: string
  const?: unknown
  enum?: unknown[]
  anyOf?: Shape[]
  description?: string
  properties?: Record<string, Shape>
  required?: string[]
  items?: Shape
  additionalProperties?: Shape | boolean
}

export function withTables(page: string): string {
  return Object.entries(SCHEMAS).reduce((page, [name, schema]) => {
    const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
    if (!page.includes(begin)) return page
    const [before = '', rest = ''] = page.split(begin)
    const [, after = ''] = rest.split(end)
    return `${before}${begin}\n${table(schema)}\n${end}${after}`
  }, page)
}

function table(schema: z.ZodType): string {
  const shape = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', override: sourcesByName }) as Shape
  return ['| key | type | what it is |', '|---|---|---|', ...rows(shape, '')].join('\n')
}

/** A table that zod only knows as a check of its own. */
function sourcesByName({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (zodSchema._zod.def.type !== 'custom') return
  jsonSchema.type = 'object'
  jsonSchema.additionalProperties = z.toJSONSchema(SourceTokensFile) as z.core.JSONSchema.BaseSchema
}

function rows(shape: Shape, path: string): string[] {
  const inside = Object.entries(shape.properties ?? {}).flatMap(([key, inner]) => {
    const at = path === '' ? key : `${path}.${key}`
    const optional = shape.required?.includes(key) ? '' : '?'
    return [`| \`${at}${optional}\` | ${typeOf(inner)} | ${described(inner)} |`, ...rows(inner, at)]
  })
  const each = typeof shape.additionalProperties === 'object' ? rows(shape.additionalProperties, `${path}.{source}`) : []
  return [...inside, ...each, ...(shape.items ? rows(shape.items, `${path}[]`) : [])]
}

function typeOf({ type, const: literal, enum: values, anyOf, items }: Shape): string {
  if (typeof literal === 'number') return 'integer'
  if (literal !== undefined || values) return 'string'
  if (anyOf) return anyOf.map(typeOf).join(' or ')
  return type === 'array' && items ? `${typeOf(items)}[]` : (type ?? 'any')
}

function described({ description = '', const: literal, enum: values }: Shape): string {
  const named = literal === undefined ? (values ?? []) : [literal]
  return [named.map((value) => `\`${value}\``).join(', '), description].filter(Boolean).join(': ')
}

if (import.meta.main) for (const [path, page] of readPages()) writeFileSync(path, withTables(page))
