/**
 * A filter of one's own: an ES module that sees a batch's documents as an Arrow table and names the rows to drop. It runs
 * on JavaScript's one thread, so its time is not divided by the workers; the table points into the batch's bytes.
 */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename, extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Table, Utf8 } from 'apache-arrow'
import { z } from 'zod'
import { KopipeError } from '../core/errors.ts'
import { type Batch, native } from '../native/index.ts'
import type { Seconds } from './funnel.ts'

/** What a module's function is given: the documents that are kept so far, normalized, cut and not yet masked. */
export type Documents = Table<{ id: Utf8; text: Utf8; source: Utf8; metadata: Utf8 }>

/** A document to drop: the number of its row, why, and the number and threshold that say so. */
export interface UserDrop {
  row: number
  reason: string
  value?: number
  threshold?: number
}

export interface UserFilter {
  /** The file's name without extension: the stage in the funnel. */
  name: string
  path: string
  /** sha256 of the module's file; what it imports is not looked at. */
  digest: string
  reasons: Record<string, string>
  drops(documents: Documents): Iterable<UserDrop> | Promise<Iterable<UserDrop>>
}

const moduleSchema = z.object({
  reasons: z.record(z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'expected words of a-z and 0-9 joined by -'), z.string()),
  default: z.custom<UserFilter['drops']>((value) => typeof value === 'function', 'expected a function of an Arrow table'),
})

const dropSchema = z.strictObject({
  row: z.int().min(0),
  reason: z.string(),
  value: z.number().default(1),
  threshold: z.number().default(0),
})

export async function loadUserFilters(paths: readonly string[]): Promise<UserFilter[]> {
  const filters: UserFilter[] = []
  for (const path of paths) filters.push(await load(path, filters))
  return filters
}

async function load(path: string, before: readonly UserFilter[]): Promise<UserFilter> {
  const name = basename(path, extname(path))
  const refuse = (what: string, cause?: unknown): never => {
    throw new KopipeError('usage', `--filter ${path}: ${what}`, {
      path,
      hint: 'A filter is a module that exports `reasons` and, by default, a function: docs/filters.md, "A filter of your own".',
      cause,
    })
  }
  let content: Buffer
  let module: unknown
  try {
    content = readFileSync(path)
    module = await import(pathToFileURL(resolve(path)).href)
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error), error)
  }
  const parsed = moduleSchema.safeParse({ ...(module as object) })
  if (!parsed.success) {
    return refuse(parsed.error.issues.map((issue) => `${issue.path.join('.') || 'module'}: ${issue.message}`).join('; '))
  }
  const { reasons, default: drops } = parsed.data
  const taken = new Set([...native.filterReasons().flat(), ...before.flatMap((filter) => [filter.name, ...Object.keys(filter.reasons)])])
  for (const word of [name, ...Object.keys(reasons)]) if (taken.has(word)) refuse(`${JSON.stringify(word)} is taken already`)
  return { name, path: resolve(path), digest: createHash('sha256').update(content).digest('hex'), reasons, drops }
}

/** Applies the filters one after the other to what is kept of a batch; gives the seconds each took. */
export async function applyUserFilters(batch: Batch, filters: readonly UserFilter[]): Promise<Seconds> {
  const seconds: Seconds = {}
  if (filters.length === 0) return seconds
  const { tableFromIPC } = await import('apache-arrow')
  for (const filter of filters) {
    const started = performance.now()
    const documents = tableFromIPC(await batch.view()) as unknown as Documents
    batch.dropRows(await dropsOf(filter, documents))
    seconds[filter.name] = (performance.now() - started) / 1000
  }
  return seconds
}

async function dropsOf(filter: UserFilter, documents: Documents) {
  const refuse = (what: string, cause?: unknown): never => {
    throw new KopipeError('invalid', `--filter ${filter.path}: ${what}`, { path: filter.path, cause })
  }
  let drops: UserDrop[]
  try {
    drops = [...(await filter.drops(documents))]
  } catch (error) {
    return refuse(`failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`, error)
  }
  return drops.map((drop) => {
    const parsed = dropSchema.safeParse(drop)
    if (!parsed.success) return refuse(`returned ${JSON.stringify(drop)}: expected { row, reason, value?, threshold? }`)
    const { row, reason } = parsed.data
    if (row >= documents.numRows) return refuse(`returned row ${row} of ${documents.numRows}`)
    if (!Object.hasOwn(filter.reasons, reason)) {
      return refuse(`returned reason ${JSON.stringify(reason)}, which \`reasons\` does not declare`)
    }
    return parsed.data
  })
}
