/** Scores of multiple choice as lm-evaluation-harness has them. */

/** The first of the largest. */
export function argmax(values: readonly number[]): number {
  return values.indexOf(Math.max(...values))
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Of a mean, by the sample's deviation; null of a single value. */
export function standardError(values: readonly number[]): number | null {
  if (values.length < 2) return null
  const middle = mean(values)
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0)
  return Math.sqrt(squares / (values.length - 1)) / Math.sqrt(values.length)
}

export interface Verdict {
  gold: number
  predicted: number
}

/** The mean of F1 over every class that was right or predicted; 0 of one that was never both. */
export function macroF1(verdicts: readonly Verdict[]): number {
  const classes = new Set(verdicts.flatMap(({ gold, predicted }) => [gold, predicted]))
  return mean([...classes].map((of) => f1(verdicts, of)))
}

export function f1(verdicts: readonly Verdict[], of: number): number {
  const count = (is: (verdict: Verdict) => boolean) => verdicts.filter(is).length
  const hits = count(({ gold, predicted }) => gold === of && predicted === of)
  const misses = count(({ gold, predicted }) => (gold === of) !== (predicted === of))
  return hits + misses === 0 ? 0 : (2 * hits) / (2 * hits + misses)
}
