/** `inspect` of a run of `train` or of a model: its checkpoints, what stands in one of them, and the numbers of a tensor. */

import { existsSync, readFileSync, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { closest } from 'fastest-levenshtein'
import { KopipeError } from '../../core/errors.ts'
import { checkpointFolder, sealedSteps } from '../checkpoint.ts'
import type { Line } from '../metrics.ts'
import { readTensor, safetensorsLayout } from '../safetensors.ts'
import { openModelFolder } from './folder.ts'

export interface ShownCheckpoint {
  step: number
  /** Of all its files. */
  bytes: number
  /** In nats a token, as metrics.jsonl has it of the step; of validation the last until then. */
  loss?: number
  valLoss?: number
}

export interface ShownTensor {
  name: string
  dtype: string
  shape: number[]
  file: string
}

export interface TensorNumbers extends ShownTensor {
  mean: number
  deviation: number
  least: number
  most: number
  /** Those that are infinite or no number; they are in none of the above. */
  notFinite: number
  first: number[]
}

export interface ModelInspection {
  /** Of a run; a model alone has none. */
  checkpoints: ShownCheckpoint[]
  /** The folder of the model that is shown. */
  model: string
  shape: { layers: number; width: number; heads: number; vocabulary: number }
  parameters: number
  tensors: ShownTensor[]
  tensor?: TensorNumbers
}

export async function inspectModel(
  path: string,
  { checkpoint, tensor }: { checkpoint?: number | undefined; tensor?: string | undefined },
): Promise<ModelInspection> {
  const checkpoints = await checkpointsOf(path)
  const folder = checkpoint === undefined ? path : folderAt(path, checkpoint, checkpoints)
  const model = await openModelFolder(folder)
  const tensors: ShownTensor[] = []
  for (const file of model.weights) {
    for (const { name, dtype, shape } of await safetensorsLayout(file)) tensors.push({ name, dtype, shape, file: basename(file) })
  }
  const parameters = tensors.reduce((sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1), 0)
  const numbers = tensor === undefined ? undefined : await numbersOf(model.path, tensor, tensors)
  return { checkpoints, model: model.path, shape: model.shape, parameters, tensors, ...(numbers && { tensor: numbers }) }
}

async function checkpointsOf(run: string): Promise<ShownCheckpoint[]> {
  if (!existsSync(join(run, 'checkpoints'))) return []
  const lines = metricsOf(run)
  const shown = (await sealedSteps(run)).map(async (step): Promise<ShownCheckpoint> => {
    const loss = lines.find((line) => line.step === step && 'loss' in line)
    const validation = lines.findLast((line) => line.step <= step && 'val_loss' in line)
    return {
      step,
      bytes: await bytesIn(checkpointFolder(run, step)),
      ...(loss && 'loss' in loss && { loss: loss.loss }),
      ...(validation && 'val_loss' in validation && { valLoss: validation.val_loss }),
    }
  })
  return Promise.all(shown)
}

function metricsOf(run: string): Line[] {
  const path = join(run, 'metrics.jsonl')
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean)
  return lines.map((line) => JSON.parse(line) as Line)
}

async function bytesIn(folder: string): Promise<number> {
  return (await readdir(folder)).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
}

function folderAt(run: string, step: number, checkpoints: readonly ShownCheckpoint[]): string {
  if (checkpoints.some((checkpoint) => checkpoint.step === step)) return checkpointFolder(run, step)
  const there = checkpoints.map(({ step }) => step).join(', ')
  throw new KopipeError('usage', `--checkpoint ${step}: ${run} has none of that step`, {
    hint: there ? `It has those of steps ${there}.` : 'It has no checkpoints.',
  })
}

async function numbersOf(folder: string, name: string, tensors: readonly ShownTensor[]): Promise<TensorNumbers> {
  const shown = tensors.find((tensor) => tensor.name === name)
  const found = shown && (await readTensor(join(folder, shown.file), name))
  if (!found) {
    const names = tensors.map((tensor) => tensor.name)
    throw new KopipeError('usage', `--tensor ${name}: there is none of that name`, { hint: `Did you mean ${closest(name, names)}?` })
  }
  let [sum, squares, least, most, finite] = [0, 0, Infinity, -Infinity, 0]
  for (const value of found.values) {
    if (!Number.isFinite(value)) continue
    finite += 1
    sum += value
    squares += value * value
    least = Math.min(least, value)
    most = Math.max(most, value)
  }
  const mean = finite === 0 ? 0 : sum / finite
  return {
    ...shown,
    mean,
    deviation: finite === 0 ? 0 : Math.sqrt(Math.max(0, squares / finite - mean * mean)),
    least,
    most,
    notFinite: found.values.length - finite,
    first: [...found.values.subarray(0, 8)],
  }
}
