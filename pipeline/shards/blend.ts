/**
 * A blend: how often each source stands in a dataset.
 *
 * `--epochs` bounds it, and without `--weights` is it. Weights ask for proportions of tokens: the result is as large as the
 * bounds allow, so the source that has least for its weight stands there as often as it may, and of every other one a part.
 */

import { closest } from 'fastest-levenshtein'
import { z } from 'zod'
import { KopipeError } from '../../core/errors.ts'

/** Numbers by source: text from the input, so no keys of an object. */
export type BySource = ReadonlyMap<string, number>

const MOST_EPOCHS = 1000

/** `--epochs` and `--weights`: SOURCE=NUMBER, a flag each. A source's name may have `=` inside. */
export const numbersBySource = (what: string, most: number) =>
  z
    .array(
      z.string().refine(
        (text) => {
          const number = numberOf(text)
          return number >= 0 && number <= most
        },
        `expected SOURCE=NUMBER, ${what} from 0${most === Number.POSITIVE_INFINITY ? '' : ` to ${most}`}`,
      ),
    )
    .default([])

export const epochsOption = () => numbersBySource('epochs', MOST_EPOCHS)
export const weightsOption = () => numbersBySource('a weight', Number.POSITIVE_INFINITY)

export function bySource(flag: string, given: readonly string[]): BySource {
  const numbers = new Map<string, number>()
  for (const text of given) {
    const source = text.slice(0, text.lastIndexOf('='))
    if (numbers.has(source)) throw new KopipeError('usage', `${flag}: expected one number of source ${JSON.stringify(source)}, got several`)
    numbers.set(source, numberOf(text))
  }
  return numbers
}

function numberOf(text: string): number {
  const [, number] = /^.+=([0-9]*\.?[0-9]+(?:e-?[0-9]+)?)$/is.exec(text) ?? []
  return number === undefined ? Number.NaN : Number(number)
}

/** How often a source stands there at the most. */
const boundOf = (epochs: BySource, source: string): number => epochs.get(source) ?? 1

/** Refuses names that no document's source has, and weights that leave a source out without saying so. */
export function checkBlend(sources: readonly string[], weights: BySource, epochs: BySource): void {
  refuseUnknown('--weights', weights, sources)
  refuseUnknown('--epochs', epochs, sources)
  if (weights.size === 0) return
  const without = sources.find((source) => !weights.has(source))
  if (without !== undefined) {
    throw new KopipeError('usage', `--weights: source ${JSON.stringify(without)} has none`, {
      hint: 'Give each source a weight; 0 leaves it out.',
    })
  }
  if ([...weights.values()].every((weight) => weight === 0)) throw new KopipeError('usage', '--weights: expected one that is more than 0')
}

function refuseUnknown(flag: string, numbers: BySource, sources: readonly string[]): void {
  const unknown = [...numbers.keys()].find((name) => !sources.includes(name))
  if (unknown === undefined) return
  const near = sources.length > 0 ? `; did you mean ${JSON.stringify(closest(unknown, sources))}?` : ''
  throw new KopipeError('usage', `${flag}: no document is of source ${JSON.stringify(unknown)}${near}`, {
    hint: `There are ${sources.slice(0, 20).join(', ')}${sources.length > 20 ? ` and ${sources.length - 20} more` : ''}.`,
  })
}

/** How often each source stands in the result, given the tokens of one epoch of each. */
export function drawnEpochs(tokens: BySource, weights: BySource, epochs: BySource): Map<string, number> {
  const sources = [...tokens.keys()]
  checkBlend(sources, weights, epochs)
  if (weights.size === 0) return new Map(sources.map((source) => [source, boundOf(epochs, source)]))
  const weighed = sources.filter((source) => (weights.get(source) ?? 0) > 0)
  // Tokens of the result for a weight of 1, by the source that is used up first.
  const each = weighed.map((source) => (boundOf(epochs, source) * (tokens.get(source) ?? 0)) / (weights.get(source) ?? 1))
  const all = Math.min(...each)
  return new Map(
    sources.map((source) => {
      const wanted = ((weights.get(source) ?? 0) * all) / (tokens.get(source) || 1)
      const bound = boundOf(epochs, source)
      // The division gives the bound back but for its last digit.
      return [source, Math.abs(wanted - bound) < 1e-9 * bound ? bound : wanted]
    }),
  )
}
