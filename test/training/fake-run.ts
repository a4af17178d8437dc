/**
 * A run of the loop on the engine without a model: `node fake-run.ts FOLDER OPTIONS [N]`, in a process of its own, which
 * kills itself before its N-th disk operation, or with -N after it.
 */

import { silent } from '../../core/progress.ts'
import { io } from '../../native/index.ts'
import { type Outcome, type Run, runSteps } from '../../training/loop.ts'
import { FakeEngine, type Faults, fakeSamples } from './fake-engine.ts'

export interface Options extends Partial<Pick<Run, 'steps' | 'saveEvery' | 'validateEvery' | 'keep' | 'rollbacks'>> {
  faults?: Faults
  samples?: number
  /** The step of this session after which the user interrupts. */
  stopAfter?: number
}

export const BATCH = 2

export async function fakeRun(
  output: string,
  { faults = {}, samples = 10_000, stopAfter, ...options }: Options = {},
): Promise<Outcome & { engine: FakeEngine; notes: string[]; details: string[] }> {
  const engine = new FakeEngine(faults)
  const run: Run = {
    ...{ output, steps: 60, batchSize: BATCH, learningRate: 0.1, saveEvery: 10, validateEvery: 7, keep: 2, rollbacks: 3, ...options },
    train: fakeSamples(samples),
    valid: fakeSamples(100),
    shape: { layers: 1, width: 8, feedForward: 32, heads: 1, rotary: 2, vocabulary: 128 },
    device: await engine.init(),
    about: { lang: 'en', configuration: { name: '<b>' }, inputs: [{ path: 'a/<i>.bin', bytes: 1 }] },
  }
  const stop = new AbortController()
  const [notes, details]: [string[], string[]] = [[], []]
  let done = 0
  const progress = {
    ...silent,
    advance: ({ of = 0, detail = '' }) => {
      details.push(detail)
      done += of
      if (done === stopAfter) stop.abort()
    },
    note: (line: string) => notes.push(line),
  }
  return { ...(await runSteps(run, engine, { progress, signal: stop.signal })), engine, notes, details }
}

function killAt(operation: number): void {
  let count = 0
  for (const [name, method] of Object.entries(io) as [keyof typeof io, (...args: unknown[]) => Promise<unknown>][]) {
    const counted = async (...args: unknown[]) => {
      const isLast = ++count === Math.abs(operation)
      if (isLast && operation > 0) process.kill(process.pid, 'SIGKILL')
      const done = await method.apply(io, args)
      if (isLast) process.kill(process.pid, 'SIGKILL')
      return done
    }
    Object.assign(io, { [name]: counted })
  }
}

if (import.meta.main) {
  const [output = '', options = '{}', operation = '0'] = process.argv.slice(2)
  killAt(Number(operation))
  const { loss, valLoss } = await fakeRun(output, JSON.parse(options) as Options)
  console.log(JSON.stringify({ loss, valLoss }))
}
