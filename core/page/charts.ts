/** The charts of the pages: bars, columns, curves, one series or two. */

import * as Plot from '@observablehq/plot'
import { draw, fitting, NARROW, widthOf } from './draw.ts'
import type { Html } from './html.ts'

export interface Row {
  readonly name: string
  readonly value: number
  /** What is gone of it, drawn behind what is left. */
  readonly lost?: number
  /** Of the page's style; without, that of all bars. */
  readonly colour?: string
}

/** A row of two series. */
export interface Pair {
  readonly name: string
  readonly first: number
  readonly second: number
}

type Format = (value: number) => string

/** Bars, one a name, in the order in which they come. `as` writes the numbers. */
export function bars(name: string, rows: readonly Row[], as: Format = short): Html {
  return draw({ name, says: saying(rows, as) }, (width) => {
    const { room, keyed } = labelled(rows, width)
    const told = ({ value, lost }: Row) => `${as(value)}${lost ? ` (−${as(lost)})` : ''}`
    const end = ({ value, lost = 0 }: Row) => value + lost
    const ends = Math.max(...rows.map((row) => widthOf(told(row))), 10)
    const losing = keyed.filter(({ lost = 0 }) => lost > 0)
    return {
      height: 12 + 26 * rows.length,
      marginTop: 4,
      marginBottom: 8,
      marginLeft: room,
      marginRight: ends + 10,
      x: { axis: null, domain: [0, Math.max(...rows.map(end), 1e-9)] },
      y: { label: null, domain: keyed.map(({ key }) => key), tickSize: 0, tickFormat: nameOf(keyed) },
      marks: [
        Plot.barX(keyed, { x: 'value', y: 'key', fill: ({ colour = 'var(--accent)' }: Row) => colour, rx: 2 }),
        Plot.barX(losing, { x1: 'value', x2: end, y: 'key', fill: 'var(--second)', insetLeft: 1 }),
        Plot.text(keyed, { x: end, y: 'key', text: told, dx: 5, textAnchor: 'start' }),
        Plot.ruleX([0]),
      ],
    }
  })
}

/** Two bars a name, the first above the second. */
export function pairedBars(name: string, rows: readonly Pair[], as: Format = short): Html {
  const says = rows.map((row) => `${row.name} ${as(row.first)} → ${as(row.second)}`).join('; ')
  return draw({ name, says }, (width) => {
    const { room, keyed } = labelled(rows, width)
    const flat = keyed.flatMap(({ key, first, second }) => [
      { key, series: 0, value: first },
      { key, series: 1, value: second },
    ])
    const ends = Math.max(...flat.map(({ value }) => widthOf(as(value))), 10)
    const colour = ({ series }: { series: number }) => (series === 0 ? 'var(--second)' : 'var(--accent)')
    return {
      height: 12 + 44 * rows.length,
      marginTop: 4,
      marginBottom: 8,
      marginLeft: room,
      marginRight: ends + 10,
      x: { axis: null, domain: [0, Math.max(...flat.map(({ value }) => value), 1e-9)] },
      fy: { label: null, domain: keyed.map(({ key }) => key), tickFormat: nameOf(keyed), axis: 'left', padding: 0.22 },
      y: { axis: null, domain: [0, 1], padding: 0.08 },
      marks: [
        Plot.barX(flat, { x: 'value', y: 'series', fy: 'key', fill: colour, rx: 2 }),
        Plot.text(flat, { x: 'value', y: 'series', fy: 'key', text: ({ value }) => as(value), dx: 5, textAnchor: 'start' }),
        Plot.ruleX([0]),
      ],
    }
  })
}

/** Documents by length: each bin spans a power of two. */
export function histogram(name: string, bins: readonly number[]): Html {
  return columns(name, powers(bins))
}

/** Bins of powers of two that anything is in, and those between, by where they begin. */
export function powers(bins: readonly number[], last = bins.findLastIndex((count) => count > 0)): Row[] {
  const first = Math.max(
    0,
    bins.findIndex((count) => count > 0),
  )
  return bins.slice(first, last + 1).map((value, i) => ({ name: powerName(first + i), value }))
}

/** Where the bin of this number begins. */
export function powerName(bin: number): string {
  return bin === 0 ? '0' : short(2 ** (bin - 1))
}

