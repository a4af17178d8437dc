/**
 * Holds files against the digests of their manifests before a run begins. What a run that is taken up again was begun with
 * is not read anew, unless length or time have changed.
 */

import { createHash } from 'node:crypto'
import { interrupted, KopipeError } from './errors.ts'
import { FileDigests } from './file-digests.ts'
import { eachJob } from './flow.ts'
import type { InputFile } from './input-file.ts'
import { type Session, silent } from './progress.ts'

/** Verifies the files that have a digest, but those that are as they were `before`. */
export async function verifyInputs(
  files: readonly InputFile[],
  before: readonly InputFile[],
  options: { workers: number },
  session: Session,
): Promise<void> {
  const known = new Map(before.map((file) => [file.path, file]))
  const open = files.filter((file) => file.sha256 !== undefined && !isSame(file, known.get(file.path)))
  if (open.length > 0) await digestsOf(open, 'verifying', options, session, checkDigest)
}

/** sha256 of each file; the first that `check` refuses ends it. */
export async function digestsOf(
  files: readonly InputFile[],
  stage: string,
  options: { workers: number },
  { progress, signal }: Session,
  check: (file: InputFile, digest: string) => void = () => {},
): Promise<string[]> {
  progress.stage(
    stage,
    files.reduce((sum, { bytes }) => sum + bytes, 0),
  )
  const found: string[] = []
  const digests = new FileDigests()
  const stop = () => digests.close()
  signal.addEventListener('abort', stop)
  try {
    if (signal.aborted) throw interrupted('nothing was begun')
    // The stage counts bytes, not files.
    await eachJob(files.length, options, { progress: silent, signal }, async (job) => {
      const file = files[job] as InputFile
      const digest = await digests.of(file.path, (bytes) => progress.advance({ of: bytes, bytes }))
      check(file, digest)
      found[job] = digest
    })
    return found
  } finally {
    signal.removeEventListener('abort', stop)
    digests.close()
  }
}

/** Refuses a file that a manifest names and that is not what it describes. */
export function checkDigest({ path, sha256 }: InputFile, digest: string): void {
  if (sha256 === undefined || digest === sha256) return
  throw new KopipeError('changed', `${path}: expected sha256 ${sha256} as its manifest says, got ${digest}`, {
    path,
    hint: 'The file is not what the manifest describes. Get it again, or make the manifest anew with `kopipe manifest`.',
  })
}

/** Bytes a second that one thread holds against a digest, measured now. */
export function digestRate(): number {
  const piece = Buffer.alloc(2 ** 25)
  const started = performance.now()
  createHash('sha256').update(piece).digest()
  return (1000 * piece.length) / (performance.now() - started)
}

function isSame(now: InputFile, then: InputFile | undefined): boolean {
  return then !== undefined && now.bytes === then.bytes && now.mtime === then.mtime && now.sha256 === then.sha256
}
