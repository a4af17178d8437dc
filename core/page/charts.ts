/** Charts as static inline SVG: Observable Plot draws them into a document of linkedom's, no browser is needed. */

import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { Html, harmless } from './html.ts'

const { document } = parseHTML('<!doctype html><html><body></body></html>')
const WIDTH = 640

/** Bars side by side, one a name, the largest first as they come. */
export function bars(label: string, rows: { name: string; value: number }[]): Html {
  const longest = Math.max(...rows.map(({ name }) => name.length), 1)
  return draw(label, {
    height: 40 + 26 * rows.length,
    marginLeft: Math.min(200, 24 + 8 * longest),
    marginRight: 70,
    x: { axis: null },
    y: { label: null, domain: rows.map(({ name }) => name), tickSize: 0 },
    marks: [
      Plot.barX(rows, { x: 'value', y: 'name', fill: 'var(--accent)', rx: 2 }),
      Plot.text(rows, { x: 'value', y: 'name', text: ({ value }: { value: number }) => short(value), dx: 4, textAnchor: 'start' }),
      Plot.ruleX([0]),
    ],
  })
}

/** Documents by length: each bin spans a power of two. */
export function histogram(label: string, bins: number[]): Html {
  const last = bins.findLastIndex((count) => count > 0)
  const first = bins.findIndex((count) => count > 0)
  const rows = bins.slice(first, last + 1)
  return columns(
    label,
    rows.map((value, i) => ({ name: first + i === 0 ? '0' : short(2 ** (first + i - 1)), value })),
  )
}

/** Columns one beside the other, in the order in which they come. */
export function columns(label: string, rows: { name: string; value: number }[]): Html {
  return draw(label, {
    height: 240,
    x: { label: null, domain: rows.map(({ name }) => name), tickRotate: -45 },
    y: { label: null, tickFormat: short, grid: true },
    marginBottom: 50,
    marks: [Plot.barY(rows, { x: 'name', y: 'value', fill: 'var(--accent)', rx: 2 }), Plot.ruleY([0])],
  })
}

/** A line of a chart over steps. */
export interface Series {
  readonly points: readonly { step: number; value: number }[]
  readonly colour: string
  /** Drawn thin and pale, behind what matters. */
  readonly faint?: boolean
}

/** Lines over steps, `marks` as dashed rules across. What lies above `highest` is cut off; `fromZero`: the height tells the amount. */
export function overSteps(
  label: string,
  series: readonly Series[],
  options: { width?: number; height: number; marks?: readonly number[]; highest?: number | undefined; fromZero?: boolean },
): Html {
  const { width = WIDTH, height, marks = [], highest, fromZero = false } = options
  const all = series.flatMap(({ points }) => points.map(({ value }) => value))
  // A run may have more steps than a function takes arguments.
  const [lowest, largest] = all.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity])
  const [least, most] = [fromZero ? 0 : lowest, highest ?? largest]
  return draw(label, {
    width,
    height,
    marginLeft: 46,
    marginRight: 16,
    x: { label: null, ticks: Math.floor(width / 90), tickFormat: short },
    y: { label: null, grid: true, domain: least < most ? [least, most] : [least - 1, most + 1], nice: true, tickFormat: precise },
    clip: true,
    marks: [
      Plot.ruleX([...marks], { stroke: 'var(--soft)', strokeDasharray: '3,3' }),
      ...series.map(({ points, colour, faint }) =>
        Plot.lineY(points, { x: 'step', y: 'value', stroke: colour, strokeWidth: faint ? 1 : 1.8, strokeOpacity: faint ? 0.35 : 1 }),
      ),
    ],
  })
}

function draw(label: string, options: Plot.PlotOptions): Html {
  const chart = Plot.plot({
    width: WIDTH,
    ...options,
    document: document as unknown as NonNullable<Plot.PlotOptions['document']>,
    style: { background: 'none', fontSize: '12px' },
  })
  chart.setAttribute('role', 'img')
  chart.setAttribute('aria-label', label)
  // The names in it are escaped, and no more than that.
  return new Html(harmless(String(chart.outerHTML)))
}

/** As `short`, and small numbers with what tells them apart. */
function precise(value: number): string {
  return value !== 0 && Math.abs(value) < 0.01 ? value.toExponential().replace(/(\.\d)\d*e/, '$1e') : short(value)
}

/** 1234567 → 1.23M. */
export function short(value: number): string {
  for (const [unit, letter] of [
    [1e12, 'T'],
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const) {
    if (Math.abs(value) >= unit) return `${Number((value / unit).toPrecision(3))}${letter}`
  }
  return String(Math.round(value * 1000) / 1000)
}
