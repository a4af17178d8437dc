/** From scores of texts whose class is known to precision, recall and a threshold. A good text is found where it is kept. */

import type { FoldScores } from '../native/index.ts'

export interface Measured {
  /** Of what is kept, the good. */
  precision: number
  /** Of the good, what is kept. */
  recall: number
  f1: number
  /** Of everything, what is kept. */
  kept: number
}

export interface Validation {
  /** The hundredth at which F1 over all folds is best; of several that which is nearest to one half. */
  least: number
  overall: Measured
  folds: (Measured & { good: number; bad: number })[]
  thresholds: (Measured & { least: number })[]
}

/** Hundredths that the table shows. */
const SHOWN = [1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99]

export function validation(folds: readonly FoldScores[]): Validation {
  const all = { good: summed(folds.map(({ good }) => good)), bad: summed(folds.map(({ bad }) => bad)) }
  const hundredths = Array.from({ length: 99 }, (_, i) => i + 1).sort((a, b) => Math.abs(a - 50) - Math.abs(b - 50))
  const best = hundredths.reduce((best, at) => (measured(all, at).f1 > measured(all, best).f1 ? at : best))
  return {
    least: best / 100,
    overall: measured(all, best),
    folds: folds.map((fold) => ({ good: sum(fold.good), bad: sum(fold.bad), ...measured(fold, best) })),
    thresholds: SHOWN.map((at) => ({ least: at / 100, ...measured(all, at) })),
  }
}

function measured({ good, bad }: FoldScores, hundredth: number): Measured {
  const [found, wrong] = [sum(good.slice(hundredth)), sum(bad.slice(hundredth))]
  const precision = share(found, found + wrong)
  const recall = share(found, sum(good))
  return { precision, recall, f1: share(2 * precision * recall, precision + recall), kept: share(found + wrong, sum(good) + sum(bad)) }
}

function share(part: number, of: number): number {
  return of === 0 ? 0 : part / of
}

function sum(counts: readonly number[]): number {
  return counts.reduce((a, b) => a + b, 0)
}

function summed(all: readonly (readonly number[])[]): number[] {
  return Array.from({ length: 101 }, (_, i) => sum(all.map((counts) => counts[i] ?? 0)))
}
