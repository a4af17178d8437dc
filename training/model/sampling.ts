/**
 * The next token of logits: the most likely one, or a draw. Temperature, then the `topK` most likely, then the fewest of
 * them that together have the probability `topP` (Holtzman et al. 2019), in the order of transformers' generate.
 */

import type { MersenneTwister } from './mersenne-twister.ts'

export interface Sampling {
  /** 0: the most likely token, always. */
  readonly temperature: number
  /** 0: all. */
  readonly topK: number
  readonly topP: number
}

/** Of the ids below `size`: those from there on stand for no text. */
export function sample(logits: Float32Array, size: number, { temperature, topK, topP }: Sampling, random: MersenneTwister): number {
  const known = logits.subarray(0, size)
  if (temperature === 0) return largest(known)
  const kept = mostLikely(known, topK > 0 ? topK : known.length)
  const first = known[kept[0] as number] as number
  const weights = kept.map((id) => Math.exp(((known[id] as number) - first) / temperature))
  const enough = topP * weights.reduce((sum, weight) => sum + weight, 0)
  let [count, total] = [0, 0]
  while (count < weights.length && total < enough) total += weights[count++] as number
  let left = random.random() * total
  for (let i = 0; i < count; i++) {
    left -= weights[i] as number
    if (left < 0) return kept[i] as number
  }
  return kept[count - 1] as number
}

/** The ids of the largest, in descending order, the smaller id first. Few of many are picked in one pass, where sorting all takes 10 ms. */
function mostLikely(values: Float32Array, count: number): number[] {
  const at = (id: number | undefined) => values[id as number] as number
  if (count >= values.length) return Array.from(values.keys()).sort((a, b) => at(b) - at(a) || a - b)
  const best: number[] = []
  for (let id = 0; id < values.length; id++) {
    if (best.length === count && at(id) <= at(best[count - 1])) continue
    if (best.length === count) best.pop()
    let place = best.length
    while (place > 0 && at(best[place - 1]) < at(id)) place--
    best.splice(place, 0, id)
  }
  return best
}

/** The first of the largest. */
function largest(values: Float32Array): number {
  let best = 0
  for (let i = 1; i < values.length; i++) if ((values[i] as number) > (values[best] as number)) best = i
  return best
}
