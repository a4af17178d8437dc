/**
 * The training loop: steps in the data's order, the learning rate's schedule, validation, metrics and checkpoints, with
 * any engine. Everything that decides a result is a function of the step number, so a resumed run is the same run.
 */

import { KopipeError } from '../core/errors.ts'
import type { Session } from '../core/progress.ts'
import { loadCheckpoint, saveCheckpoint } from './checkpoint.ts'
import type { Engine, Samples } from './engines/engine.ts'
import { Metrics } from './metrics.ts'
import { Order } from './order.ts'
import { annealedRate, learningRate, type Schedule } from './schedule.ts'

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
}

export interface Outcome {
  /** Of the last step's batch, in nats a token. */
  loss: number
  /** Null where the valid split holds no sample. */
  valLoss: number | null
  tokens: number
}

/** Optimizer steps between two validations, and between two checkpoints. */
const VALIDATE_EVERY = 100
const SAVE_EVERY = 100
/** Batches a validation; always the same samples. */
export const VALIDATION_BATCHES = 4

/** Trains from the newest checkpoint, or from the start, to the last step. `engine` is initialised. */
export async function runSteps(run: Run, engine: Engine, { progress, signal }: Session): Promise<Outcome> {
  const { steps, batchSize, output } = run
  const resumed = await loadCheckpoint(output, engine)
  const order = new Order(run.train.digest, resumed?.order)
  const metrics = await Metrics.open(output, resumed?.step ?? 0)
  progress.stage('training', steps - (resumed?.step ?? 0))
  const tokensPerStep = batchSize * run.train.plan.sequenceLength
  const begun = performance.now() - (resumed?.seconds ?? 0) * 1000
  const seconds = () => Math.round(performance.now() - begun) / 1000

  for (let step = (resumed?.step ?? 0) + 1; step <= steps; step++) {
    const start = performance.now()
    const lr = run.schedule ? annealedRate(step, run.schedule) : learningRate(step, steps, run.learningRate)
    const { loss } = await engine.step(step, order.next(batchSize), lr, [])
    if (!Number.isFinite(loss)) throw diverged(step, loss)
    const line = { step, loss, lr, tokens: step * tokensPerStep, seconds: seconds() }
    await metrics.add(line)
    const rate = tokensPerStep / ((performance.now() - start) / 1000)
    progress.advance({ of: 1, detail: `step ${step}  loss ${loss.toFixed(4)}  lr ${lr.toExponential(1)}  ${rate.toFixed(0)} tokens/s` })

    const last = step === steps
    if (run.valid && (last || step % VALIDATE_EVERY === 0)) {
      await metrics.add({ step, val_loss: await validate(engine, batchSize) })
    }
    const stop = signal.aborted && !last
    if (last || stop || step % SAVE_EVERY === 0) {
      await metrics.commit()
      await saveCheckpoint(output, engine, { step, seconds: seconds(), order: order.state() })
    }
    if (stop) throw interrupted(step, steps)
  }
  const { step, validation } = metrics.last()
  if (!step) throw new KopipeError('corrupt', `${output}/metrics.jsonl has lost the steps that the checkpoint is after`, { path: output })
  return { loss: step.loss, valLoss: validation?.val_loss ?? null, tokens: step.tokens }
}

/** Positions in the shuffled order of the samples of a batch, counted from 1. */
function positionsOf(batch: number, batchSize: number): number[] {
  return Array.from({ length: batchSize }, (_, i) => (batch - 1) * batchSize + i)
}

async function validate(engine: Engine, batchSize: number): Promise<number> {
  let sum = 0
  for (let batch = 1; batch <= VALIDATION_BATCHES; batch++) sum += await engine.evaluate(positionsOf(batch, batchSize))
  return sum / VALIDATION_BATCHES
}

function interrupted(step: number, steps: number): KopipeError {
  const hint = 'The same command goes on from there.'
  return new KopipeError('interrupted', `interrupted after step ${step} of ${steps}; it is saved`, { hint })
}

function diverged(step: number, loss: number): KopipeError {
  return new KopipeError('invalid', `the loss is ${loss} at step ${step}: training has diverged`, {
    hint: 'Start again with --overwrite and a smaller --lr.',
  })
}
