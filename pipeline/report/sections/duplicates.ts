/** Clusters by size beside FineWeb-2's Korean curve, the largest with their texts, pairs with what differs. */

import { columns, curve } from '../../../core/page/charts.ts'
import { type Html, html, joined } from '../../../core/page/html.ts'
import { charted, count, folded, type Lang, quoted, type Section } from '../../../core/page/page.ts'
import { type ClusterEvidence, type Pair, SIZES } from '../clusters.ts'
import type { Stats } from '../measures.ts'
import { asPercent, beginningOf, fine, idOf, note, share } from '../shown.ts'
import { whyOf } from '../why.ts'
import { COMMON } from '../words/common.ts'
import { DUPLICATES } from '../words/duplicates.ts'
import { cleaned } from './artifacts.ts'

/** FineWeb-2, misc/rehydration, Korean: percent that its filters remove at the sizes of SIZES, and how often it repeats. */
const REMOVED = [77.4, 60.6, 55.9, 50.3, 48.8, 58.0, 69.1, 74.6]
const REPEATS = [1, 2, 2, 3, 3, 2, 1, 1]

export function duplicates(stats: Stats, lang: Lang): Section[] {
  const all = cleaned(stats).filter(({ evidence }) => evidence?.clusters.sizes.some(({ from, docs }) => from > 1 && docs > 0))
  if (all.length === 0) return []
  const body = all.flatMap(({ artifact, evidence }) => {
    if (!evidence) return []
    const { clusters, parts } = evidence
    const partly = parts.looked < parts.all ? html`<p>${DUPLICATES[lang].partly(count(parts.looked), count(parts.all))}</p>` : []
    return html`<h3>${artifact.folder}</h3>${partly}${sizes(clusters, lang)}${largest(clusters, artifact.folder, lang)}${pairs(clusters, artifact.folder, lang)}`
  })
  return [{ id: 'duplicates', title: DUPLICATES[lang].title, body }]
}

/** `3 – 4`, `177 +`. */
const named = (from: number, i: number) => {
  const next = SIZES[i + 1]
  return next === undefined ? `${from}+` : next === from + 1 ? String(from) : `${from}–${next - 1}`
}

function sizes({ sizes }: ClusterEvidence, lang: Lang): Html {
  const words = DUPLICATES[lang]
  const all = sizes.reduce((sum, { docs }) => sum + docs, 0)
  const rows = sizes.map(({ from, clusters, docs }, i) => [
    named(from, i),
    count(clusters),
    count(docs),
    share(docs, all),
    `${REMOVED[i]?.toFixed(1)} %`,
    `× ${REPEATS[i]}`,
  ])
  const own = sizes.map(({ from, docs }, i) => ({ name: named(from, i), value: all === 0 ? 0 : (100 * docs) / all }))
  const theirs = REMOVED.map((value, i) => ({ name: named(SIZES[i] ?? 0, i), value }))
  const { documents, share: part, numbers } = COMMON[lang]
  const head = [words.size, words.clusters, documents, part, words.removed, words.repeats]
  return html`<h4>${words.sizes} (%)</h4>${note(words.sizesNote)}${columns(words.sizes, own, asPercent)}
<h4>${words.curve}</h4>${note(words.curveNote)}${charted(curve(words.curve, theirs, asPercent), numbers, head, rows)}`
}

function largest({ largest }: ClusterEvidence, folder: string, lang: Lang): Html | Html[] {
  const words = DUPLICATES[lang]
  if (largest.length === 0) return []
  const clusters = largest.map(({ size, stays, members }) => {
    const [first] = members
    const texts = [
      html`<p class="about"><b>${words.stays}</b> · ${idOf(stays.id)} · ${stays.source}</p>${beginningOf(stays)}`,
      ...members.map((member) => html`<p class="about">${words.goes} · ${idOf(member.id)} · ${member.source}</p>${beginningOf(member)}`),
      ...(first ? [html`<p class="about">${whyOf(folder, first.id)}</p>`] : []),
    ]
    return folded(
      html`<b>${words.cluster(count(size))}</b> · ${[...stays.text.replace(/\s+/g, ' ')].slice(0, 60).join('')}`,
      html`${texts}`,
    )
  })
  return html`<h4>${words.largest}</h4>${clusters}`
}

function pairs({ went, stayed }: ClusterEvidence, folder: string, lang: Lang): Html {
  const words = DUPLICATES[lang]
  const list = (title: string, note: string, all: readonly Pair[]) =>
    all.length === 0
      ? []
      : html`<h4>${title}</h4><p>${note}</p>${all.slice(0, 3).map((pair) => beside(pair, lang))}${all.length > 3 ? folded(`+ ${all.length - 3}`, html`${all.slice(3).map((pair) => beside(pair, lang))}`) : []}`
  const example = went[0] ? html`<p class="about">${whyOf(folder, went[0].id)}</p>` : []
  return html`${list(words.went, words.wentNote, went)}${example}${list(words.stayed, words.stayedNote, stayed)}`
}

function beside({ id, source, other, score, pieces }: Pair, lang: Lang): Html {
  const words = DUPLICATES[lang]
  const alike = score === undefined ? '' : html`<b>${fine(score)}</b> ${words.alike} · `
  const text = pieces.map(({ text, of }) => (of === 'both' ? text : of === 'other' ? html`<del>${text}</del>` : html`<ins>${text}</ins>`))
  return html`<p class="about">${alike}${idOf(id)} · ${source} · ${words.beside(idOf(other))}</p>${quoted(joined(text))}`
}
