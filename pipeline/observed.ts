/**
 * Of how many documents statistics observe one. What is observed costs 20 ns a byte, counting .7: at these rates it is a small part
 * of the time of `stats` and `clean`. Small corpora are observed whole.
 */

import type { InputFile } from '../core/input-file.ts'

/** Bytes of input files that are observed at the least, and of how many documents one is at the most sparing. */
const LEAST = 2 ** 19
const SPARING = 64

/** A power of two that follows from the input alone. */
export function observedOneIn(files: readonly InputFile[]): number {
  const all = files.reduce((sum, file) => sum + file.bytes, 0)
  let oneIn = 1
  while (oneIn < SPARING && all / (2 * oneIn) >= LEAST) oneIn *= 2
  return oneIn
}
