/**
 * `metrics.jsonl`: what a run tells of itself, a JSON object a line.
 *
 *     {"step","loss","lr","tokens","seconds","grad_norm","tokens_per_second","mfu","peak_memory","time"}   an optimizer step
 *     {"step","val_loss","time"}                                                                           a validation
 *     {"step","rollback":{…},"time"}                                                                       a rollback to `step`
 *
 * Losses are means in nats a token; `tokens` and `seconds` count from the start of training, over all sessions; `time` is
 * seconds since 1970; `mfu` is missing where the device's peak is not known, `peak_memory` (bytes) where it has no memory of its
 * own. Steps are told once: a rollback takes away the lines of the steps that it undoes, and so does a resume with what a
 * kill left behind the checkpoint.
 */

import type { Rollback } from './rollback.ts'

export interface StepMetrics {
  step: number
  loss: number
  lr: number
  tokens: number
  seconds: number
  /** This and what follows is missing in runs of before it was told. */
  grad_norm?: number
  tokens_per_second?: number
  mfu?: number
  peak_memory?: number
  time?: number
}

export interface ValidationMetrics {
  step: number
  val_loss: number
  time?: number
}

export interface RollbackMetrics {
  step: number
  rollback: Omit<Rollback, 'time' | 'to'>
  time: number
}

export type Line = StepMetrics | ValidationMetrics | RollbackMetrics

export function textOf(lines: readonly Line[]): Buffer {
  return Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
}

/** A line and how it reads in the file. */
export interface Told {
  readonly line: Line
  readonly text: Buffer
}

/**
 * The lines up to a checkpoint, with the rollbacks that its state tells of: what a kill left in the file of either is not
 * asked. A rollback stands before the steps that came after it.
 */
export function* linesUpTo(content: Buffer, step: number, rollbacks: readonly Rollback[]): Generator<Told> {
  const ahead = placed(rollbacks)
  for (const told of parse(content)) {
    if ('rollback' in told.line || told.line.step > step) continue
    while (ahead[0] && ahead[0].after < told.line.step) yield toldOf((ahead.shift() as Placed).line)
    yield told
  }
  for (const { line } of ahead) yield toldOf(line)
}

function toldOf(line: Line): Told {
  return { line, text: textOf([line]) }
}

interface Placed {
  /** The last step before it. */
  after: number
  line: RollbackMetrics
}

/** A later rollback that went further back took away the steps before the earlier one too. */
function placed(rollbacks: readonly Rollback[]): Placed[] {
  let after = Number.POSITIVE_INFINITY
  return rollbacks
    .toReversed()
    .map(({ to, time, ...rollback }) => {
      after = Math.min(after, to)
      return { after, line: { step: to, rollback, time } }
    })
    .reverse()
}

/** Complete lines only: the last one may have been torn. */
function* parse(content: Buffer): Generator<Told> {
  for (let from = 0; ; ) {
    const end = content.indexOf(10, from)
    if (end < 0) return
    let line: Line
    try {
      line = JSON.parse(content.toString('utf8', from, end)) as Line
    } catch {
      return
    }
    yield { line, text: content.subarray(from, end + 1) }
    from = end + 1
  }
}
