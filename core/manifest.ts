/**
 * A data manifest: a YAML file that says what a data set is made of. It stands above the files that it describes; as an
 * INPUT it is these files, each held against its length and digest first (manifest-inputs.ts, verify.ts).
 *
 * Digests are sha256: what publishers of data give, and `sha256sum` checks without kopipe. It takes 2.6 ns a byte and core
 * where the processor has no instructions for it, .6 where it has; xxh3, which kopipe's own records have, takes .06 but
 * proves nothing to anyone else.
 */

import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { z } from 'zod'
import { KopipeError } from './errors.ts'
import { size, validate } from './options.ts'
import { parseYaml } from './yaml.ts'

/** Larger ones are refused unread: 100,000 files take 20 MB. */
const LARGEST = 32e6

const text = (most = 10_000) => z.string().min(1, 'expected a text, got an empty one').max(most, `expected at most ${most} characters`)
const whole = () => z.int().min(0)

/** What a paper about a data set answers (Gebru et al., Datasheets for Datasets). */
const datasheetSchema = z.strictObject({
  motivation: text().optional(),
  composition: text().optional(),
  collection: text().optional(),
  preprocessing: text().optional(),
  uses: text().optional(),
  distribution: text().optional(),
  maintenance: text().optional(),
})

/** Published sizes of text, where there are no files. */
const sizesSchema = z.strictObject({
  before: size().optional().describe('bytes of text before processing, or a text such as `682.3GB`'),
  after: size().optional().describe('and after'),
})

const fileSchema = z.strictObject({
  path: text(4096).describe("from the manifest's folder, and never out of it"),
  bytes: whole().describe('length of the file'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits in lower case')
    .describe('64 hexadecimal digits in lower case'),
  documents: whole().optional().describe('in it, where they are counted'),
  text: whole().optional().describe('bytes of their text'),
})

const sourceSchema = z.strictObject({
  name: text(200).describe('there once'),
  licence: text().optional(),
  link: text().optional(),
  files: z.array(fileSchema).optional().describe('in the order of the input'),
  bytes: sizesSchema.optional().describe('as published, where there are no files'),
  documents: whole().optional().describe('as published'),
})

/** docs/formats.md is made from it. */
export const manifestSchema = z.strictObject({
  title: text(200).describe('of the data set'),
  datasheet: datasheetSchema.optional().describe('what a datasheet for data sets answers, each a text'),
  bytes: sizesSchema.optional().describe('of the whole, where it is published in sum only'),
  documents: whole().optional().describe('of the whole, the same'),
  sources: z.array(sourceSchema).min(1, 'expected at least one source').describe('one or more, in the order of the input'),
})

export type Manifest = z.output<typeof manifestSchema>
export type ManifestFile = z.output<typeof fileSchema>

/** What an artifact's kopipe.json says of a manifest that it was made from. */
export interface ManifestRecord {
  path: string
  /** sha256 of the manifest itself. */
  digest: string
  title: string
  datasheet?: NonNullable<Manifest['datasheet']>
  sources: { name: string; licence?: string; link?: string }[]
}

/** Reads a manifest whole; what is no manifest is refused with where and why. */
export function readManifest(path: string): { manifest: Manifest; record: ManifestRecord } {
  const content = bounded(path)
  const manifest = validate(manifestSchema, parseYaml(content.toString(), path), (at) => `${path}, ${at || 'top level'}`)
  refuseTwice(
    path,
    'source',
    manifest.sources.map(({ name }) => name),
  )
  const { title, datasheet, sources } = manifest
  const told = sources.map(({ name, licence, link }) => ({ name, ...(licence && { licence }), ...(link && { link }) }))
  const digest = createHash('sha256').update(content).digest('hex')
  return { manifest, record: { path, digest, title, ...(datasheet && { datasheet }), sources: told } }
}

export function refuseTwice(path: string, what: string, names: readonly string[]): void {
  const seen = new Set<string>()
  for (const name of names) {
    if (seen.has(name)) throw new KopipeError('usage', `${path}: the ${what} ${JSON.stringify(name)} is there twice`, { path })
    seen.add(name)
  }
}

function bounded(path: string): Buffer {
  try {
    const { size } = statSync(path)
    if (size <= LARGEST) return readFileSync(path)
    throw new KopipeError('usage', `${path}: expected a manifest of at most ${LARGEST} bytes, got ${size}`, { path })
  } catch (error) {
    if (error instanceof KopipeError) throw error
    throw new KopipeError('not-found', `cannot read ${path}: ${(error as Error).message}`, { path, cause: error })
  }
}
