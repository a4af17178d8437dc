/** What `plan` reckons with: commands as they ran on two samples, and what a whole run comes to by them. */

import type { Count } from './ledger.ts'

/** A stage of a command that ran. */
export interface StageRun {
  name: string
  seconds: number
  /** Resident memory when it began. */
  memory: number
  /** Bytes in the artifact's folder when it began. */
  disk: number
  /** Each time it told of text: seconds since it began, and bytes of text. */
  steps: Step[]
}

export interface Step {
  seconds: number
  bytes: number
}

/** A command as it ran on a sample, in a process of its own. */
export interface Run {
  /** From start to exit, as a user waits for it. */
  seconds: number
  stages: StageRun[]
  /** Peak of resident memory. */
  peak: number
  /** Bytes of the finished artifact. */
  result: number
  read: Count
  kept: Count
}

/** The same command on a small and on a larger sample; on one alone where the input is no larger. */
export interface Runs<R extends Run = Run> {
  small: R
  large: R
}

/** How much a command reads. */
export interface Volume {
  text: number
  documents: number
}

export interface PlannedStage {
  stage: string
  seconds: number
  /** Where the number is from. */
  from: string
}

export interface Planned {
  command: 'clean' | 'tokenize' | 'pack'
  in: Volume
  out: Volume
  seconds: number
  stages: PlannedStage[]
  memory: { peak: number; from: string }
  /** Bytes at the most while it runs, and when it is done. */
  disk: { peak: number; result: number; from: string }
  /** What grows otherwise than the text does, and how it was reckoned. */
  notes: string[]
  warnings: string[]
}

/** Of a stage of a run; a stage that did not come took no time. */
export function secondsOf({ stages }: Run, name: string): number {
  return stages.filter((stage) => stage.name === name).reduce((sum, { seconds }) => sum + seconds, 0)
}

/** Seconds that belong to no stage: the process starts, modules load, what is read before the first stage begins. */
export function startOf({ seconds, stages }: Run): number {
  return Math.max(
    0,
    stages.reduce((rest, stage) => rest - stage.seconds, seconds),
  )
}

/** Seconds a byte of a stage's text, and the rest of its time, which a longer run does not have more of or only by the unit. */
export interface Pace {
  byte: number
  rest: number
}

/**
 * The pace of a stage when it runs: without its first steps, while caches are cold, and without the slowest ones, of which
 * there are `seals`: what waits for the disk to seal a unit.
 */
export function paceOf(run: Run, name: string, seals: number): Pace {
  const stage = run.stages.find((stage) => stage.name === name)
  if (!stage) return { byte: 0, rest: 0 }
  const { seconds, steps } = stage
  const text = steps.reduce((sum, { bytes }) => sum + bytes, 0)
  const taken = steps.map((step, i) => ({ bytes: step.bytes, seconds: step.seconds - (steps[i - 1]?.seconds ?? 0) }))
  const warm = taken.slice(Math.ceil(taken.length / 4)).sort((a, b) => a.seconds - b.seconds)
  const steady = warm.slice(0, Math.max(0, warm.length - seals))
  const sum = steady.reduce((sum, step) => ({ bytes: sum.bytes + step.bytes, seconds: sum.seconds + step.seconds }), {
    bytes: 0,
    seconds: 0,
  })
  // Too few steps tell nothing apart.
  if (steady.length < 3 || sum.bytes === 0) return { byte: text === 0 ? 0 : seconds / text, rest: 0 }
  const byte = Math.min(sum.seconds / sum.bytes, seconds / text)
  return { byte, rest: seconds - byte * text }
}

/** One measurement: what grows, what else costs, and what both took. */
export interface Point {
  amount: number
  others: number
  seconds: number
}

/** Seconds an amount and seconds each of the others, through two measurements; where noise would make one negative, it is 0. */
export function throughBoth(small: Point, large: Point): { amount: number; other: number } {
  const determinant = small.amount * large.others - large.amount * small.others
  const alone = { amount: large.amount > 0 ? large.seconds / large.amount : 0, other: 0 }
  if (Math.abs(determinant) < 1e-9 * large.amount * Math.max(1, large.others)) return alone
  const amount = (small.seconds * large.others - large.seconds * small.others) / determinant
  const other = (small.amount * large.seconds - large.amount * small.seconds) / determinant
  if (other < 0) return alone
  if (amount < 0) return { amount: 0, other: large.others > 0 ? large.seconds / large.others : 0 }
  return { amount, other }
}

/** The power of the text that two samples show something to grow with; 1 where they are too near each other to tell. */
export function powerOf<R extends Run>({ small, large }: Runs<R>, of: (run: R) => number): number {
  const [text, amount] = [large.kept.bytes / small.kept.bytes, of(large) / of(small)]
  return text > 1.05 && amount < Number.POSITIVE_INFINITY ? Math.log(amount) / Math.log(text) : 1
}
