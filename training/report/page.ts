/** The report as one HTML file: no network, light and dark, in Korean or English. */

import { short } from '../../core/page/charts.ts'
import { type Html, html } from '../../core/page/html.ts'
import { overSteps, type Series } from '../../core/page/over-steps.ts'
import { count, figures, legend, pageOf, table } from '../../core/page/page.ts'
import type { Packed } from '../../native/index.ts'
import type { Point } from '../curve.ts'
import { flopsPerToken } from '../flops.ts'
import type { Run, Standing } from '../loop.ts'
import { parameterCount } from '../presets.ts'
import { WORDS, type Words } from './words.ts'

export interface Course extends Standing {
  run: Run
  packed: readonly Packed[]
  points: readonly Point[]
  validations: readonly { step: number; loss: number }[]
}

/** What a list of the page holds at the most. */
const ROWS = 12
const SHARDS = 200
/** The smoothed loss is the mean of so large a share of the points to either side. */
const SMOOTH = 1 / 40
/** With at least so many points, those above this share of them are cut off where they are far above. */
const MANY = 100
const SHOWN = 0.98

/** Pixels. */
const LARGE = { width: 704, height: 300 }
const SMALL = { width: 344, height: 190 }

const STYLE = `
.small { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: .4rem 1.6rem }
.small h3 { margin: 1.2rem 0 .2rem }
.rollbacks td:first-child { min-width: 8rem; overflow-wrap: normal } .rollbacks td:last-child { white-space: nowrap }
.wide + .wide { margin-top: 1.2rem }
`

export function renderReport(course: Course): string {
  const { lang, configuration } = course.run.about
  const words = WORDS[lang]
  return pageOf({ lang, title: words.title, style: STYLE }, [
    overview(course, words),
    loss(course, words),
    others(course, words),
    ...rollbacks(course, words),
    model(course.run, words),
    data(course, words),
    html`<section><h2>${words.configuration}</h2><pre>${JSON.stringify(configuration, null, 2)}</pre></section>`,
  ])
}

function overview({ run, state, saveSeconds, points, validations }: Course, words: Words): Html {
  const [last, validation] = [smoothed(points.map(({ step, loss }) => ({ step, value: loss }))).at(-1), validations.at(-1)]
  const rates = points.flatMap(({ tokensPerSecond }) => (tokensPerSecond === null ? [] : [tokensPerSecond]))
  const shares = points.flatMap(({ mfu }) => (mfu === null ? [] : [mfu]))
  return figures([
    [last ? last.value.toFixed(4) : '', words.smoothedLoss],
    ...(validation ? [[validation.loss.toFixed(4), words.validation] as const] : []),
    [state.step === run.steps ? count(run.steps) : `${count(state.step)} / ${count(run.steps)}`, words.steps],
    [short(state.step * run.batchSize * run.train.plan.sequenceLength), words.tokens],
    [short(parameterCount(run.shape)), words.parameters],
    [duration(state.seconds), words.time],
    ...(rates.length > 0 ? [[short(Math.round(median(rates))), words.tokensPerSecond] as const] : []),
    ...(shares.length > 0 ? [[`${(100 * median(shares)).toFixed(1)} %`, words.mfu] as const] : []),
    ...(saveSeconds !== null ? [[`${saveSeconds.toFixed(2)} s`, words.save] as const] : []),
    ...(state.rollbacks.length > 0 ? [[state.rollbacks.length, words.rollbacks.toLowerCase()] as const] : []),
  ])
}

function loss({ state, points, validations }: Course, words: Words): Html {
  const raw = points.map(({ step, loss }) => ({ step, value: loss }))
  const valid = validations.map(({ step, loss }) => ({ step, value: loss }))
  const highest = highestShown([...raw, ...valid])
  const isCut = highest !== undefined && raw.some(({ value }) => value > highest)
  const series: Series[] = [
    { points: raw, colour: 'var(--accent)', faint: true },
    { points: smoothed(raw), colour: 'var(--accent)' },
    { points: valid, colour: 'var(--second)' },
  ]
  const lines = legend(
    [
      { name: words.batch, colour: 'accent', faint: true },
      { name: words.smoothed, colour: 'accent' },
      ...(valid.length > 0 ? [{ name: words.validation, colour: 'second' as const }] : []),
    ],
    'line',
  )
  const chart = overSteps(words.loss, series, { ...LARGE, marks: state.rollbacks.map(({ to }) => to), highest })
  return html`<section><h2>${words.lossTitle}</h2><p>${words.lossNote}${isCut ? words.cut : ''}</p>${chart}${lines}
${table([words.step, words.batch, words.range, words.validation], lossRows(points, validations))}</section>`
}

/** At a few steps in equal distance, the last among them. */
function lossRows(points: readonly Point[], validations: Course['validations']): string[][] {
  const every = Math.max(1, Math.ceil(points.length / ROWS))
  return points
    .filter((_, i) => (points.length - 1 - i) % every === 0)
    .map(({ step, loss, lowest, highest }) => {
      const validation = validations.findLast((one) => one.step <= step)
      return [count(step), loss.toFixed(4), `${lowest.toFixed(3)} – ${highest.toFixed(3)}`, validation?.loss.toFixed(4) ?? '']
    })
}

