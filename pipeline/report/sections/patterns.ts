/** What recurs: n-grams, lines of many documents, repetition within documents. */

import { bars, columns } from '../../../core/page/charts.ts'
import { type Html, html } from '../../../core/page/html.ts'
import { charted, count, type Lang, type Section } from '../../../core/page/page.ts'
import type { CorpusStats, Frequent } from '../measures.ts'
import { estimated, note, sampledNote, share } from '../shown.ts'
import { COMMON } from '../words/common.ts'
import { PATTERNS } from '../words/patterns.ts'
import { errorNote } from './sources.ts'

const CHARTED = 15
const LISTED = 100
/** Characters of a line that are shown. */
const LINE = 160

export function ngrams({ sampled }: CorpusStats, lang: Lang): Section[] {
  const words = PATTERNS[lang]
  if (sampled.ngrams.length === 0) return []
  const body = sampled.ngrams.map(({ order, distinct, frequent }) => {
    const title = words.orders[order - 1] ?? String(order)
    return html`<h3>${title}</h3><p>${words.distinct(estimated(distinct))} ${errorNote(frequent, lang)}</p>${listed(title, frequent, words.run, words.occurrences, undefined, lang)}`
  })
  return [{ id: 'ngrams', title: words.ngrams, body: html`${note(words.ngramsNote)}${sampledNote(sampled, lang)}${body}` }]
}

export function lines({ sampled, total }: CorpusStats, lang: Lang): Section {
  const words = PATTERNS[lang]
  const { distinct, frequent } = sampled.lines
  const shared = frequent.filter(({ count }) => count > 1)
  const head = html`${note(`${words.linesNote} ${words.distinct(estimated(distinct))} ${errorNote(shared, lang)}`)}${sampledNote(sampled, lang)}`
  const body =
    shared.length === 0 ? html`<p>${words.noLines}</p>` : listed(words.lines, shared, words.line, COMMON[lang].documents, total.docs, lang)
  return { id: 'lines', title: words.lines, body: html`${head}${body}` }
}

/** A chart of the first, and a table of them all. */
function listed(title: string, frequent: readonly Frequent[], what: string, counted: string, of: number | undefined, lang: Lang): Html {
  const chart = bars(
    title,
    frequent.slice(0, CHARTED).map(({ text, count }) => ({ name: text, value: count })),
  )
  const rows = frequent
    .slice(0, LISTED)
    .map(({ text, count: n }) => [html`<code>${cut(text)}</code>`, count(n), ...(of === undefined ? [] : [share(n, of)])])
  return charted(chart, COMMON[lang].numbers, [what, counted, ...(of === undefined ? [] : [COMMON[lang].share])], rows)
}

export function cut(text: string): string {
  const characters = [...text]
  return characters.length > LINE ? `${characters.slice(0, LINE).join('')} …` : text
}

export function repetition({ sampled, total }: CorpusStats, lang: Lang): Section {
  const [words, common] = [PATTERNS[lang], COMMON[lang]]
  const of = (title: string, bins: readonly number[]) => {
    const width = 100 / Math.max(1, bins.length)
    const named = (i: number) => `${Math.round(i * width)}–${Math.round((i + 1) * width)}`
    const half = bins.slice(bins.length / 2).reduce((sum, n) => sum + n, 0)
    // Most repeat next to nothing: beside them the others would not be seen.
    const shown = bins.slice(1).some((docs) => docs > 0)
      ? bins.map((value, i) => ({ i, value })).slice(1)
      : bins.map((value, i) => ({ i, value }))
    const chart = columns(
      title,
      shown.map(({ i, value }) => ({ name: String(Math.round(i * width)), value })),
    )
    const rows = bins.flatMap((docs, i) => (docs === 0 ? [] : [[`${named(i)} %`, count(docs), share(docs, total.docs)]]))
    return html`<h3>${title}</h3><p>${words.over(share(bins[0] ?? 0, total.docs), `${Math.round(width)} %`, count(half), share(half, total.docs))}</p>${charted(chart, common.numbers, [words.ofCharacters, common.documents, common.share], rows)}`
  }
  const body = html`${note(words.repetitionNote)}${sampledNote(sampled, lang)}${of(words.inLines, sampled.repetition.lines)}${of(words.inNgrams, sampled.repetition.ngrams)}`
  return { id: 'repetition', title: words.repetition, body }
}
