/** An artifact of an earlier command among the inputs: where its documents are, and what it says of them. */

import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { KopipeError } from './errors.ts'
import type { Ledger } from './ledger.ts'

/** What of its kopipe.json is looked at. */
export interface ArtifactInput {
  folder: string
  kind?: string
  status?: string
  masks?: unknown
  ledger?: Ledger
  configuration?: { sourceKey?: unknown; metadataKey?: unknown }
  inputs?: readonly { path: string; source?: string }[]
}

/** The artifact that an argument names; undefined where it is none. */
export async function artifactAt(arg: string): Promise<ArtifactInput | undefined> {
  const folder = resolve(arg)
  const record = join(folder, 'kopipe.json')
  return existsSync(record) ? { ...(JSON.parse(await readFile(record, 'utf8')) as object), folder } : undefined
}

export function documentsFolder({ folder, kind, status }: ArtifactInput): string {
  if (status !== 'done') {
    throw new KopipeError('invalid', `${folder} is an unfinished artifact`, {
      path: folder,
      hint: 'Run the command that makes it again; it resumes.',
    })
  }
  if (!existsSync(join(folder, 'documents'))) {
    throw new KopipeError('invalid', `${folder} is an artifact of \`${kind}\`: it holds no documents`, { path: folder })
  }
  return join(folder, 'documents')
}

/** The masks that its record lists. */
export function masksIn({ masks }: ArtifactInput): string[] {
  return Array.isArray(masks) ? masks.filter((mask) => typeof mask === 'string') : []
}

/** By the name of each of its units, without extensions: the source that its documents had by the file they came from. */
export async function unitSources({ folder, kind, inputs = [] }: ArtifactInput): Promise<Map<string, string>> {
  const sources = new Map<string, string>()
  if (kind !== 'clean' || !existsSync(join(folder, 'parts'))) return sources
  // What it was cleaned from may have been an artifact, too.
  const inherited = new Map(inputs.map(({ path, source }) => [path, source]))
  for (const name of await readdir(join(folder, 'parts'))) {
    const record = JSON.parse(await readFile(join(folder, 'parts', name), 'utf8')) as { file?: unknown }
    if (typeof record.file === 'string') sources.set(stem(name), inherited.get(record.file) ?? stem(record.file))
  }
  return sources
}

/**
 * The sources of the documents of artifacts, as a command finds them that looks under `sourceKey`; undefined where only
 * reading tells: an argument is no artifact, or it did not look there or left the key out.
 */
export async function sourcesOfArtifacts(args: readonly string[], sourceKey: string): Promise<string[] | undefined> {
  const sources = new Set<string>()
  for (const arg of args) {
    const { ledger, configuration: { sourceKey: key, metadataKey } = {} } = (await artifactAt(arg)) ?? {}
    const kept = Array.isArray(metadataKey) && (metadataKey.length === 0 || metadataKey.includes(sourceKey))
    if (!ledger || key !== sourceKey || !kept) return undefined
    for (const [source, counts] of Object.entries(ledger)) if (counts.kept.docs > 0) sources.add(source)
  }
  return [...sources]
}

/** A file's name without extensions. */
export function stem(path: string): string {
  return basename(path).replace(/\..*$/s, '')
}
