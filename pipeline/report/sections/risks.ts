/** What must not be trained on: personal data, and what evaluation sets ask. */

import { bars } from '../../../core/page/charts.ts'
import { type Html, html } from '../../../core/page/html.ts'
import { charted, count, folded, type Lang, quoted, type Section, table } from '../../../core/page/page.ts'
import type { AgainstCounts } from '../../decontaminate.ts'
import type { Stats } from '../measures.ts'
import { asPercent, largestFirst, note, sampledNote, share, size } from '../shown.ts'
import { COMMON } from '../words/common.ts'
import { PATTERNS } from '../words/patterns.ts'
import { cleaned } from './artifacts.ts'

/** Kinds of what `clean` cuts that are no personal data. */
const CUTS = ['byline', 'footer', 'evaluation', 'line']

export function personal(stats: Stats, lang: Lang): Section {
  const [words, common] = [PATTERNS[lang], COMMON[lang]]
  const { sampled, total } = stats.documents
  const found = largestFirst(sampled.personal, ({ docs }) => docs)
  const rows = found.map(([kind, { docs, hits }]) => [kindOf(kind, lang), count(docs), share(docs, total.docs), count(hits)])
  const chart = bars(
    words.personal,
    found.map(([kind, { docs }]) => ({ name: kindOf(kind, lang), value: docs })),
  )
  const head = [words.kind, common.documents, common.share, words.hits]
  const examples = found.flatMap(([kind, { examples }]) =>
    examples.length === 0
      ? []
      : [folded(html`<b>${kindOf(kind, lang)}</b> · ${words.examples}`, html`${examples.map((text) => quoted(text))}`)],
  )
  const body = found.length === 0 ? html`<p>${words.none}</p>` : html`${charted(chart, common.numbers, head, rows)}${examples}`
  return {
    id: 'personal',
    title: words.personal,
    body: html`${note(words.personalNote)}${sampledNote(sampled, lang)}${body}${masked(stats, lang)}`,
  }
}

function masked(stats: Stats, lang: Lang): Html | Html[] {
  const [words, common] = [PATTERNS[lang], COMMON[lang]]
  const rows = cleaned(stats).flatMap(({ totals }) =>
    largestFirst(totals.cut ?? {}, ({ docs }) => docs)
      .filter(([kind]) => !CUTS.includes(kind))
      .map(([kind, { docs, hits, bytes }]) => [kindOf(kind, lang), count(docs), count(hits), size(bytes)]),
  )
  if (rows.length === 0) return []
  return html`<h3>${words.masked}</h3>${note(words.maskedNote)}${table([words.kind, common.documents, words.hits, common.bytes], rows)}`
}

export function kindOf(kind: string, lang: Lang): string {
  const { kinds } = PATTERNS[lang]
  return Object.hasOwn(kinds, kind) ? `${kinds[kind]} (${kind})` : kind
}

/** Of each evaluation file that `clean` was given, what documents met. */
export function metBy(stats: Pick<Stats, 'artifacts'>): { folder: string; sets: AgainstCounts[]; contaminated: number }[] {
  return cleaned(stats).flatMap(({ artifact, totals }) => {
    const { against = [] } = totals as { against?: AgainstCounts[] }
    return against.length > 0 ? [{ folder: artifact.folder, sets: against, contaminated: totals.dropped.contaminated?.docs ?? 0 }] : []
  })
}

export function overlap(stats: Stats, lang: Lang): Section {
  const words = PATTERNS[lang]
  const met = metBy(stats)
  const body = met.map(({ folder, sets, contaminated }) => {
    const rows = sets.map(({ file, items, used, met }) => [file, count(items), count(used), count(met), share(met, used)])
    const chart = bars(
      words.against,
      sets.map(({ file, used, met }) => ({ name: file.split('/').at(-1) ?? file, value: used === 0 ? 0 : (100 * met) / used })),
      asPercent,
    )
    const head = [words.set, words.items, words.used, words.met, words.metShare]
    return html`<h3>${folder}</h3>${charted(chart, COMMON[lang].numbers, head, rows)}<p>${words.contaminated(count(contaminated))}</p>`
  })
  return { id: 'overlap', title: words.overlap, body: html`${note(met.length > 0 ? words.overlapNote : words.overlapUnknown)}${body}` }
}
