/** The files of a manifest, in its order: inside its folder, there, and as long as it says. */

import { realpathSync } from 'node:fs'
import { dirname, isAbsolute, relative, resolve, sep, win32 } from 'node:path'
import { KopipeError } from './errors.ts'
import { type InputFile, pin } from './input-file.ts'
import { type ManifestFile, readManifest, refuseTwice } from './manifest.ts'

/** Each as an input that is to be verified. */
export function manifestFiles(path: string): InputFile[] {
  const { manifest } = readManifest(path)
  const folder = realpathSync(dirname(resolve(path)))
  const files = manifest.sources.flatMap(({ name, files }) => {
    if (files === undefined || files.length === 0) {
      throw new KopipeError('invalid', `${path}: source ${JSON.stringify(name)} has no files: there is nothing to read`, {
        path,
        hint: '`kopipe plan` plans a run on published sizes; a run needs files.',
      })
    }
    return files.map((file) => ({ ...found(path, folder, file), source: name, sha256: file.sha256 }))
  })
  refuseTwice(
    path,
    'file',
    files.map((file) => realpathSync(file.path)),
  )
  return files
}

/** Whether a path of a manifest leads out of its folder as it is written. */
function leadsOut(path: string): boolean {
  return isAbsolute(path) || win32.isAbsolute(path) || path.includes('\0') || path.split(/[/\\]/).includes('..')
}

function found(manifest: string, folder: string, { path, bytes }: ManifestFile): InputFile {
  const refuse = (what: string, hint: string) =>
    new KopipeError('invalid', `${manifest}: ${JSON.stringify(path)} ${what}`, { path: manifest, hint })
  if (leadsOut(path)) throw refuse('leads out of its folder', 'Files stand beside the manifest or below it; paths are relative to it.')
  const at = resolve(folder, path)
  let real: string
  try {
    real = realpathSync(at)
  } catch (error) {
    const hint = 'Put the file there, or take it out of the manifest.'
    throw new KopipeError('not-found', `${manifest}: ${JSON.stringify(path)} is missing: ${(error as Error).message}`, { path: at, hint })
  }
  const inside = relative(folder, real)
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
    throw refuse('is a link that leads out of its folder', 'Copy the file into the folder.')
  }
  const file = pin(at)
  if (file.bytes !== bytes) {
    const hint = 'Get the file again, or make the manifest anew with `kopipe manifest`.'
    throw new KopipeError('changed', `${at}: expected ${bytes} bytes as ${manifest} says, got ${file.bytes}`, { path: at, hint })
  }
  return file
}
