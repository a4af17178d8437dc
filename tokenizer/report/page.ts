/** The report as one HTML file: no network, light and dark, the tokens of examples coloured. */

import { bars, columns } from '../../core/page/charts.ts'
import { type Html, html, joined } from '../../core/page/html.ts'
import { count, figures, type Lang, pageOf, percent, table } from '../../core/page/page.ts'
import { shownInText, shownToken } from '../../core/page/token.ts'
import type { CountedToken, Report } from './numbers.ts'
import { WORDS, type Words } from './words.ts'

/** What a list of the page holds at the most; report.json has all. */
const ROWS = 30
const UNUSED = 300
const SOURCES = 64
/** Lengths of tokens that have a column of their own. */
const LENGTHS = 16

const STYLE = `
.tokens { white-space: pre-wrap; overflow-wrap: anywhere; contain: paint; line-height: 1.9; padding: .6rem .8rem; border: 1px solid var(--line); border-radius: 6px; margin: 0 0 .8rem }
.tokens span, code { unicode-bidi: isolate; border-radius: 3px }
.t0 { background: hsl(215 80% 55% / .24) } .t1 { background: hsl(28 85% 52% / .26) } .t2 { background: hsl(145 60% 42% / .25) } .t3 { background: hsl(280 60% 60% / .24) } .t4 { background: hsl(355 70% 58% / .22) }
.part { outline: 1px dashed var(--second); outline-offset: -1px; font: .75em ui-monospace, monospace }
code { font: .9em ui-monospace, "Noto Sans Mono CJK KR", monospace; background: hsl(215 30% 50% / .13); padding: 0 .2em; white-space: pre-wrap; overflow-wrap: anywhere }
.many code { display: inline-block; margin: .1rem .15rem; max-width: 100%; contain: paint }
h3 { font-size: .95rem; margin: 1.2rem 0 .3rem; overflow-wrap: anywhere }
`

export function renderReport(report: Report, lang: Lang): string {
  const words = WORDS[lang]
  const lists = [
    tokens(words.mostFrequent, '', report.mostFrequent, words),
    tokens(words.longest, '', report.longest, words),
    tokens(words.rarest, words.rarestNote, report.rarest, words),
  ]
  return pageOf({ lang, title: words.title, style: STYLE }, [
    overview(report, words),
    sources(report, words),
    quality(report, words),
    lengths(report, words),
    examples(report, words),
    ...lists,
    unused(report, words),
    html`<section><h2>${words.configuration}</h2><pre>${JSON.stringify(report.configuration, null, 2)}</pre></section>`,
  ])
}

function overview({ corpus, vocabulary, quality }: Report, words: Words): Html {
  return figures([
    [corpus.docs, words.documents],
    [corpus.bytes, words.bytes],
    [corpus.characters, words.characters],
    [corpus.eojeol, words.eojeol],
    [quality.tokens, words.tokens],
    [vocabulary.size, words.vocabulary],
    [fixed(quality.tokensPerCharacter), words.perCharacter],
    [fixed(quality.tokensPerEojeol), words.perEojeol],
    [fixed(quality.bytesPerToken), words.bytesPerToken],
    [vocabulary.unused, words.unusedCount],
  ])
}

function sources({ sources, otherSources }: Report, words: Words): Html {
  const shown = sources.slice(0, SOURCES)
  const rows = shown.map(({ source, docs, sample, tokensPerCharacter, tokensPerEojeol, bytesPerToken, cutShare }) => [
    source,
    fixed(tokensPerCharacter),
    fixed(tokensPerEojeol),
    fixed(bytesPerToken),
    share(cutShare),
    count(docs),
    count(sample.docs),
    count(sample.characters),
  ])
  const chart = bars(
    words.perCharacter,
    shown.slice(0, 20).map(({ source, tokensPerCharacter }) => ({ name: source, value: tokensPerCharacter })),
  )
  const head = [
    words.source,
    words.perCharacter,
    words.perEojeol,
    words.bytesPerToken,
    words.cutShare,
    words.documents,
    words.sampledDocuments,
    words.sampledCharacters,
  ]
  const note = otherSources > 0 ? html`<p>${words.others(otherSources)}</p>` : []
  return html`<section><h2>${words.sources}</h2><p>${words.sourcesNote}</p>${note}${chart}${table(head, rows)}</section>`
}

