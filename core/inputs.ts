/**
 * INPUT → files, in input order: arguments as given, paths within a folder, a glob or an artifact sorted by bytes.
 * Each file is pinned by path, length and modification time, so that a resumed run can tell that nothing changed.
 */

import { existsSync, type Stats, statSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { KopipeError } from './errors.ts'

export interface InputFile {
  path: string
  bytes: number
  /** Milliseconds since 1970, whole. */
  mtime: number
  /** Of an artifact's document: strings in it that are tokens, written by the run that made it. */
  masks?: readonly string[]
  /** Of an artifact's document: the source of those that do not say theirs, which is that of the file they came from. */
  source?: string
}

/** What a folder is searched for: names that say they hold documents. */
const KINDS = ['jsonl', 'ndjson', 'json', 'csv', 'tsv', 'txt', 'html', 'htm', 'parquet', 'arrow', 'warc', 'wet', 'tar']
const DOCUMENT_FILES = `**/*.{${KINDS.join(',')},tgz}{,.gz,.zst}`

export async function resolveInputs(args: readonly string[]): Promise<InputFile[]> {
  const files: InputFile[] = []
  for (const arg of args) {
    const masks = await masksIn(arg)
    const sources = await sourcesOfUnits(resolve(arg))
    for (const path of await expand(arg)) {
      const source = sources.get(stem(path))
      files.push({ ...pin(path), ...(masks.length > 0 && { masks }), ...(source !== undefined && { source }) })
    }
  }
  return files
}

async function expand(arg: string): Promise<string[]> {
  const path = resolve(arg)
  if (existsSync(path)) {
    if (!statSync(path).isDirectory()) return [path]
    return inFolder(await documentsFolder(path), arg)
  }
  const { default: glob } = await import('fast-glob')
  if (!glob.isDynamicPattern(arg)) {
    throw new KopipeError('not-found', `no such input: ${arg}`, {
      path: arg,
      hint: 'INPUT is a file, a folder, a glob or an artifact folder.',
    })
  }
  const found = await glob(arg, { absolute: true, onlyFiles: true })
  if (found.length === 0) throw new KopipeError('not-found', `no file matches ${arg}`, { path: arg })
  return sortedByBytes(found)
}

/** The sources of artifacts' documents; undefined where an argument is none, and its documents must be read to know them. */
export async function ledgerSources(args: readonly string[]): Promise<string[] | undefined> {
  const sources = new Set<string>()
  for (const arg of args) {
    const ledger = (await recordOf(resolve(arg)))?.ledger
    if (typeof ledger !== 'object' || ledger === null) return undefined
    for (const source of Object.keys(ledger)) sources.add(source)
  }
  return [...sources]
}

/** What is looked for in an artifact's kopipe.json. */
interface FoundRecord {
  kind?: string
  status?: string
  masks?: unknown
  ledger?: unknown
  inputs?: readonly InputFile[]
}

async function recordOf(folder: string): Promise<FoundRecord | undefined> {
  const record = join(folder, 'kopipe.json')
  return existsSync(record) ? JSON.parse(await readFile(record, 'utf8')) : undefined
}

/** The source that each unit of a cleaned artifact had by its file's name. */
async function sourcesOfUnits(folder: string): Promise<Map<string, string>> {
  const sources = new Map<string, string>()
  const found = await recordOf(folder)
  if (found?.kind !== 'clean' || !existsSync(join(folder, 'parts'))) return sources
  // What it was cleaned from may have been an artifact, too.
  const inherited = new Map(found.inputs?.map(({ path, source }) => [path, source]))
  for (const name of await readdir(join(folder, 'parts'))) {
    const record = JSON.parse(await readFile(join(folder, 'parts', name), 'utf8')) as { file?: unknown }
    if (typeof record.file === 'string') sources.set(stem(name), inherited.get(record.file) ?? stem(record.file))
  }
  return sources
}

/** A file's name without extensions. */
function stem(path: string): string {
  return basename(path).replace(/\..*$/s, '')
}

/** The masks an argument's record lists, where it is an artifact. */
async function masksIn(arg: string): Promise<string[]> {
  const masks = (await recordOf(resolve(arg)))?.masks
  return Array.isArray(masks) ? masks.filter((mask) => typeof mask === 'string') : []
}

/** An artifact's documents; any other folder itself. */
async function documentsFolder(folder: string): Promise<string> {
  const record = await recordOf(folder)
  if (!record) return folder
  const { kind, status } = record
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

export function pin(path: string): InputFile {
  let stats: Stats
  try {
    stats = statSync(path)
  } catch (error) {
    throw new KopipeError('not-found', `cannot open ${path}: ${(error as Error).message}`, { path, cause: error })
  }
  return { path, bytes: stats.size, mtime: Math.floor(stats.mtimeMs) }
}

/** Throws where a file is no longer what it was when the run was planned. */
export function checkUnchanged(file: InputFile): void {
  const now = pin(file.path)
  if (now.bytes !== file.bytes || now.mtime !== file.mtime) {
    throw new KopipeError('changed', `${file.path} changed since the run was planned: ${describe(file)} then, ${describe(now)} now`, {
      path: file.path,
      hint: 'Put the file back, or begin anew with --overwrite.',
    })
  }
}

function describe(file: InputFile): string {
  return `${file.bytes} bytes of ${new Date(file.mtime).toISOString()}`
}
