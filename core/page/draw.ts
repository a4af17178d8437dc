/**
 * Charts as static inline SVG: Observable Plot draws them into a document of linkedom's, no browser is needed. Each is drawn
 * twice, for a page and for a phone, because type that shrinks with the drawing cannot be read; a style shows one of the two.
 */

import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { Html, harmless, html } from './html.ts'

const { document } = parseHTML('<!doctype html><html><body></body></html>')

/** Pixels: what the text of a page is wide, and what a phone of 360 leaves. */
export const WIDE = 736
export const NARROW = 328

/** What a drawing says to who does not see it: its name, and what it shows in a sentence. */
export interface Label {
  readonly name: string
  readonly says: string
}

export function draw(label: Label, optionsAt: (width: number) => Plot.PlotOptions, width = WIDE): Html {
  if (width <= NARROW + 16) return html`<div class="chart">${drawn(label, '', width, optionsAt(width))}</div>`
  return html`<div class="chart">${drawn(label, 'on-page', width, optionsAt(width))}${drawn(label, 'on-phone', NARROW, optionsAt(NARROW))}</div>`
}

function drawn({ name, says }: Label, shown: string, width: number, options: Plot.PlotOptions): Html {
  const chart = Plot.plot({
    width,
    ...options,
    document: document as unknown as NonNullable<Plot.PlotOptions['document']>,
    className: 'plot',
  })
  // What Plot styles stands in the page's own style: a page allows no other.
  for (const element of chart.querySelectorAll('style')) element.remove()
  for (const element of chart.querySelectorAll('[style]')) element.removeAttribute('style')
  // The names in it are escaped, and no more than that.
  const inside = new Html(harmless(String(chart.innerHTML)))
  const box = chart.getAttribute('viewBox') ?? `0 0 ${width} 0`
  const [, , w = '', h = ''] = box.split(' ')
  return html`<svg role="img" aria-label="${name}" class="plot ${shown}" viewBox="${box}" width="${w}" height="${h}" fill="currentColor" text-anchor="middle"><title>${name}</title><desc>${says}</desc>${inside}</svg>`
}

const WIDE_CHARACTER = /[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff\uff00-\uff60]/

/** Pixels that a text takes, roughly: type of 12 pixels. */
export function widthOf(text: string): number {
  let width = 0
  for (const character of text) width += WIDE_CHARACTER.test(character) ? 12 : 6.7
  return width
}

/** The beginning of a text that fits; what turns or hides is named first, as it would be. */
export function fitting(text: string, most: number): string {
  const shown = harmless(text).replace(/\s+/g, ' ')
  if (widthOf(shown) <= most) return shown
  let [width, kept] = [12, '']
  for (const character of shown) {
    width += WIDE_CHARACTER.test(character) ? 12 : 6.7
    if (width > most) break
    kept += character
  }
  return `${kept}…`
}
