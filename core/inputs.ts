/**
 * INPUT → files, in input order: arguments as given, paths within a folder, a glob or an artifact sorted by bytes, those of
 * a manifest as it names them.
 */

import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { type ArtifactInput, artifactAt, documentsFolder, masksIn, stem, unitSources } from './artifact-input.ts'
import { KopipeError } from './errors.ts'
import { type InputFile, pin } from './input-file.ts'
import type { ManifestRecord } from './manifest.ts'

/** What a folder is searched for: names that say they hold documents. */
const KINDS = ['jsonl', 'ndjson', 'json', 'csv', 'tsv', 'txt', 'html', 'htm', 'parquet', 'arrow', 'warc', 'wet', 'tar']
const DOCUMENT_FILES = `**/*.{${KINDS.join(',')},tgz}{,.gz,.zst}`

export async function resolveInputs(args: readonly string[]): Promise<InputFile[]> {
  const files: InputFile[] = []
  for (const arg of args) {
    if (isManifestFile(arg)) {
      // What reads YAML is loaded where there is some.
      const { manifestFiles } = await import('./manifest-inputs.ts')
      files.push(...manifestFiles(resolve(arg)))
      continue
    }
    const artifact = await artifactAt(arg)
    const masks = artifact ? masksIn(artifact) : []
    const sources = artifact && (await unitSources(artifact))
    for (const path of await expand(arg, artifact)) {
      const source = sources?.get(stem(path))
      files.push({ ...pin(path), ...(masks.length > 0 && { masks }), ...(source !== undefined && { source }) })
    }
  }
  return files
}

/** What the manifests among the arguments say of themselves, for the artifact's record. */
export async function manifestsOf(args: readonly string[]): Promise<ManifestRecord[]> {
  const manifests = args.filter(isManifestFile)
  if (manifests.length === 0) return []
  const { readManifest } = await import('./manifest.ts')
  return manifests.map((arg) => readManifest(resolve(arg)).record)
}

/** Whether an argument is a data manifest: it is told by its name. */
export function isManifestFile(arg: string): boolean {
  return /\.ya?ml$/.test(arg) && statSync(arg, { throwIfNoEntry: false })?.isFile() === true
}

async function expand(arg: string, artifact: ArtifactInput | undefined): Promise<string[]> {
  const path = resolve(arg)
  if (existsSync(path)) {
    if (!statSync(path).isDirectory()) return [path]
    return inFolder(artifact ? documentsFolder(artifact) : path, arg)
  }
  const { default: glob } = await import('fast-glob')
  if (!glob.isDynamicPattern(arg)) {
    throw new KopipeError('not-found', `no such input: ${arg}`, {
      path: arg,
      hint: 'INPUT is a file, a folder, a glob, an artifact folder or a data manifest.',
    })
  }
  const found = await glob(arg, { absolute: true, onlyFiles: true })
  if (found.length === 0) throw new KopipeError('not-found', `no file matches ${arg}`, { path: arg })
  return sortedByBytes(found)
}

async function inFolder(folder: string, arg: string): Promise<string[]> {
  const { default: glob } = await import('fast-glob')
  const found = await glob(DOCUMENT_FILES, { cwd: folder, absolute: true, onlyFiles: true })
  if (found.length === 0) {
    throw new KopipeError('not-found', `no documents in ${arg}: expected files named *.${KINDS.join(', *.')}, or such with .gz or .zst`, {
      path: arg,
    })
  }
  return sortedByBytes(found)
}

function sortedByBytes(paths: string[]): string[] {
  return paths.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}
