/** How numbers and texts of the report are written, whatever the section. */

import { type Html, html, joined } from '../../core/page/html.ts'
import { count, type Lang, quoted } from '../../core/page/page.ts'
import { formatSize } from '../../core/sizes.ts'
import type { CorpusStats, Estimate, Sampled } from './measures.ts'
import { COMMON } from './words/common.ts'

/** `≈ 12,345 (12,100 – 12,600)`: what a sketch gives, with where it lies. */
export function estimated({ estimate, low, high }: Estimate): string {
  const whole = (value: number) => count(Math.round(value))
  return low === high ? whole(estimate) : `≈ ${whole(estimate)} (${whole(low)} – ${whole(high)})`
}

/** `12.3 %`, with as many digits as tell it from nothing. */
export function share(part: number, whole: number): string {
  if (whole === 0) return ''
  const value = (100 * part) / whole
  return `${value === 0 || value >= 10 ? value.toFixed(1) : value >= 0.1 ? value.toFixed(2) : value < 0.001 ? '< 0.001' : value.toFixed(3)}\u00a0%`
}

/** For charts of shares. */
export const asPercent = (value: number): string =>
  `${value >= 10 || value === 0 ? Math.round(value) : Number(value.toPrecision(2))}\u00a0%`

/** With a blank that does not break. */
export const size = (bytes: number): string => formatSize(bytes).replace(' ', '\u00a0')

/** Digits that tell numbers near a threshold apart. */
export function fine(value: number): string {
  return Math.abs(value) >= 1000 ? count(Math.round(value)) : String(Number(value.toPrecision(4)))
}

/** An id as it is written: one that is no string as its JSON. */
export function idOf(id: unknown): string {
  return typeof id === 'string' ? id : JSON.stringify(id)
}

/** The beginning of a text, and how much of it there is. */
export function beginningOf({ chars, text }: { chars: number; text: string }): Html {
  const isCut = [...text].length < chars
  return quoted(isCut ? `${text.trim()} …` : text.trim())
}

/** What is true of what costs more than reading. */
export function sampledNote({ oneIn, docs, bytes }: Sampled, lang: Lang): Html {
  const words = COMMON[lang]
  return html`<p>${oneIn === 1 ? words.measuredAll : words.measuredSome(count(oneIn), count(docs), size(bytes))}</p>`
}

/** Words of the page's own, in which what stands between backticks is code. */
export function coded(text: string): Html {
  const parts = text.split('`').map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part))
  return joined(parts)
}

export const note = (text: string): Html => html`<p>${coded(text)}</p>`

/** What is true of what reading tells, where not all was measured; nothing to say where it was. */
export function measuredNote({ measured, sampled }: CorpusStats, lang: Lang): Html {
  return measured === 'all' ? joined([]) : note(COMMON[lang].likeObserved(count(sampled.docs), size(sampled.bytes)))
}

/** Entries, the largest first. */
export function largestFirst<T>(all: Record<string, T>, of: (value: T) => number): [name: string, value: T][] {
  return Object.entries(all).sort(([a, x], [b, y]) => of(y) - of(x) || (a < b ? -1 : 1))
}

/** Names that a sentence has. */
const NAMED = 8

/** `a, b, c … (+5)`. */
export function listed(names: readonly string[]): string {
  return names.length > NAMED ? `${names.slice(0, NAMED).join(', ')} … (+${names.length - NAMED})` : names.join(', ')
}
