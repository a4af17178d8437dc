/**
 * Of how many documents statistics observe one. What is observed costs 30 ns a byte and more, counting .5: with these rates it is
 * a small part of either command's time. Small corpora are observed whole.
 */

import type { InputFile } from '../core/inputs.ts'

/** Bytes of input files that are observed at the least, and of how many documents one is at the most sparing. */
const RATES = {
  /** While `clean` runs, where nothing may cost much. */
  clean: { bytes: 2 ** 20, sparing: 64 },
  stats: { bytes: 2 ** 22, sparing: 16 },
}

/** A power of two that follows from the input alone. */
export function observedOneIn(files: readonly InputFile[], command: keyof typeof RATES): number {
  const { bytes, sparing } = RATES[command]
  const all = files.reduce((sum, file) => sum + file.bytes, 0)
  let oneIn = 1
  while (oneIn < sparing && all / (2 * oneIn) >= bytes) oneIn *= 2
  return oneIn
}
