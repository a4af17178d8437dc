/** A report as one HTML file: no network, light and dark, charts with their numbers as tables beneath. */

import { Html, html, type Value } from './html.ts'

/** Languages that pages are written in. */
export type Lang = 'en' | 'ko'

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
th, td { text-align: right; padding: .25rem .5rem; border-bottom: 1px solid var(--line) } th:first-child, td:first-child { text-align: left } td:first-child { overflow-wrap: anywhere }
th { font-weight: 600; color: var(--soft) }
pre { font-size: .8rem; overflow-x: auto; padding: .8rem; border: 1px solid var(--line); border-radius: 6px }
@media print { body { max-width: none } section { break-inside: avoid } }
`

/** The whole file. `style` is what a page adds of its own. */
export function pageOf({ lang, title, style = '' }: { lang: Lang; title: string; style?: string }, body: readonly Html[]): string {
  const page = html`<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${new Html(STYLE + style)}</style>
</head>
<body>
<h1>${title}</h1>
${body}
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

export function table(head: readonly string[], rows: readonly (readonly Value[])[]): Html {
  const cells = (row: readonly Value[]) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>`
  return html`<div class="wide"><table><thead><tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead><tbody>${rows.map(cells)}</tbody></table></div>`
}

export function count(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 4 })
}

export function percent(part: number, whole: number): string {
  return whole === 0 ? '' : `${((100 * part) / whole).toFixed(2)} %`
}
