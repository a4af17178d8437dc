/** The curves of docs/learning.svg. */

import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'

export interface Point {
  name: string
  step: number
  bits: number
}

export function drawn(curve: Point[]): string {
  const last = curve.filter(({ step }) => step === Math.max(...curve.map((point) => point.step)))
  const svg = Plot.plot({
    document: parseHTML('<html><body></body></html>').document,
    width: 640,
    height: 320,
    marginRight: 70,
    style: { background: 'white', color: '#222' },
    x: { label: 'step of 4,096 tokens', nice: true },
    y: { label: 'bits a byte, held-out clean text', grid: true, zero: false },
    color: { domain: ['raw', 'cleaned'], range: ['#c2410c', '#1d4ed8'] },
    marks: [
      Plot.lineY(curve, { x: 'step', y: 'bits', stroke: 'name', marker: 'dot' }),
      Plot.text(last, { x: 'step', y: 'bits', text: 'name', fill: 'name', dx: 8, textAnchor: 'start' }),
    ],
  })
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  return `${svg.outerHTML}\n`
}
