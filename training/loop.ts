/**
 * The training loop: steps in the data's order, the learning rate's schedule, validation, metrics, checkpoints and the way
 * back when the loss is lost, with any engine. Everything that decides a result is a function of the state of a checkpoint
 * and what the engine answers, and a rollback is a resume from an earlier one: so a resumed run is the same run.
 *
 * Cost: 60 µs a step beside the engine's, and a checkpoint adds a sync; the report draws itself at most a two-hundredth of
 * the time.
 */

import { KopipeError } from '../core/errors.ts'
import type { Session } from '../core/progress.ts'
import { loadCheckpoint, type RunState, returnTo, saveCheckpoint, sealedSteps } from './checkpoint.ts'
import type { Device, Engine, Samples } from './engines/engine.ts'
import { flopsPerToken, utilisation } from './flops.ts'
import { Live } from './live.ts'
import { Log } from './log.ts'
import { Order, skippedSamples } from './order.ts'
import type { ModelShape } from './presets.ts'
import { type About, Report } from './report/report.ts'
import { attemptAt, kept, passOver, wayBack } from './rollback.ts'
import { annealedRate, learningRate, type Schedule } from './schedule.ts'
import { type Trouble, Watch } from './watch.ts'

export interface Run {
  readonly output: string
  readonly steps: number
  readonly batchSize: number
  /** The peak. */
  readonly learningRate: number
  /** In place of kopipe's own. */
  readonly schedule?: Schedule | null
  readonly train: Samples
  readonly valid: Samples | null
  /** Steps between two checkpoints, and between two validations. */
  readonly saveEvery: number
  readonly validateEvery: number
  /** Planned checkpoints that stay. */
  readonly keep: number
  /** How often to go back at one place; 0 never, and then a spike of the loss is let be. */
  readonly rollbacks: number
  readonly shape: ModelShape
  readonly device: Device
  /** What the report tells of the run beside its course. */
  readonly about: About
}

export interface Outcome {
  /** Of the last step's batch, in nats a token. */
  loss: number
  /** Null where the valid split holds no sample. */
  valLoss: number | null
  tokens: number
  rollbacks: number
  /** What the last checkpoint of this session took to save. */
  saveSeconds: number | null
}

/** Batches a validation; always the same samples. */
export const VALIDATION_BATCHES = 4

/** Trains from the newest checkpoint, or from the start, to the last step. `engine` is initialised. */
export async function runSteps(run: Run, engine: Engine, session: Session): Promise<Outcome> {
  const report = new Report(run)
  for (;;) {
    const state = (await loadCheckpoint(run.output, engine)) ?? (await begin(run, engine))
    if (state.order.consumed !== state.step * run.batchSize + skippedSamples(state.order)) throw inconsistent(run.output, state)
    const log = await Log.open(run.output, state)
    if (log.steps < state.step) session.progress.note(`metrics.jsonl has lost ${state.step - log.steps} of the first ${state.step} steps`)
    const end = await runFrom(state, run, engine, log, report, session)
    if ('trouble' in end) {
      // Where this is the end, what led to it is told.
      await log.flush()
      await report.write(log.curve, end)
      session.progress.note(await goBack(run, end))
      continue
    }
    await log.close()
    await report.write(log.curve, end)
    if (!log.step) throw new KopipeError('corrupt', `${run.output}/metrics.jsonl has lost the steps that the checkpoint is after`)
    const { loss, tokens } = log.step
    const { rollbacks } = end.state
    return { loss, valLoss: log.validation?.val_loss ?? null, tokens, rollbacks: rollbacks.length, saveSeconds: end.saveSeconds }
  }
}

/** The state of a run that has none. Its first weights are saved: until there is another, they are the way back. */
async function begin(run: Run, engine: Engine): Promise<RunState> {
  const state: RunState = {
    step: 0,
    seconds: 0,
    order: new Order(run.train.digest).state(),
    watch: new Watch().state(),
    rollbacks: [],
    waysBack: run.rollbacks > 0 ? [0] : [],
  }
  if (run.rollbacks > 0) await saveCheckpoint(run.output, engine, state)
  return state
}

/** Where a run stands. */
export interface Standing {
  /** Of the newest checkpoint. */
  state: RunState
  saveSeconds: number | null
}

/** Where a run stood when it had gone wrong. */
interface Lost extends Standing {
  trouble: Trouble
  seconds: number
  consumed: number
}

