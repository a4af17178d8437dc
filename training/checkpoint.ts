/**
 * Checkpoints: `checkpoints/step-000200/` with the engine's files, those that make it a model folder of Hugging Face's, and
 * `state.json`, which is written last and seals it.
 * A folder without it does not exist. The newest two are kept.
 */

import { join } from 'node:path'
import { KopipeError } from '../core/errors.ts'
import { io } from '../native/index.ts'
import type { Engine } from './engines/engine.ts'
import { linkModelFiles } from './hugging-face.ts'
import { isOrderState, type OrderState } from './order.ts'

/** Where a run stands after `step` optimizer steps. */
export interface RunState {
  readonly step: number
  /** Of training, over all sessions. */
  readonly seconds: number
  /** Of the samples' order. */
  readonly order: OrderState
}

const KEPT = 2

export async function saveCheckpoint(output: string, engine: Engine, state: RunState): Promise<void> {
  const folder = join(output, 'checkpoints', `step-${String(state.step).padStart(6, '0')}`)
  await removeCheckpoint(folder)
  await io.createFolder(folder)
  await engine.save(folder)
  await linkModelFiles(output, folder)
  await io.commitFile(join(folder, 'state.json'), Buffer.from(`${JSON.stringify(state)}\n`))
  const { sealed } = await listCheckpoints(output)
  for (const old of sealed.slice(0, -KEPT)) await removeCheckpoint(old)
}

/** Loads the newest checkpoint into the engine; null where there is none. What a kill left half written is removed. */
export async function loadCheckpoint(output: string, engine: Engine): Promise<RunState | null> {
  const { sealed, torn } = await listCheckpoints(output)
  for (const folder of torn) await io.removeFolder(folder)
  const newest = sealed.at(-1)
  if (newest === undefined) return null
  const state = await readState(newest)
  await engine.load(newest)
  return state
}

/** The folder of a run's newest checkpoint; null where there is none. */
export async function newestCheckpoint(output: string): Promise<string | null> {
  return (await listCheckpoints(output)).sealed.at(-1) ?? null
}

async function listCheckpoints(output: string): Promise<{ sealed: string[]; torn: string[] }> {
  const root = join(output, 'checkpoints')
  const folders = (await io.listFolder(root)).filter((name) => /^step-\d{6,}$/.test(name))
  // By number: a seventh digit must not come before the sixth.
  folders.sort((a, b) => Number(a.slice(5)) - Number(b.slice(5)))
  const sealed: string[] = []
  const torn: string[] = []
  for (const name of folders) {
    const folder = join(root, name)
    const whole = (await io.listFolder(folder)).includes('state.json')
    ;(whole ? sealed : torn).push(folder)
  }
  return { sealed, torn }
}

/** The seal goes first, so that a kill in between leaves no checkpoint with missing files. */
async function removeCheckpoint(folder: string): Promise<void> {
  await io.removeFile(join(folder, 'state.json'))
  await io.removeFolder(folder)
}

async function readState(folder: string): Promise<RunState> {
  const path = join(folder, 'state.json')
  try {
    const state = JSON.parse((await io.readFile(path)).toString()) as RunState
    if (Number.isSafeInteger(state.step) && Number.isFinite(state.seconds) && isOrderState(state.order)) return state
  } catch (error) {
    if (error instanceof KopipeError) throw error
  }
  throw new KopipeError('corrupt', `${path} does not say where the run stands`, {
    path,
    hint: `Remove ${folder}; the checkpoint before it is used.`,
  })
}
