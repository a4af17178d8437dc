/** A file that is read, pinned by path, length and modification time, so that a resumed run can tell that nothing changed. */

import { type Stats, statSync } from 'node:fs'
import { KopipeError } from './errors.ts'

export interface InputFile {
  path: string
  bytes: number
  /** Milliseconds since 1970, whole. */
  mtime: number
  /** Of an artifact's document: strings in it that are tokens, written by the run that made it. */
  masks?: readonly string[]
  /** The source of documents that do not say theirs: in an artifact that of the file they came from, in a manifest the file's. */
  source?: string
  /** What the content must be, as a manifest says. */
  sha256?: string
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
