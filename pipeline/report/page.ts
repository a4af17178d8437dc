/** The report as one HTML file: no network, light and dark, every chart with its numbers as a table beneath. */

import type { Counts } from '../../core/ledger.ts'
import { bars, curves, histogram } from './charts.ts'
import { Html, html } from './html.ts'
import type { ArtifactStats, Measures, Stats } from './measures.ts'
import { WORDS, type Words } from './words.ts'

const STYLE = `
:root { color-scheme: light dark; --ink: #1a1d21; --soft: #5c6670; --paper: #fff; --line: #dfe3e8; --accent: #2f6fdb; --second: #c2571a }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --soft: #9aa4ae; --paper: #14171a; --line: #2e343b; --accent: #6ea0ff; --second: #f09a5f } }
body { font: 16px/1.55 system-ui, "Noto Sans KR", "Apple SD Gothic Neo", sans-serif; color: var(--ink); background: var(--paper); max-width: 46rem; margin: 0 auto; padding: 2rem 1rem 4rem }
h1 { font-size: 1.7rem; margin: 0 0 1.2rem } h2 { font-size: 1.15rem; margin: 2.6rem 0 .4rem }
p { color: var(--soft); margin: .2rem 0 .8rem }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .6rem 1.4rem }
.figures b { display: block; font-size: 1.5rem; font-weight: 600; font-variant-numeric: tabular-nums }
.figures span { color: var(--soft) }
svg { max-width: 100%; height: auto; color: var(--ink) }
.wide { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums }
th, td { text-align: right; padding: .25rem .5rem; border-bottom: 1px solid var(--line) } th:first-child, td:first-child { text-align: left; overflow-wrap: anywhere }
th { font-weight: 600; color: var(--soft) }
pre { font-size: .8rem; overflow-x: auto; padding: .8rem; border: 1px solid var(--line); border-radius: 6px }
@media print { body { max-width: none } section { break-inside: avoid } }
`

export function renderReport(stats: Stats, lang: 'en' | 'ko'): string {
  const words = WORDS[lang]
  const { total, bySource } = stats.documents
  const page = html`<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${words.title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<h1>${words.title}</h1>
${total.docs > 0 ? [corpus(total, words), lengths(total, words), scripts(total, words), sources(bySource, words)] : []}
${stats.artifacts.map((artifact) => section(artifact, words))}
</body>
</html>
`
  return page.text
}

function corpus(total: Measures, words: Words): Html {
  const figure = (value: number, name: string) => html`<div><b>${count(value)}</b><span>${name}</span></div>`
  return html`<div class="figures">${[
    figure(total.docs, words.documents),
    figure(total.bytes, words.bytes),
    figure(total.chars, words.characters),
    figure(total.eojeol, words.eojeol),
  ]}</div>`
}

function lengths({ lengths, docs }: Measures, words: Words): Html {
  const rows = lengths.flatMap((n, bin) =>
    n === 0 ? [] : [[bin === 0 ? '0' : `${count(2 ** (bin - 1))} – ${count(2 ** bin - 1)}`, count(n), percent(n, docs)]],
  )
  return html`<section><h2>${words.lengths}</h2><p>${words.lengthsNote}</p>${histogram(words.lengths, lengths)}${table([words.characters, words.documents, words.share], rows)}</section>`
}

function scripts({ scripts, chars }: Measures, words: Words): Html {
  const rows = Object.entries(scripts)
    .filter(([, n]) => n > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([script, value]) => ({ name: words.script[script] ?? script, value }))
  const cells = rows.map(({ name, value }) => [name, count(value), percent(value, chars)])
  return html`<section><h2>${words.scripts}</h2>${bars(words.scripts, rows)}${table(['', words.characters, words.share], cells)}</section>`
}

function sources(bySource: Record<string, Measures>, words: Words): Html {
  const largest = Object.entries(bySource).sort(([, a], [, b]) => b.bytes - a.bytes)
  const rows = largest.map(([name, m]) => [name, count(m.docs), count(m.bytes), count(m.chars), count(m.eojeol)])
  const shown = largest.slice(0, 20).map(([name, { bytes }]) => ({ name, value: bytes }))
  return html`<section><h2>${words.sources}</h2>${bars(words.sources, shown)}${table([words.source, words.documents, words.bytes, words.characters, words.eojeol], rows)}</section>`
}

function section(artifact: ArtifactStats, words: Words): Html {
  const { record, folder, metrics } = artifact
  const totals = record.totals as Partial<Counts> | undefined
  return html`<section><h2>${words.artifact}: ${record.kind} (${folder})</h2>
${isAccount(totals) ? funnel(totals, words) : []}
${figures(record.totals)}
${metrics.length > 0 ? training(metrics, words) : []}
<h2>${words.configuration}</h2>
<pre>${JSON.stringify(record.configuration, null, 2)}</pre></section>`
}

/** What else a command counted (tokens, shards, losses), by its own names. */
function figures(totals: unknown): Html | Html[] {
  const rows = flat(totals).filter(([name]) => !/^(read|kept|dropped|malformed|damaged|written)\b/.test(name))
  if (rows.length === 0) return []
  return html`<div class="wide"><table><tbody>${rows.map(([name, value]) => html`<tr><td>${name}</td><td>${count(value)}</td></tr>`)}</tbody></table></div>`
}

function flat(value: unknown, name = ''): [name: string, value: number][] {
  if (typeof value === 'number') return [[name, value]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => flat(inner, name ? `${name}.${key}` : key))
}

/** Of a command that accounts for documents; `train` and `sample` have totals of another kind. */
function isAccount(totals: Partial<Counts> | undefined): totals is Counts {
  return totals?.read !== undefined && totals.dropped !== undefined
}

function funnel(totals: Counts, words: Words): Html {
  const rows: [string, Counts['read']][] = [
    [words.read, totals.read],
    ...Object.entries(totals.dropped).map(([reason, n]): [string, Counts['read']] => [`− ${reason}`, n]),
    [`− ${words.malformed}`, totals.malformed],
    [words.kept, totals.kept],
  ]
  const chart = bars(
    words.funnel,
    rows.map(([name, { docs }]) => ({ name, value: docs })),
  )
  const cells = rows.map(([name, n]) => [
    name,
    count(n.docs),
    percent(n.docs, totals.read.docs),
    count(n.bytes),
    percent(n.bytes, totals.read.bytes),
  ])
  return html`<h2>${words.funnel}</h2><p>${words.funnelNote}</p>${chart}${table(['', words.documents, words.share, words.bytes, words.share], cells)}`
}

function training(metrics: ArtifactStats['metrics'], words: Words): Html {
  const rows = metrics.flatMap(({ step, loss, val_loss }) => [
    ...(loss === undefined ? [] : [{ step, loss, kind: 'train' }]),
    ...(val_loss === undefined ? [] : [{ step, loss: val_loss, kind: 'valid' }]),
  ])
  const shown = metrics.filter(({ step, val_loss }, i) => val_loss !== undefined || i === metrics.length - 1 || step % 50 === 0)
  const cells = shown.map(({ step, loss, val_loss }) => [String(step), loss?.toFixed(4) ?? '', val_loss?.toFixed(4) ?? ''])
  return html`<h2>${words.training}</h2>${curves(words.training, rows)}${table([words.step, words.loss, words.valLoss], cells)}`
}

function table(head: string[], rows: string[][]): Html {
  const cells = (row: string[]) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>`
  return html`<div class="wide"><table><thead><tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead><tbody>${rows.map(cells)}</tbody></table></div>`
}

function count(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 4 })
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '' : `${((100 * part) / whole).toFixed(2)} %`
}
