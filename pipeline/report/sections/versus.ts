/** Two corpora side by side: what grew, shrank, came and went. */

import { type Pair, pairedBars, pairedColumns, powerName } from '../../../core/page/charts.ts'
import { type Html, html } from '../../../core/page/html.ts'
import { charted, count, folded, type Lang, legend, type Section, table } from '../../../core/page/page.ts'
import type { CorpusStats, Stats } from '../measures.ts'
import { asPercent, note, share, size } from '../shown.ts'
import { COMMON } from '../words/common.ts'
import { COMPOSITION } from '../words/composition.ts'
import { VERSUS } from '../words/versus.ts'
import { cut } from './patterns.ts'
import { hangulOf, languageOf } from './texts.ts'

/** Sources in a chart, and in a table; names in a sentence. */
const CHARTED = 15
const LISTED = 300
const NAMED = 20

export function versus({ documents: after, versus }: Stats, lang: Lang): Section[] {
  if (!versus) return []
  const words = VERSUS[lang]
  const before = versus.documents
  const key = legend([
    { name: words.before, colour: 'second' },
    { name: words.after, colour: 'accent' },
  ])
  const body = html`${note(words.note(versus.artifact))}${measures(before, after, lang)}
<h3>${words.scripts}</h3>${key}${paired(pairedBars, words.scripts, scripts(before, after, lang), lang)}
<h3>${words.lengths}</h3>${key}${paired(pairedColumns, words.lengths, lengths(before, after), lang)}
<h3>${words.languages}</h3>${key}${paired(pairedBars, words.languages, languages(before, after, lang), lang)}
${sources(before, after, key, lang)}
${vanished(before, after, lang)}`
  return [{ id: 'versus', title: words.title, body }]
}

function measures(before: CorpusStats, after: CorpusStats, lang: Lang): Html {
  const [words, common] = [VERSUS[lang], COMMON[lang]]
  const whole = (value: number) => count(Math.round(value))
  const half = ({ sampled, total }: CorpusStats) => {
    const { lines, ngrams } = sampled.repetition
    const most = Math.max(...[lines, ngrams].map((bins) => bins.slice(bins.length / 2).reduce((sum, n) => sum + n, 0)))
    return share(most, total.docs)
  }
  const personal = ({ sampled, total }: CorpusStats) =>
    share(
      Object.values(sampled.personal).reduce((most, { docs }) => Math.max(most, docs), 0),
      total.docs,
    )
  const distinct = ({ distinct: { texts } }: CorpusStats) => `${texts.low === texts.high ? '' : '≈ '}${whole(texts.estimate)}`
  const row = (name: string, of: (corpus: CorpusStats) => number, as: (value: number) => string) => {
    const [was, is] = [of(before), of(after)]
    return [name, as(was), as(is), was === 0 ? '' : `${is >= was ? '+' : '−'}${Math.abs((100 * (is - was)) / was).toFixed(1)} %`]
  }
  const rows = [
    row(common.documents, ({ total }) => total.docs, whole),
    row(common.bytes, ({ total }) => total.bytes, size),
    row(common.characters, ({ total }) => total.chars, whole),
    row(common.eojeol, ({ total }) => total.eojeol, whole),
    row(common.lines, ({ total }) => total.lines, whole),
    row(words.meanLength, ({ lengths }) => lengths.characters.mean, whole),
    [words.distinctTexts, distinct(before), distinct(after), ''],
    [words.hangul, `${hangulOf(before.total).toFixed(1)} %`, `${hangulOf(after.total).toFixed(1)} %`, ''],
    [words.repetition, half(before), half(after), ''],
    [words.personal, personal(before), personal(after), ''],
  ]
  return html`<h3>${words.measures}</h3>${table(['', words.before, words.after, words.change], rows)}`
}

type Draw = typeof pairedBars

function paired(draw: Draw, title: string, rows: readonly Pair[], lang: Lang): Html {
  const words = VERSUS[lang]
  const cells = rows.map(({ name, first, second }) => [name, share(first, 100), share(second, 100)])
  return charted(draw(title, rows, asPercent), COMMON[lang].numbers, ['', words.before, words.after], cells)
}