/** Columns one beside the other, in the order in which they come. */
export function columns(name: string, rows: readonly Row[], as: Format = short): Html {
  return draw({ name, says: saying(rows, as) }, (width) => ({
    ...axes(rows, width, as),
    marks: [
      Plot.barY(rows, { x: 'name', y: 'value', fill: 'var(--accent)', rx: 2 }),
      ...(rows.every((row) => widthOf(as(row.value)) < (width - 60) / rows.length)
        ? [Plot.text(rows, { x: 'name', y: 'value', text: ({ value }: Row) => as(value), dy: -8 })]
        : []),
      Plot.ruleY([0]),
    ],
  }))
}

/** Two columns a name, side by side. */
export function pairedColumns(name: string, rows: readonly Pair[], as: Format = short): Html {
  const says = rows.map((row) => `${row.name} ${as(row.first)} → ${as(row.second)}`).join('; ')
  return draw({ name, says }, (width) => {
    const inset = (width / Math.max(1, rows.length)) * 0.42
    const all = rows.flatMap(({ first, second }) => [first, second])
    return {
      ...axes(rows, width, as, all),
      marks: [
        Plot.barY(rows, { x: 'name', y: 'first', fill: 'var(--second)', insetRight: inset, rx: 1 }),
        Plot.barY(rows, { x: 'name', y: 'second', fill: 'var(--accent)', insetLeft: inset, rx: 1 }),
        Plot.ruleY([0]),
      ],
    }
  })
}

/** A point a name, joined: of what is measured at sizes that are not equally far apart. */
export function curve(name: string, rows: readonly Row[], as: Format = short): Html {
  return draw({ name, says: saying(rows, as) }, (width) => ({
    ...axes(rows, width, as),
    height: 200,
    marginTop: 24,
    marks: [
      Plot.ruleY([0]),
      Plot.lineY(rows, { x: 'name', y: 'value', stroke: 'var(--second)', strokeWidth: 2 }),
      Plot.dotY(rows, { x: 'name', y: 'value', fill: 'var(--second)', r: 3.5 }),
      Plot.text(rows, { x: 'name', y: 'value', text: ({ value }: Row) => as(value), dy: -11 }),
    ],
  }))
}

/** Names beneath, numbers on the left; `values` where the rows have several. */
function axes(
  rows: readonly { name: string; value?: number }[],
  width: number,
  as: Format,
  values = rows.flatMap(({ value = [] }) => value),
): Plot.PlotOptions {
  const names = rows.map(({ name }) => name)
  const room = Math.max(...names.map(widthOf), 10)
  const each = (width - 60) / Math.max(1, names.length)
  // Every second, third, … name where all do not fit beside each other.
  const every = Math.max(1, Math.ceil((room + 8) / each))
  const lefts = Math.max(...values.map((value) => widthOf(as(value))), 20)
  return {
    height: width > NARROW ? 230 : 190,
    marginTop: 18,
    marginLeft: lefts + 14,
    marginRight: 4,
    x: { label: null, domain: names, tickSize: 3, tickFormat: (name: string, i: number) => (i % every === 0 ? name : '') },
    y: { label: null, tickFormat: as, grid: true, ticks: 5, zero: true, nice: true },
  }
}

/** Names may be equal once they are cut: rows are told apart by their number. */
function labelled<R extends { readonly name: string }>(
  rows: readonly R[],
  width: number,
): { room: number; keyed: (R & { key: string })[] } {
  const most = width > NARROW ? 220 : 116
  const keyed = rows.map((row, i) => ({ ...row, name: fitting(row.name, most), key: String(i) }))
  return { room: Math.max(...keyed.map(({ name }) => widthOf(name)), 10) + 12, keyed }
}

const nameOf = (keyed: readonly { name: string }[]) => (key: string) => keyed[Number(key)]?.name ?? ''

/** What is told of a chart's rows in one sentence. */
const TOLD = 12

function saying(rows: readonly Row[], as: Format): string {
  const told = rows.slice(0, TOLD).map(({ name, value }) => `${name} ${as(value)}`)
  return [...told, ...(rows.length > TOLD ? ['…'] : [])].join('; ')
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
