/** A report as one HTML file: no network, no script, light and dark, charts with their numbers as tables beneath. */

import { createHash } from 'node:crypto'
import { Html, html, type Value } from './html.ts'
import { STYLE } from './style.ts'

/** Languages that pages are written in. */
export type Lang = 'en' | 'ko'

export interface Section {
  /** What the table of contents links to. */
  readonly id: string
  readonly title: string
  readonly body: Value
}

interface Head {
  lang: Lang
  title: string
  /** What a page adds of its own. */
  style?: string
  /** What its table of contents lists; without, it has none. */
  contents?: { title: string; sections: readonly Section[] }
}

/** The whole file. */
export function pageOf({ lang, title, style = '', contents }: Head, body: readonly Html[]): string {
  const all = STYLE + style
  // The one style that may act is this one: no attribute or element of a text's can style the page.
  const digest = createHash('sha256').update(all).digest('base64')
  const nav = contents
    ? html`<nav class="contents" aria-label="${contents.title}"><ol>${contents.sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ol></nav>`
    : ''
  const sections = (contents?.sections ?? []).map(
    ({ id, title, body }) => html`<section id="${id}"><h2>${title}</h2>
${body}</section>`,
  )
  const page = html`<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${new Html(all)}</style>
</head>
<body${contents ? new Html(' class="contained"') : ''}>
<main>
<h1>${title}</h1>
${body}
${nav}
${sections}
</main>
</body>
</html>
`
  return page.text
}

/** Numbers that stand out, each with its name beneath. */
export function figures(all: readonly (readonly [value: number | string, name: string])[]): Html {
  const figure = ([value, name]: readonly [number | string, string]) =>
    html`<div><b>${typeof value === 'number' ? count(value) : value}</b><span>${name}</span></div>`
  return html`<div class="figures">${all.map(figure)}</div>`
}

/** What is aligned by its digits. */
const NUMBER = /^[−≈<>≤≥±–+\-\s\d.,%×/()]*(?:[kMGT]?B|s|ms|h)?(?:\/s)?$/

/** The first column names the row; the others are numbers where all their cells are. */
export function table(head: readonly string[], rows: readonly (readonly Value[])[]): Html {
  const isText = head.map((_, i) => i > 0 && rows.some((row) => !NUMBER.test(cellText(row[i] ?? ''))))
  const mark = (i: number) => (isText[i] ? new Html(' class="t"') : '')
  const cells = (row: readonly Value[]) =>
    html`<tr>${row.map((cell, i) => (i === 0 ? html`<td>${cell}</td>` : html`<td${mark(i)}>${cell}</td>`))}</tr>`
  const names = head.map((name, i) => (name === '' ? html`<td></td>` : html`<th scope="col"${mark(i)}>${name}</th>`))
  return html`<div class="wide"><table><thead><tr>${names}</tr></thead><tbody>${rows.map(cells)}</tbody></table></div>`
}

const cellText = (cell: Value): string => (cell instanceof Html ? cell.text.replace(/<[^>]*>/g, '') : String(cell))

/** Rows that a table shows without being asked. */
const OPEN = 8

/** A chart and its numbers beneath: where they are many, behind a line that opens. */
export function charted(chart: Html, numbers: string, head: readonly string[], rows: readonly (readonly Value[])[]): Html {
  const below = table(head, rows)
  return html`${chart}${rows.length > OPEN ? folded(numbers, below) : below}`
}

/** What opens when it is asked for. */
export function folded(line: Value, inside: Value): Html {
  return html`<details><summary>${line}</summary>${inside}</details>`
}

/** Which colour is what. */
export function legend(
  all: readonly { name: string; colour: 'accent' | 'second'; faint?: boolean }[],
  shape: 'box' | 'line' = 'box',
): Html {
  const kind = (colour: string, faint: boolean) => `${colour}${shape === 'line' ? ' line' : ''}${faint ? ' faint' : ''}`
  return html`<div class="legend">${all.map(({ name, colour, faint = false }) => html`<span><i class="${kind(colour, faint)}"></i>${name}</span>`)}</div>`
}

/** Text of a corpus, set apart: its lines are kept, its directions stay its own. */
export function quoted(text: Value): Html {
  return html`<blockquote dir="auto">${text}</blockquote>`
}

export function count(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 4 })
}

export function percent(part: number, whole: number): string {
  return whole === 0 ? '' : `${((100 * part) / whole).toFixed(2)}\u00a0%`
}
