/** What the texts are like: lengths, scripts, languages. */

import { bars, histogram } from '../../../core/page/charts.ts'
import { html } from '../../../core/page/html.ts'
import { charted, count, folded, type Lang, type Section, table } from '../../../core/page/page.ts'
import type { CorpusStats, Measures, Quantiles } from '../measures.ts'
import { asPercent, largestFirst, note, sampledNote, share, size } from '../shown.ts'
import { COMMON } from '../words/common.ts'
import { COMPOSITION } from '../words/composition.ts'

const CHARTED = 20
const LISTED = 500

export function lengths({ total, lengths }: CorpusStats, lang: Lang): Section {
  const [words, common] = [COMPOSITION[lang], COMMON[lang]]
  const rows = total.lengths.flatMap((docs, bin) =>
    docs === 0 ? [] : [[bin === 0 ? '0' : `${count(2 ** (bin - 1))} – ${count(2 ** bin - 1)}`, count(docs), share(docs, total.docs)]],
  )
  const chart = charted(
    histogram(words.lengthsChart, total.lengths),
    common.numbers,
    [common.characters, common.documents, common.share],
    rows,
  )
  const of: [string, Quantiles][] = [
    [common.characters, lengths.characters],
    [common.eojeol, lengths.eojeol],
    [common.lines, lengths.lines],
  ]
  const whole = (value: number | undefined) => (value === undefined ? '' : count(Math.round(value)))
  const quantiles = [
    [words.mean, ...of.map(([, { mean }]) => count(Number(mean.toFixed(1))))],
    [words.least, ...of.map(([, { least }]) => whole(least))],
    ...lengths.characters.quantiles.map(({ share }, i) => [
      `${Number((100 * share).toFixed(2))} %`,
      ...of.map(([, { quantiles }]) => whole(quantiles[i]?.value)),
    ]),
    [words.most, ...of.map(([, { most }]) => whole(most))],
  ]
  const error = `${Number((100 * lengths.characters.relativeError).toPrecision(2))} %`
  const body = html`${note(words.lengthsNote)}${chart}
<h3>${words.quantiles}</h3>${note(words.quantilesNote(error))}${table(['', ...of.map(([name]) => name)], quantiles)}`
  return { id: 'lengths', title: words.lengths, body }
}

const LETTERS = ['syllables', 'jamo', 'hanja', 'kana', 'latin'] as const

/** Percent of the letters that are Hangul. */
export function hangulOf({ scripts }: Measures): number {
  const of = (script: string) => scripts[script] ?? 0
  const letters = LETTERS.reduce((sum, script) => sum + of(script), 0)
  return letters === 0 ? 0 : (100 * (of('syllables') + of('jamo'))) / letters
}

export function scripts({ total, bySource }: CorpusStats, lang: Lang): Section {
  const [words, common] = [COMPOSITION[lang], COMMON[lang]]
  const all = largestFirst(total.scripts, (n) => n).map(([script, value]) => ({ name: words.script[script] ?? script, value }))
  const chart = charted(
    bars(words.scriptsChart, all),
    common.numbers,
    ['', common.characters, common.share],
    all.map(({ name, value }) => [name, count(value), share(value, total.chars)]),
  )
  const sources = largestFirst(bySource, ({ bytes }) => bytes).slice(0, LISTED)
  const hangul = sources
    .slice(0, CHARTED)
    .map(([name, measures]) => ({ name, value: hangulOf(measures) }))
    .sort((a, b) => b.value - a.value)
  const names = Object.keys(total.scripts)
  const rows = sources.map(([name, { scripts, chars }]) => [name, ...names.map((script) => share(scripts[script] ?? 0, chars))])
  const head = [common.source, ...names.map((script) => words.script[script] ?? script)]
  const body = html`${note(words.scriptsNote)}${chart}
<h3>${words.bySource}</h3>${note(words.bySourceNote)}${bars(words.bySource, hangul, asPercent)}${folded(common.numbers, table(head, rows))}`
  return { id: 'scripts', title: words.scripts, body }
}

export function languages({ sampled }: CorpusStats, lang: Lang): Section {
  const [words, common] = [COMPOSITION[lang], COMMON[lang]]
  const all = largestFirst(sampled.languages, ({ docs }) => docs)
  const docs = all.reduce((sum, [, { docs }]) => sum + docs, 0)
  const chart = bars(
    words.languagesChart,
    all.slice(0, CHARTED).map(([code, { docs }]) => ({ name: languageOf(code, lang), value: docs })),
  )
  const rows = all.map(([code, counts]) => [languageOf(code, lang), count(counts.docs), share(counts.docs, docs), size(counts.bytes)])
  const body = html`${note(words.languagesNote)}${sampledNote(sampled, lang)}${charted(chart, common.numbers, [words.language, common.documents, common.share, common.bytes], rows)}`
  return { id: 'languages', title: words.languages, body }
}

/** The language of a code by its name, where it is one. */
export function languageOf(code: string, lang: Lang): string {
  const { scriptOnly } = COMPOSITION[lang]
  if (Object.hasOwn(scriptOnly, code)) return scriptOnly[code] ?? code
  if (!/^[a-z]{2,3}$/.test(code)) return code
  return new Intl.DisplayNames([lang], { type: 'language' }).of(code) ?? code
}