function others({ points, state }: Course, words: Words): Html {
  const marks = state.rollbacks.map(({ to }) => to)
  const chart = (title: string, of: (point: Point) => number | null, fromZero = false) => {
    const line = points.flatMap((point) => {
      const value = of(point)
      return value === null ? [] : [{ step: point.step, value }]
    })
    if (line.length === 0) return []
    const options = { ...SMALL, marks, fromZero, highest: highestShown(line) }
    return [html`<div><h3>${title}</h3>${overSteps(title, [{ points: line, colour: 'var(--accent)' }], options)}</div>`]
  }
  return html`<section><h2>${words.others}</h2><p>${words.othersNote}</p><div class="small">${[
    ...chart(words.lr, ({ lr }) => lr),
    ...chart(words.gradNorm, ({ gradNorm }) => gradNorm),
    ...chart(words.tokensPerSecond, ({ tokensPerSecond }) => tokensPerSecond, true),
    ...chart(`${words.mfu} (%)`, ({ mfu }) => (mfu === null ? null : 100 * mfu), true),
  ]}</div></section>`
}

function rollbacks({ state }: Course, words: Words): Html[] {
  if (state.rollbacks.length === 0) return []
  const rows = state.rollbacks.map(({ cause, since, at, to, skipped: [from, end], loss, before, attempt, time }) => [
    words.cause[cause],
    count(since),
    count(at),
    count(to),
    count(end - from),
    before === undefined ? '' : before.toFixed(4),
    loss?.toFixed(4) ?? '–',
    String(attempt),
    new Date(1000 * time).toISOString().slice(0, 16).replace('T', ' '),
  ])
  const { since, at, to, skipped, before, loss, attempt, when } = words.rollback
  const head = ['', since, at, to, skipped, before, loss, attempt, when]
  return [html`<section class="rollbacks"><h2>${words.rollbacks}</h2><p>${words.rollbacksNote}</p>${table(head, rows)}</section>`]
}

function model({ shape, device, train, batchSize }: Run, words: Words): Html {
  const { layers, width, feedForward, heads, rotary, vocabulary } = shape
  const { sequenceLength } = train.plan
  const rows = [
    [words.layers, count(layers)],
    [words.width, count(width)],
    [words.feedForward, count(feedForward)],
    [words.heads, `${count(heads)} × ${count(width / heads)}`],
    [words.rotary, count(rotary)],
    [words.vocabulary, count(vocabulary)],
    [words.parameters, count(parameterCount(shape))],
    [words.flops, short(flopsPerToken(shape, sequenceLength))],
    [words.batchSize, `${count(batchSize)} × ${count(sequenceLength)} = ${count(batchSize * sequenceLength)}`],
    [words.device, device.count === 1 ? device.name : `${device.count} × ${device.name}`],
    ...(device.peakFlops === null ? [] : [[words.peak, `${short(device.peakFlops)}`]]),
  ]
  return html`<section><h2>${words.model}</h2>${table(['', ''], rows)}</section>`
}

function data({ run, packed }: Course, words: Words): Html {
  const share = (part: number) => `${(100 * part).toFixed(2)} %`
  const rows = packed.map(({ documents, samples, epochs, cut, utilisation }, i) => [
    String(i + 1),
    count(documents),
    count(samples),
    count(epochs),
    share(documents === 0 ? 0 : cut / documents),
    share(utilisation),
  ])
  const { inputs } = run.about
  const files = inputs.slice(0, SHARDS).map(({ path, bytes }) => [path, count(bytes)])
  const note = inputs.length > SHARDS ? html`<p>${words.filesNote(SHARDS, inputs.length)}</p>` : []
  return html`<section><h2>${words.data}</h2>${table(['', words.documents, words.samples, words.epochs, words.cutDocuments, words.utilisation], rows)}
${note}${table([words.file, words.bytes], files)}</section>`
}

/** The mean of the neighbours: to either side of equally many at the beginning, where the loss falls, to the end of all there are. */
function smoothed(points: readonly { step: number; value: number }[]): { step: number; value: number }[] {
  const reach = Math.ceil(points.length * SMOOTH)
  return points.map(({ step }, i) => {
    const before = Math.min(reach, i)
    const around = points.slice(i - before, i + before + 1)
    return { step, value: around.reduce((sum, { value }) => sum + value, 0) / around.length }
  })
}

/** A chart that shows the first steps' numbers shows nothing else. */
function highestShown(points: readonly { value: number }[]): number | undefined {
  if (points.length < MANY) return undefined
  const [most, highest] = [quantile(points, 1), quantile(points, SHOWN)]
  return most > 1.2 * highest ? highest : undefined
}

function quantile(points: readonly { value: number }[], share: number): number {
  const sorted = points.map(({ value }) => value).sort((a, b) => a - b)
  return sorted[Math.floor(share * (sorted.length - 1))] as number
}

function median(values: readonly number[]): number {
  return quantile(
    values.map((value) => ({ value })),
    0.5,
  )
}

function duration(seconds: number): string {
  const s = Math.round(seconds)
  const [h, m] = [Math.floor(s / 3600), Math.floor((s % 3600) / 60)]
  return h > 0 ? `${h} h ${m} min` : m > 0 ? `${m} min ${s % 60} s` : `${s} s`
}
