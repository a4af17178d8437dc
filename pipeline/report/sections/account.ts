/** Read = kept + drops: of each artifact that accounts for documents, by stage and reason, and what sources lost. */

import { bars } from '../../../core/page/charts.ts'
import { type Html, html } from '../../../core/page/html.ts'
import { charted, count, folded, type Lang, legend, type Section, table } from '../../../core/page/page.ts'
import type { Stats } from '../measures.ts'
import { asPercent, largestFirst, note, share, size } from '../shown.ts'
import { ACCOUNT } from '../words/account.ts'
import { COMMON } from '../words/common.ts'
import { type Account, accountsOf, addsUp, cleaned, lossesOf } from './artifacts.ts'

type Cleaned = ReturnType<typeof cleaned>[number]

/** Sources in a chart, and in a table. */
const CHARTED = 20
const LISTED = 500
/** Stages that drop a smaller share of what was read stand in the table alone. */
const CHARTED_LOSS = 0.0005

export function account(stats: Stats, lang: Lang): Section[] {
  const words = ACCOUNT[lang]
  const all = cleaned(stats)
  const others = accountsOf(stats).filter(({ artifact }) => !all.some((one) => one.artifact === artifact))
  const bodies = all.map(
    (one) => html`<h3>${one.artifact.folder}</h3>${identity(one, lang)}${stages(one, lang)}${reasons(one, lang)}${cuts(one, lang)}`,
  )
  if (others.length > 0) {
    const lines = others.map(
      (one) => html`<h4>${COMMON[lang].artifact(one.artifact.record.kind, one.artifact.folder)}</h4>${identity(one, lang)}`,
    )
    bodies.push(all.length > 0 ? html`<h3>${words.others}</h3>${lines}` : html`${lines}`)
  }
  const losing = all.filter(({ ledger }) => Object.keys(ledger).length > 0)
  return [
    ...(bodies.length > 0 ? [{ id: 'account', title: words.title, body: bodies }] : []),
    ...(losing.length > 0 ? [{ id: 'loss', title: words.loss, body: losing.map((one) => losses(one, lang)) }] : []),
  ]
}

function identity({ totals }: Account, lang: Lang): Html {
  const words = ACCOUNT[lang]
  if (!addsUp(totals)) return html`<p class="stop">${words.broken}</p>`
  const dropped = Object.values(totals.dropped).reduce((sum, { docs }) => sum + docs, 0)
  const { read, kept, malformed } = totals
  return html`<p><span class="ok">✓</span> ${words.holds(count(read.docs), count(kept.docs), count(dropped), count(malformed.docs))}</p>`
}

function stages({ funnel, totals }: Cleaned, lang: Lang): Html {
  const words = ACCOUNT[lang]
  const dropping = funnel.total.filter(({ dropped }) => dropped.docs > CHARTED_LOSS * totals.read.docs)
  const chart = bars(words.stages, [
    { name: words.read, value: totals.read.docs },
    ...dropping.map(({ stage, docs, dropped }) => ({ name: stage, value: docs - dropped.docs, lost: dropped.docs })),
    { name: words.kept, value: totals.kept.docs },
  ])
  const key = legend([
    { name: words.left, colour: 'accent' },
    { name: words.dropped, colour: 'second' },
  ])
  const rows = funnel.total.map(({ stage, docs, bytes, dropped, seconds }) => [
    stage,
    count(docs),
    size(bytes),
    dropped.docs > 0 ? count(dropped.docs) : '',
    dropped.docs > 0 ? size(dropped.bytes) : '',
    seconds.toFixed(2),
    seconds > 0 ? `${size(Math.round(bytes / seconds))}/s` : '',
  ])
  const head = [words.stage, words.into, words.textInto, words.dropped, words.droppedText, words.seconds, words.rate]
  return html`<h3>${words.stages}</h3>${note(words.stagesNote)}${chart}${key}${folded(words.allStages, table(head, rows))}`
}

function reasons({ totals }: Cleaned, lang: Lang): Html | Html[] {
  const words = ACCOUNT[lang]
  const { dropped, malformed, read } = totals
  const all = largestFirst({ ...dropped, ...(malformed.docs > 0 && { malformed }) }, ({ docs }) => docs)
  if (all.length === 0) return []
  const chart = bars(
    words.reasons,
    all.map(([name, { docs }]) => ({ name, value: docs })),
  )
  const rows = all.map(([reason, { docs, bytes }]) => [reason, count(docs), share(docs, read.docs), size(bytes), share(bytes, read.bytes)])
  const { documents, bytes, share: part, numbers } = COMMON[lang]
  return html`<h3>${words.reasons}</h3>${charted(chart, numbers, [words.reason, documents, part, bytes, part], rows)}`
}

function cuts({ totals }: Cleaned, lang: Lang): Html | Html[] {
  const words = ACCOUNT[lang]
  const all = largestFirst(totals.cut ?? {}, ({ docs }) => docs)
  if (all.length === 0) return []
  const rows = all.map(([kind, { docs, hits, bytes }]) => [kind, count(docs), count(hits), size(bytes)])
  return html`<h3>${words.cuts}</h3>${table([words.kind, COMMON[lang].documents, words.hits, COMMON[lang].bytes], rows)}`
}

function losses({ artifact, ledger, funnel }: Cleaned, lang: Lang): Html {
  const words = ACCOUNT[lang]
  const all = lossesOf(ledger)
  const chart = bars(
    words.loss,
    all.slice(0, CHARTED).map(({ source, documents, level }) => ({
      name: source,
      value: 100 * documents,
      ...(level !== 'fine' && { colour: `var(--${level})` }),
    })),
    asPercent,
  )
  const rows = all
    .slice(0, LISTED)
    .map(({ source, counts, documents, text, level, most }) => [
      source,
      level === 'fine' ? html`<span class="ok">${words.fine}</span>` : html`<span class="${level}">${words[level]}</span>`,
      count(counts.read.docs),
      count(counts.kept.docs),
      share(documents, 1),
      share(text, 1),
      most,
    ])
  const head = [COMMON[lang].source, '', words.read, words.kept, words.lost, words.lostText, words.most]
  const dropping = funnel.total.filter(({ dropped }) => dropped.docs > 0).map(({ stage }) => stage)
  const matrix = all.slice(0, LISTED).map(({ source }) => {
    const own = Object.hasOwn(funnel.sources, source) ? (funnel.sources[source] ?? []) : []
    return [source, ...dropping.map((stage) => lostAt(own.find((row) => row.stage === stage)?.dropped.docs ?? 0))]
  })
  const cut = all.length > LISTED ? html`<p>${COMMON[lang].shownOf(LISTED, count(all.length))}</p>` : []
  return html`<h3>${artifact.folder}</h3>${note(words.lossNote)}${chart}${cut}${table(head, rows.slice(0, CHARTED))}${rows.length > CHARTED ? folded(`+ ${rows.length - CHARTED}`, table(head, rows.slice(CHARTED))) : []}
${folded(words.matrix, table([COMMON[lang].source, ...dropping], matrix))}`
}

const lostAt = (docs: number) => (docs === 0 ? '' : count(docs))
