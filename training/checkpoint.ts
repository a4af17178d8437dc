/**
 * Checkpoints: `checkpoints/step-000200/` with the engine's files, those that make it a model folder of Hugging Face's, and
 * `state.json`, which is written last and seals it. A folder without it does not exist.
 *
 * Planned ones, every so many steps, are ways back for a rollback; which of them stay is said by the newest state, so that
 * neither a kill nor an interruption changes where a rollback can go. One saved by an interruption is beside them, until
 * the next one.
 */

import { join } from 'node:path'
import { KopipeError } from '../core/errors.ts'
import { io } from '../native/index.ts'
import type { Engine } from './engines/engine.ts'
import { linkModelFiles } from './model/hugging-face.ts'
import { isOrderState, type OrderState } from './order.ts'
import type { Rollback } from './rollback.ts'
import { isWatchState, type WatchState } from './watch.ts'

/** Where a run stands after `step` optimizer steps. */
export interface RunState {
  readonly step: number
  /** Of training, over all sessions. */
  readonly seconds: number
  /** Of the samples' order. */
  readonly order: OrderState
  readonly watch: WatchState
  /** All of the run, in the order in which they happened. */
  readonly rollbacks: readonly Rollback[]
  /** Steps of the planned checkpoints that stay, in ascending order. */
  readonly waysBack: readonly number[]
}

/** Saves where a run stands, then removes the checkpoints that need not stay. */
export async function saveCheckpoint(output: string, engine: Engine, state: RunState): Promise<void> {
  const folder = checkpointFolder(output, state.step)
  await removeCheckpoint(folder)
  await io.createFolder(folder)
  await engine.save(folder)
  await linkModelFiles(output, folder)
  await writeState(folder, state)
  await removeOthers(output, state, await sealedSteps(output))
}

async function removeOthers(output: string, { waysBack, step }: RunState, sealed: readonly number[]): Promise<void> {
  for (const other of sealed) if (other !== step && !waysBack.includes(other)) await removeCheckpoint(checkpointFolder(output, other))
}

/** Loads the newest checkpoint into the engine; null where there is none. What a kill left half written or not yet removed goes. */
export async function loadCheckpoint(output: string, engine: Engine): Promise<RunState | null> {
  const { sealed, torn } = await listCheckpoints(output)
  for (const step of torn) await io.removeFolder(checkpointFolder(output, step))
  const newest = sealed.at(-1)
  if (newest === undefined) return null
  const state = await readState(checkpointFolder(output, newest), sealed)
  await removeOthers(output, state, sealed)
  await engine.load(checkpointFolder(output, newest))
  return state
}

/** The folder of a run's newest checkpoint; null where there is none. */
export async function newestCheckpoint(output: string): Promise<string | null> {
  const step = (await sealedSteps(output)).at(-1)
  return step === undefined ? null : checkpointFolder(output, step)
}

/** Steps of the checkpoints that are there, in ascending order. */
export async function sealedSteps(output: string): Promise<number[]> {
  return (await listCheckpoints(output)).sealed
}

/**
 * Makes the checkpoint of a step the newest, with what has changed in its state. A kill in between leaves an earlier state
 * of the same run, which comes here again.
 */
export async function returnTo(output: string, step: number, change: (state: RunState) => RunState): Promise<void> {
  const { sealed } = await listCheckpoints(output)
  for (const later of sealed.filter((other) => other > step)) await removeCheckpoint(checkpointFolder(output, later))
  const folder = checkpointFolder(output, step)
  await writeState(folder, change(await readState(folder, sealed)))
}

/** Where the checkpoint of a step lies. */
export function checkpointFolder(output: string, step: number): string {
  return join(output, 'checkpoints', `step-${String(step).padStart(6, '0')}`)
}

async function listCheckpoints(output: string): Promise<{ sealed: number[]; torn: number[] }> {
  const root = join(output, 'checkpoints')
  const steps = (await io.listFolder(root)).filter((name) => /^step-\d{6,}$/.test(name)).map((name) => Number(name.slice(5)))
  // By number: a seventh digit must not come before the sixth.
  steps.sort((a, b) => a - b)
  const sealed: number[] = []
  const torn: number[] = []
  for (const step of steps) {
    const whole = (await io.listFolder(checkpointFolder(output, step))).includes('state.json')
    ;(whole ? sealed : torn).push(step)
  }
  return { sealed, torn }
}

/** The seal goes first, so that a kill in between leaves no checkpoint with missing files. */
async function removeCheckpoint(folder: string): Promise<void> {
  await io.removeFile(join(folder, 'state.json'))
  await io.removeFolder(folder)
}

async function writeState(folder: string, state: RunState): Promise<void> {
  await io.commitFile(join(folder, 'state.json'), Buffer.from(`${JSON.stringify(state)}\n`))
}

/** `sealed`: what stays, for a state of before it said so itself. */
async function readState(folder: string, sealed: readonly number[]): Promise<RunState> {
  const path = join(folder, 'state.json')
  try {
    const found = JSON.parse((await io.readFile(path)).toString()) as RunState
    const state: RunState = {
      ...found,
      watch: found.watch ?? { recent: [], above: 0 },
      rollbacks: found.rollbacks ?? [],
      waysBack: found.waysBack ?? sealed.filter((step) => step <= found.step),
    }
    if (isRunState(state)) return state
  } catch (error) {
    if (error instanceof KopipeError) throw error
  }
  throw new KopipeError('corrupt', `${path} does not say where the run stands`, {
    path,
    hint: `Remove ${folder}; the checkpoint before it is used.`,
  })
}

function isRunState({ step, seconds, order, watch, rollbacks, waysBack }: RunState): boolean {
  const numbers = [step, ...waysBack].every(Number.isSafeInteger) && Number.isFinite(seconds)
  return numbers && isOrderState(order) && isWatchState(watch) && rollbacks.every(isRollback)
}

function isRollback({ to, at, since, attempt, time, skipped }: Rollback): boolean {
  return [to, at, since, attempt, ...skipped].every(Number.isSafeInteger) && Number.isFinite(time)
}
