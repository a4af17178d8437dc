/** A chart of lines over the steps of a training. */

import * as Plot from '@observablehq/plot'
import { short } from './charts.ts'
import { draw, NARROW, WIDE } from './draw.ts'
import type { Html } from './html.ts'

/** A line of a chart over steps. */
export interface Series {
  readonly points: readonly { step: number; value: number }[]
  readonly colour: string
  /** Drawn thin and pale, behind what matters. */
  readonly faint?: boolean
}

/** Lines over steps, `marks` as dashed rules across. What lies above `highest` is cut off; `fromZero`: the height tells the amount. */
export function overSteps(
  name: string,
  series: readonly Series[],
  options: { width?: number; height: number; marks?: readonly number[]; highest?: number | undefined; fromZero?: boolean },
): Html {
  const { marks = [], highest, fromZero = false } = options
  const all = series.flatMap(({ points }) => points.map(({ value }) => value))
  // A run may have more steps than a function takes arguments.
  const [lowest, largest] = all.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity])
  const [least, most] = [fromZero ? 0 : lowest, highest ?? largest]
  const ends = series.flatMap(({ points }) => [points[0], points.at(-1)]).flatMap((point) => point ?? [])
  const says = ends.map(({ step, value }) => `${short(step)}: ${precise(value)}`).join('; ')
  return draw(
    { name, says },
    (width) => ({
      height: width > NARROW + 16 ? options.height : Math.min(options.height, 210),
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
    }),
    options.width ?? WIDE,
  )
}

/** As `short`, and small numbers with what tells them apart. */
function precise(value: number): string {
  return value !== 0 && Math.abs(value) < 0.01 ? value.toExponential().replace(/(\.\d)\d*e/, '$1e') : short(value)
}
