/** Files that a configuration names, pinned by their content: a resumed run works with the same ones. */

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { type InputFile, pin } from '../core/input-file.ts'

/** What a file is, as a configuration says it. */
export type Pinned = Pick<InputFile, 'path' | 'bytes'> & {
  /** sha256 of the file. */
  digest: string
}

export async function pinned(path: string): Promise<Pinned> {
  const { bytes } = pin(path)
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return { path, bytes, digest: hash.digest('hex') }
}