function quality({ quality }: Report, words: Words): Html {
  const cut = [
    [words.cutOccurrences, count(quality.cutOccurrences), share(quality.cutOccurrenceShare)],
    [words.cutTokens, count(quality.cutTokens), share(quality.cutTokenShare)],
  ]
  return html`<section><h2>${words.cut}</h2><p>${words.cutNote}</p>${table(['', words.tokens, words.share], cut)}
<h2>${words.renyi}</h2><p>${words.renyiNote}</p>${figures([[fixed(quality.renyiEfficiency), words.quality]])}</section>`
}

function lengths({ lengths, quality }: Report, words: Words): Html {
  const all = lengths.reduce((sum, { tokens }) => sum + tokens, 0)
  const own = lengths.filter(({ characters }) => characters <= LENGTHS)
  const longer = lengths.filter(({ characters }) => characters > LENGTHS)
  const rows = own.map(({ characters, tokens, occurrences }) => ({ name: String(characters), tokens, occurrences }))
  if (longer.length > 0) {
    const sum = (what: 'tokens' | 'occurrences') => longer.reduce((n, length) => n + length[what], 0)
    rows.push({ name: `> ${LENGTHS}`, tokens: sum('tokens'), occurrences: sum('occurrences') })
  }
  const chart = columns(
    words.lengths,
    rows.map(({ name, tokens }) => ({ name, value: tokens })),
  )
  const cells = rows.map(({ name, tokens, occurrences }) => [
    name,
    count(tokens),
    percent(tokens, all),
    count(occurrences),
    percent(occurrences, quality.tokens),
  ])
  return html`<section><h2>${words.lengths}</h2><p>${words.lengthsNote}</p>${chart}${table([words.characters, words.vocabulary, words.share, words.occurrences, words.share], cells)}</section>`
}

function examples({ examples }: Report, words: Words): Html {
  const shown = examples.map(({ id, source, pieces }) => {
    const spans = pieces.map(({ id, bytes }, at) => {
      const { shown, isPart } = shownInText(Buffer.from(bytes, 'hex'))
      const title = isPart ? `${id}: ${bytes.replace(/..(?=.)/g, '$& ')}` : String(id)
      return html`<span class="t${at % 5}${isPart ? ' part' : ''}" title="${title}">${shown}</span>`
    })
    return html`<h3>${source} · ${words.id} ${typeof id === 'string' ? id : JSON.stringify(id)}</h3><div class="tokens">${joined(spans)}</div>`
  })
  return html`<section><h2>${words.examples}</h2><p>${words.examplesNote}</p>${shown}</section>`
}

function tokens(title: string, note: string, tokens: readonly CountedToken[], words: Words): Html {
  const rows = tokens
    .slice(0, ROWS)
    .map(({ id, bytes, count: occurs }) => [html`<code>${shownToken(Buffer.from(bytes, 'hex'))}</code>`, String(id), count(occurs)])
  return html`<section><h2>${title}</h2>${note ? html`<p>${note}</p>` : []}${table([words.token, words.id, words.count], rows)}</section>`
}

function unused({ unused }: Report, words: Words): Html {
  const shown = unused.slice(0, UNUSED)
  const tokens = shown.map(({ id, bytes }) => html`<code title="${id}">${shownToken(Buffer.from(bytes, 'hex'))}</code>`)
  return html`<section><h2>${words.unused}</h2><p>${words.unusedNote(shown.length, unused.length)}</p><div class="many">${joined(tokens)}</div></section>`
}

function fixed(value: number): string {
  return value.toFixed(3)
}

function share(value: number): string {
  return `${(100 * value).toFixed(2)} %`
}
