/** Of each rule: drops at random, kept documents that came nearest, and what a threshold a tenth off would do. */

import { bars } from '../../../core/page/charts.ts'
import { type Html, html } from '../../../core/page/html.ts'
import { count, folded, type Lang, type Section, table } from '../../../core/page/page.ts'
import type { Excerpt, ReasonEvidence } from '../evidence.ts'
import type { Stats } from '../measures.ts'
import { asPercent, beginningOf, fine, idOf, note, share } from '../shown.ts'
import { whyOf } from '../why.ts'
import { COMMON } from '../words/common.ts'
import { numberIn } from '../words/numbers.ts'
import { RULES } from '../words/rules.ts'
import { cleaned } from './artifacts.ts'

type Cleaned = ReturnType<typeof cleaned>[number] & { evidence: NonNullable<ReturnType<typeof cleaned>[number]['evidence']> }

export function rules(stats: Stats, lang: Lang): Section[] {
  const words = RULES[lang]
  const all = cleaned(stats).filter((one): one is Cleaned => one.evidence !== undefined && one.evidence.reasons.length > 0)
  if (all.length === 0) return []
  const body = all.map((one) => {
    const { artifact, evidence } = one
    const { looked, all } = evidence.parts
    const shown = evidence.reasons.filter(({ count, kept }) => count.docs > 0 || kept.length > 0)
    const partly = looked < all ? html`<p>${words.looked(count(looked), count(all))}</p>` : []
    return html`<h3>${artifact.folder}</h3>${partly}${thresholds(one, lang)}<h3>${words.sides}</h3>${shown.map((reason) => sides(reason, artifact.folder, lang))}`
  })
  return [{ id: 'rules', title: words.title, body: html`${note(words.note)}${body}` }]
}

function thresholds({ evidence, totals }: Cleaned, lang: Lang): Html | Html[] {
  const words = RULES[lang]
  const all = evidence.reasons.filter(({ threshold, reason }) => threshold !== undefined && threshold !== 0 && reason !== 'malformed')
  const judged = all.filter(({ count, tightened }) => count.docs > 0 || tightened.go > 0)
  if (judged.length === 0) return []
  const idle = all.length > judged.length ? note(words.idle(count(all.length - judged.length))) : []
  const going = judged
    .map(({ reason, tightened }) => ({ name: reason, value: tightened.looked === 0 ? 0 : (100 * tightened.go) / tightened.looked }))
    .filter(({ value }) => value > 0)
    .sort((a, b) => b.value - a.value)
  const rows = judged.map(({ reason, number, threshold = 0, count: drops, loosened, tightened }) => [
    html`${reason}<br><small>${numberIn(lang, number)}</small>`,
    fine(threshold),
    count(drops.docs),
    scaled(loosened.pass, loosened.looked, drops.docs),
    scaled(tightened.go, tightened.looked, (totals.kept.docs * tightened.looked) / Math.max(1, evidence.measured)),
  ])
  const head = [words.rule, words.threshold, words.drops, words.pass, words.go]
  return html`<h3>${words.thresholds}</h3>${note(words.thresholdsNote)}${going.length > 0 ? bars(words.chart, going, asPercent) : []}${folded(COMMON[lang].numbers, html`${table(head, rows)}${idle}`)}`
}

/** A share of what was looked at, and how many documents that are of all. */
function scaled(part: number, looked: number, all: number): string {
  if (looked === 0 || all === 0) return ''
  if (part === 0) return '0'
  const docs = looked >= all ? count(part) : `≈ ${count(Math.round((part / looked) * all))}`
  return `${docs} (${share(part, looked)})`
}

function sides({ reason, number, threshold, count: drops, dropped, kept }: ReasonEvidence, folder: string, lang: Lang): Html {
  const words = RULES[lang]
  const at = threshold === undefined || !number ? '' : ` · ${numberIn(lang, number)}, ${words.threshold} ${fine(threshold)}`
  const line = html`<b>${reason}</b> · ${count(drops.docs)} ${COMMON[lang].documents}${at}`
  const first = dropped[0]
  const inside = html`${dropped.length > 0 ? html`<h4>${words.dropped}</h4>` : []}${dropped.map((one) => excerpt(one, lang))}
${first ? html`<p class="about">${words.explain} ${whyOf(folder, first.id)}</p>` : []}
${threshold === undefined ? [] : html`<h4>${words.kept}</h4>${kept.length > 0 ? kept.map((one) => excerpt(one, lang)) : html`<p>${words.noKept}</p>`}`}`
  return folded(line, inside)
}

function excerpt({ id, source, chars, text, value, against }: Excerpt, lang: Lang): Html {
  const met = against ? ` · ${RULES[lang].with(idOf(against.id), against.file)}` : ''
  const judged = value === undefined ? '' : html`<b>${fine(value)}</b> · `
  return html`<p class="about">${judged}${idOf(id)} · ${source} · ${COMMON[lang].charactersOf(count(chars))}${met}</p>${beginningOf({ chars, text })}`
}