function scripts(before: CorpusStats, after: CorpusStats, lang: Lang): Pair[] {
  const of = ({ total }: CorpusStats, script: string) => (total.chars === 0 ? 0 : (100 * (total.scripts[script] ?? 0)) / total.chars)
  return Object.keys(after.total.scripts)
    .map((script) => ({ name: COMPOSITION[lang].script[script] ?? script, first: of(before, script), second: of(after, script) }))
    .sort((a, b) => b.second - a.second)
}

function lengths(before: CorpusStats, after: CorpusStats): Pair[] {
  const of = ({ total }: CorpusStats, bin: number) => (total.docs === 0 ? 0 : (100 * (total.lengths[bin] ?? 0)) / total.docs)
  const all = [before, after].map(({ total }) => total.lengths)
  const last = Math.max(...all.map((bins) => bins.findLastIndex((docs) => docs > 0)))
  const first = Math.min(...all.map((bins) => bins.findIndex((docs) => docs > 0)).filter((bin) => bin >= 0), last)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i).map((bin) => ({
    name: powerName(bin),
    first: of(before, bin),
    second: of(after, bin),
  }))
}

function languages(before: CorpusStats, after: CorpusStats, lang: Lang): Pair[] {
  const of = ({ sampled }: CorpusStats, code: string) => {
    const all = Object.values(sampled.languages).reduce((sum, { docs }) => sum + docs, 0)
    return all === 0 ? 0 : (100 * (Object.hasOwn(sampled.languages, code) ? (sampled.languages[code]?.docs ?? 0) : 0)) / all
  }
  const codes = [...new Set([before, after].flatMap(({ sampled }) => Object.keys(sampled.languages)))]
  return codes
    .map((code) => ({ name: languageOf(code, lang), first: of(before, code), second: of(after, code) }))
    .sort((a, b) => b.second - a.second)
    .slice(0, CHARTED)
}

function sources(before: CorpusStats, after: CorpusStats, key: Html, lang: Lang): Html {
  const words = VERSUS[lang]
  const of = ({ bySource }: CorpusStats, source: string) => (Object.hasOwn(bySource, source) ? (bySource[source]?.docs ?? 0) : 0)
  const all = [...new Set([before, after].flatMap(({ bySource }) => Object.keys(bySource)))]
    .map((name) => ({ name, first: of(before, name), second: of(after, name) }))
    .sort((a, b) => Math.max(b.first, b.second) - Math.max(a.first, a.second))
  const named = (some: readonly Pair[]) =>
    [...some.slice(0, NAMED).map(({ name }) => name), ...(some.length > NAMED ? ['…'] : [])].join(', ')
  const gone = all.filter(({ first, second }) => first > 0 && second === 0)
  const fresh = all.filter(({ first, second }) => first === 0 && second > 0)
  const notes = [
    ...(gone.length > 0 ? [html`<p>${words.gone(named(gone))}</p>`] : []),
    ...(fresh.length > 0 ? [html`<p>${words.fresh(named(fresh))}</p>`] : []),
  ]
  const change = ({ first, second }: Pair) =>
    first === 0 || second === first ? '' : `${second > first ? '+' : '−'}${Math.abs((100 * (second - first)) / first).toFixed(1)} %`
  const rows = all.slice(0, LISTED).map((pair) => [pair.name, count(pair.first), count(pair.second), change(pair)])
  const head = [words.source, words.before, words.after, words.change]
  return html`<h3>${words.sources}</h3>${notes}${key}${pairedBars(words.sources, all.slice(0, CHARTED))}${folded(COMMON[lang].numbers, table(head, rows))}`
}

function vanished(before: CorpusStats, after: CorpusStats, lang: Lang): Html {
  const words = VERSUS[lang]
  const still = new Set(after.sampled.lines.frequent.map(({ text }) => text))
  const gone = before.sampled.lines.frequent.filter(({ text, count }) => count > 1 && !still.has(text))
  const rows = gone.slice(0, 3 * NAMED).map(({ text, count: docs }) => [html`<code>${cut(text)}</code>`, count(docs)])
  if (rows.length === 0) return html`<h3>${words.lines}</h3><p>${words.noLines}</p>`
  return html`<h3>${words.lines}</h3>${note(words.linesNote)}${table([words.line, COMMON[lang].documents], rows)}`
}
