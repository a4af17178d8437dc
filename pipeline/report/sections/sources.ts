/** Whose documents they are: sources, licences, dates, domains, as their metadata say. */

import { bars, columns } from '../../../core/page/charts.ts'
import { type Html, html } from '../../../core/page/html.ts'
import { charted, count, folded, type Lang, type Section, table } from '../../../core/page/page.ts'
import type { CorpusStats } from '../measures.ts'
import { estimated, largestFirst, note, share, size } from '../shown.ts'
import { COMMON } from '../words/common.ts'
import { COMPOSITION } from '../words/composition.ts'

/** Rows of a chart, and of a table. */
const CHARTED = 20
const LISTED = 500
/** Months that have a column each; more are told by year. */
const MONTHS = 48

export function sources({ bySource, total }: CorpusStats, lang: Lang): Section {
  const [words, { documents, bytes, characters, eojeol, source, share: part, numbers }] = [COMPOSITION[lang], COMMON[lang]]
  const all = largestFirst(bySource, (measures) => measures.bytes)
  const chart = bars(
    words.sourcesChart,
    all.slice(0, CHARTED).map(([name, measures]) => ({ name, value: measures.bytes })),
    size,
  )
  const rows = all
    .slice(0, LISTED)
    .map(([name, m]) => [
      name,
      count(m.docs),
      size(m.bytes),
      share(m.bytes, total.bytes),
      count(m.chars),
      count(m.eojeol),
      m.docs === 0 ? '' : count(Math.round(m.chars / m.docs)),
    ])
  const head = [source, documents, bytes, part, characters, eojeol, words.perDocument]
  return { id: 'sources', title: words.sources, body: html`${charted(chart, numbers, head, rows)}${cutNote(all.length, lang)}` }
}

export function provenance(corpus: CorpusStats, lang: Lang): Section[] {
  return [licences(corpus, lang), ...dates(corpus, lang), ...domains(corpus, lang)]
}

function licences({ byLicence, total }: CorpusStats, lang: Lang): Section {
  const [words, { documents, bytes, share: part, unknown, numbers }] = [COMPOSITION[lang], COMMON[lang]]
  const all = largestFirst(byLicence, ({ docs }) => docs).map(([name, counts]) => ({ name: name === '' ? unknown : name, ...counts }))
  const chart = bars(
    words.licences,
    all.slice(0, CHARTED).map(({ name, docs }) => ({ name, value: docs })),
  )
  const rows = all.slice(0, LISTED).map((one) => [one.name, count(one.docs), share(one.docs, total.docs), size(one.bytes)])
  const body = html`${note(words.licencesNote)}${charted(chart, numbers, [words.licence, documents, part, bytes], rows)}${cutNote(all.length, lang)}`
  return { id: 'licences', title: words.licences, body }
}

function dates({ byDate, total }: CorpusStats, lang: Lang): Section[] {
  const [words, { documents, bytes, share: part, unknown }] = [COMPOSITION[lang], COMMON[lang]]
  const known = Object.keys(byDate).filter((date) => date !== '')
  if (known.length === 0) return []
  const byYear = known.length > MONTHS
  const grouped = new Map<string, { docs: number; bytes: number }>()
  for (const date of known.sort()) {
    const name = byYear ? date.slice(0, 4) : date
    const { docs, bytes } = grouped.get(name) ?? { docs: 0, bytes: 0 }
    grouped.set(name, { docs: docs + (byDate[date]?.docs ?? 0), bytes: bytes + (byDate[date]?.bytes ?? 0) })
  }
  const rows = [...grouped, ...(byDate[''] ? [[unknown, byDate['']] as const] : [])]
  const shown = [...grouped].slice(-2 * MONTHS).map(([name, { docs }]) => ({ name, value: docs }))
  const chart = columns(byYear ? words.datesYears : words.datesChart, shown)
  const cells = rows.slice(0, LISTED).map(([name, { docs, bytes }]) => [name, count(docs), share(docs, total.docs), size(bytes)])
  const body = html`${note(words.datesNote)}${charted(chart, COMMON[lang].numbers, [words.date, documents, part, bytes], cells)}`
  return [{ id: 'dates', title: words.dates, body }]
}

function domains({ domains, total }: CorpusStats, lang: Lang): Section[] {
  const [words, { documents, share: part, numbers }] = [COMPOSITION[lang], COMMON[lang]]
  const { frequent, distinct, without } = domains
  if (frequent.length === 0) return []
  const chart = bars(
    words.domains,
    frequent.slice(0, CHARTED).map(({ text, count }) => ({ name: text, value: count })),
  )
  const rows = frequent.map(({ text, count: docs }) => [text, count(docs), share(docs, total.docs)])
  const about = html`<p>${words.domainsNote(estimated(distinct), count(without))} ${errorNote(frequent, lang)}</p>`
  return [{ id: 'domains', title: words.domains, body: html`${about}${charted(chart, numbers, [words.domain, documents, part], rows)}` }]
}

export function errorNote(frequent: readonly { error: number }[], lang: Lang): string {
  const error = frequent.reduce((most, { error }) => Math.max(most, error), 0)
  return error === 0 ? '' : COMPOSITION[lang].atMost(count(error))
}

function cutNote(all: number, lang: Lang): Html | Html[] {
  return all > LISTED ? html`<p>${COMMON[lang].shownOf(LISTED, count(all))}</p>` : []
}

export function metadata({ metadata, total }: CorpusStats, lang: Lang): Section[] {
  const [words, { documents }] = [COMPOSITION[lang], COMMON[lang]]
  if (metadata.length === 0) return []
  const rows = metadata.slice(0, LISTED).map(({ key, docs, distinct }) => [key, count(docs), share(docs, total.docs), estimated(distinct)])
  const values = metadata.slice(0, LISTED).map(({ key, frequent }) => {
    const cells = frequent.slice(0, CHARTED).map(({ text, count: docs }) => [html`<code>${shortened(text)}</code>`, count(docs)])
    return folded(
      html`<b>${key}</b> · ${words.frequent}`,
      html`<p>${errorNote(frequent, lang)}</p>${table([words.frequent, documents], cells)}`,
    )
  })
  const body = html`${note(words.metadataNote)}${table([words.key, documents, words.have, words.values], rows)}${values}`
  return [{ id: 'metadata', title: words.metadata, body }]
}

/** A value may be a text of its own. */
function shortened(value: string): string {
  const characters = [...value]
  return characters.length > 120 ? `${characters.slice(0, 120).join('')} …` : value
}
