/** `pack` on all that is kept: it goes at one pace once its caches are warm, and what it holds does not grow. */

import { type Planned, paceOf, type Run, startOf, type Volume } from '../../core/plan.ts'

export interface PackRun extends Run {
  tokens: number
}

/** Of an index: a document's length, its place and its number. */
const INDEXED = 20
/** Ids below this take two bytes. */
const SHORT = 2 ** 16

export function planPack(large: PackRun, volume: Volume, vocabSize: number): Planned & { tokens: number } {
  const share = volume.text / large.kept.bytes
  const pace = paceOf(large, 'packing', 1)
  const from = `${(1e9 * pace.byte).toFixed(1)} ns a byte of text and ${pace.rest.toFixed(1)} s, by the larger sample`
  const stages = [
    { stage: 'start', seconds: startOf(large), from: 'as in the larger sample' },
    { stage: 'packing', seconds: pace.byte * volume.text + pace.rest, from },
  ]
  const tokens = large.tokens * share
  const width = vocabSize <= SHORT ? 2 : 4
  // Beside shards there is the tokenizer, once.
  const beside = Math.max(0, large.result - width * large.tokens - INDEXED * large.kept.docs)
  const result = width * tokens + INDEXED * volume.documents + beside
  return {
    command: 'pack',
    in: volume,
    out: volume,
    tokens,
    seconds: stages.reduce((sum, { seconds }) => sum + seconds, 0),
    stages,
    memory: { peak: large.peak, from: 'as in the larger sample: buffers and caches of a fixed size' },
    disk: {
      peak: result,
      result,
      from: `${width} bytes a token, ${(volume.text / tokens).toFixed(2)} bytes of text each as in the larger sample; ${INDEXED} a document`,
    },
    notes: [],
    warnings: [],
  }
}
