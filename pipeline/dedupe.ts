/** Second pass of `clean`: which documents are duplicates, over all units. */

import { existsSync } from 'node:fs'
import type { Session } from '../core/progress.ts'
import { type DuplicateIndex, io, native } from '../native/index.ts'
import type { ScratchFolder } from './scratch.ts'

/**
 * Of equal documents (128-bit digest of the normalized text) the first in input order stays. The result is kept in
 * scratch/duplicates until the survivors are written, because they are written from it unit by unit.
 */
export async function findDuplicates(
  scratch: ScratchFolder,
  { dedupe, memory }: { dedupe: 'exact' | 'off'; memory: number },
  { progress }: Session,
): Promise<{ index: DuplicateIndex; seconds: number }> {
  const folder = scratch.path('duplicates')
  const done = scratch.path('duplicates', 'found')
  if (!existsSync(done)) {
    progress.stage('finding duplicates')
    await io.removeFolder(folder)
    await io.createFolder(folder)
    const signatures = dedupe === 'off' ? [] : scratch.units().map((unit) => scratch.signatures(unit))
    const started = performance.now()
    await native.findExactDuplicates(signatures, folder, Math.floor(memory / 4))
    const seconds = (performance.now() - started) / 1000
    await io.commitFile(done, Buffer.from(JSON.stringify({ seconds })))
  }
  const { seconds } = JSON.parse((await io.readFile(done)).toString()) as { seconds: number }
  return { index: native.DuplicateIndex.open(folder), seconds }
}
