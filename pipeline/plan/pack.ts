/** `pack` on all that is kept: it goes at one pace once its caches are warm, and what it holds does not grow. */

import { type Planned, paceOf, type Run, startOf, type Volume } from '../../core/plan.ts'

export interface PackRun extends Run {
  tokens: number
}

export function planPack(large: PackRun, volume: Volume): Planned & { tokens: number } {
  const share = volume.text / large.kept.bytes
  const pace = paceOf(large, 'packing', 1)
  const from = `${(1e9 * pace.byte).toFixed(1)} ns a byte of text and ${pace.rest.toFixed(1)} s, by the larger sample`
  const stages = [
    { stage: 'start', seconds: startOf(large), from: 'as in the larger sample' },
    { stage: 'packing', seconds: pace.byte * volume.text + pace.rest, from },
  ]
  const result = large.result * share
  const tokens = large.tokens * share
  return {
    command: 'pack',
    in: volume,
    out: volume,
    tokens,
    seconds: stages.reduce((sum, { seconds }) => sum + seconds, 0),
    stages,
    memory: { peak: large.peak, from: 'as in the larger sample: buffers and caches of a fixed size' },
    disk: { peak: result, result, from: 'by the text, as in the larger sample' },
    notes: [],
    warnings: [],
  }
}