/** Steps from a state to the end, or to where the loss is lost. */
async function runFrom(
  from: RunState,
  run: Run,
  engine: Engine,
  log: Log,
  report: Report,
  { progress, signal }: Session,
): Promise<Standing | Lost> {
  const { steps, batchSize, output } = run
  const order = new Order(run.train.digest, from.order, run.train.length)
  let watch = new Watch(from.watch)
  const tokensPerStep = batchSize * run.train.plan.sequenceLength
  const flops = flopsPerToken(run.shape, run.train.plan.sequenceLength)
  const begun = performance.now() - from.seconds * 1000
  const seconds = () => Math.round(performance.now() - begun) / 1000
  const live = new Live(progress, log.validation?.val_loss ?? null)
  progress.stage('training', steps - from.step)
  let [state, saveSeconds]: [RunState, number | null] = [from, null]

  for (let step = from.step + 1; step <= steps; step++) {
    const start = performance.now()
    const lr = run.schedule ? annealedRate(step, run.schedule) : learningRate(step, steps, run.learningRate)
    const [positions, last] = [order.next(batchSize), step === steps]
    const { loss, gradientNorm, peakMemory } = await engine.step(step, positions, lr, last ? [] : order.peek(batchSize))
    const lost = (trouble: Trouble): Lost => ({ trouble, state, saveSeconds, seconds: seconds(), consumed: order.state().consumed })
    const trouble = watch.judge(step, loss, gradientNorm)
    if (trouble && (trouble.cause !== 'spike' || run.rollbacks > 0)) return lost(trouble)
    // A spike that is let be is what the loss is from now on.
    if (trouble) watch = new Watch()
    const rate = tokensPerStep / ((performance.now() - start) / 1000)
    const mfu = utilisation(rate, flops, run.device)
    const time = now()
    await log.add({
      step,
      loss,
      lr,
      tokens: step * tokensPerStep,
      seconds: seconds(),
      grad_norm: gradientNorm,
      tokens_per_second: Math.round(rate),
      ...(mfu !== null && { mfu: Number(mfu.toPrecision(4)) }),
      ...(peakMemory !== undefined && { peak_memory: peakMemory }),
      time,
    })
    live.step({ step, loss, lr, gradientNorm, seconds: tokensPerStep / rate, tokens: tokensPerStep, mfu })

    if (run.valid && (last || step % run.validateEvery === 0)) {
      const valLoss = await validate(engine, batchSize)
      if (!Number.isFinite(valLoss)) return lost({ cause: 'validation', since: step, at: step, loss, gradNorm: gradientNorm })
      await log.add({ step, val_loss: valLoss, time: now() })
      live.validation(valLoss)
    }
    const stop = signal.aborted && !last
    const planned = last || step % run.saveEvery === 0
    if (planned || stop) {
      const since = watch.suspectedSince(step)
      const waysBack = planned ? kept([...state.waysBack, step], run.keep, since) : state.waysBack
      state = { ...state, step, seconds: seconds(), order: order.state(), watch: watch.state(), waysBack }
      await log.sync()
      const saving = performance.now()
      await saveCheckpoint(output, engine, state)
      saveSeconds = Math.round(performance.now() - saving) / 1000
      live.saved(saveSeconds)
      if (planned && !last) await report.writeSeldom(log.curve, { state, saveSeconds })
    }
    if (stop) {
      await report.write(log.curve, { state, saveSeconds })
      throw interrupted(step, steps)
    }
  }
  return { state, saveSeconds }
}

async function validate(engine: Engine, batchSize: number): Promise<number> {
  let sum = 0
  for (let batch = 0; batch < VALIDATION_BATCHES; batch++) {
    sum += await engine.evaluate(Array.from({ length: batchSize }, (_, i) => batch * batchSize + i))
  }
  return sum / VALIDATION_BATCHES
}

/** Makes an earlier checkpoint the newest, with the samples since passed over. What it says is for the user. */
async function goBack(run: Run, { trouble, state, seconds, consumed }: Lost): Promise<string> {
  const sealed = await sealedSteps(run.output)
  const attempt = attemptAt(trouble, state.rollbacks)
  const ways = state.waysBack.filter((step) => sealed.includes(step))
  const to = wayBack(trouble, attempt, ways)
  if (to === undefined || attempt > run.rollbacks) throw diverged(trouble, Math.min(attempt - 1, run.rollbacks))
  await returnTo(run.output, to, (there) => {
    const { order, skipped } = passOver(there.order, consumed)
    const rollbacks = [...state.rollbacks, { ...trouble, to, attempt, skipped, time: now() }]
    // What has been removed since is no way back, even where a kill left it.
    const waysBack = there.waysBack.filter((step) => ways.includes(step))
    return { ...there, seconds, order, rollbacks, waysBack }
  })
  return `${described(trouble)}: back to step ${to}, past what was read since (try ${attempt} of ${run.rollbacks})`
}

/** To a thousandth, seconds since 1970. */
function now(): number {
  return Date.now() / 1000
}

function described({ cause, at, since, loss, before = 0 }: Trouble): string {
  switch (cause) {
    case 'loss':
      return `the loss is no number at step ${at}`
    case 'gradient':
      return `the gradient's length is no number at step ${at}`
    case 'validation':
      return `the validation loss is no number at step ${at}`
    case 'spike':
      return `the loss has gone up from ${before.toFixed(3)} at step ${since} and stays there, ${loss?.toFixed(3)} at step ${at}`
  }
}

function inconsistent(output: string, { step, order }: RunState): KopipeError {
  const message = `${output}/checkpoints: the state of step ${step} says that ${order.consumed} samples were consumed, which is not what its steps took and passed over`
  return new KopipeError('corrupt', message, { path: output, hint: 'Remove this checkpoint; the one before it is used.' })
}

function interrupted(step: number, steps: number): KopipeError {
  const hint = 'The same command goes on from there.'
  return new KopipeError('interrupted', `interrupted after step ${step} of ${steps}; it is saved`, { hint })
}

function diverged(trouble: Trouble, tries: number): KopipeError {
  const tried = tries === 0 ? '' : `, and going back ${tries === 1 ? 'once' : `${tries} times`} did not help`
  return new KopipeError('invalid', `${described(trouble)}${tried}: training has diverged`, {
    hint: 'Start again with --overwrite and a smaller --lr, or let the same command try more often with --rollbacks N.',
  })
}
