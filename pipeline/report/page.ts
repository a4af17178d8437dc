/** The report as one HTML file: no network, light and dark, every chart with its numbers as a table beneath. */

import type { Counts } from '../../core/ledger.ts'
import { bars, histogram, overSteps } from '../../core/page/charts.ts'
import { type Html, html } from '../../core/page/html.ts'
import { count, figures, type Lang, pageOf, percent, table } from '../../core/page/page.ts'
import type { ArtifactStats, Measures, Stats } from './measures.ts'
import { dataset } from './packed.ts'
import { WORDS, type Words } from './words.ts'

export function renderReport(stats: Stats, lang: Lang): string {
  const words = WORDS[lang]
  const { total, bySource } = stats.documents
  const ofDocuments = total.docs > 0 ? [corpus(total, words), lengths(total, words), scripts(total, words), sources(bySource, words)] : []
  const packed = stats.datasets.map((found) => dataset(found, lang))
  return pageOf({ lang, title: words.title }, [...ofDocuments, ...packed, ...stats.artifacts.map((artifact) => section(artifact, words))])
}

function corpus(total: Measures, words: Words): Html {
  return figures([
    [total.docs, words.documents],
    [total.bytes, words.bytes],
    [total.chars, words.characters],
    [total.eojeol, words.eojeol],
  ])
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
${counted(record.totals)}
${metrics.length > 0 ? training(metrics, words) : []}
<h2>${words.configuration}</h2>
<pre>${JSON.stringify(record.configuration, null, 2)}</pre></section>`
}

/** What else a command counted (tokens, shards, losses), by its own names. */
function counted(totals: unknown): Html | Html[] {
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
  const pointsOf = (key: 'loss' | 'val_loss') => metrics.flatMap(({ step, [key]: value }) => (value === undefined ? [] : [{ step, value }]))
  const chart = overSteps(
    words.training,
    [
      { points: pointsOf('loss'), colour: 'var(--accent)' },
      { points: pointsOf('val_loss'), colour: 'var(--second)' },
    ],
    { height: 280 },
  )
  const shown = metrics.filter(({ step, val_loss }, i) => val_loss !== undefined || i === metrics.length - 1 || step % 50 === 0)
  const cells = shown.map(({ step, loss, val_loss }) => [String(step), loss?.toFixed(4) ?? '', val_loss?.toFixed(4) ?? ''])
  return html`<h2>${words.training}</h2>${chart}${table([words.step, words.loss, words.valLoss], cells)}`
}
