/** `inspect` of a run of `train`, a checkpoint or a model: checkpoints, tensors, the numbers of one. */

import { formatCount, formatSize } from '../../core/sizes.ts'
import { inspectModel, type ModelInspection, type ShownTensor, type TensorNumbers } from '../../training/model/inspect.ts'
import type { Outcome } from '../command.ts'
import { printable } from '../errors.ts'

export async function inspectTrained(
  path: string,
  options: { checkpoint?: number | undefined; tensor?: string | undefined },
): Promise<Outcome> {
  const found = await inspectModel(path, options)
  return { summary: { ...found, artifact: path }, lines: found.tensor ? numbers(found.tensor) : overview(found) }
}

function overview({ checkpoints, model, shape, parameters, tensors }: ModelInspection): string[] {
  const { layers, width, heads, vocabulary } = shape
  const nats = (value: number | undefined) => (value === undefined ? '' : value.toFixed(4)).padStart(12)
  return [
    ...(checkpoints.length > 0 ? [`${'step'.padStart(10)}${'loss'.padStart(12)}${'validation'.padStart(12)}${'size'.padStart(12)}`] : []),
    ...checkpoints.map(
      ({ step, loss, valLoss, bytes }) => `${formatCount(step).padStart(10)}${nats(loss)}${nats(valLoss)}${formatSize(bytes).padStart(12)}`,
    ),
    ...(checkpoints.length > 0 ? [''] : []),
    `${printable(model)}: ${formatCount(parameters)} numbers in ${tensors.length} tensors`,
    `${layers} layers, width ${formatCount(width)}, ${heads} heads, ${formatCount(vocabulary)} tokens`,
    '',
    ...tensors.map(line),
    '',
    'Another checkpoint: --checkpoint STEP.  The numbers of a tensor: --tensor NAME.',
  ]
}

function line({ name, dtype, shape }: ShownTensor): string {
  return `${dtype.padEnd(5)}${`[${shape.join(', ')}]`.padEnd(16)}${printable(name)}`
}

function numbers({ mean, deviation, least, most, notFinite, first, ...tensor }: TensorNumbers): string[] {
  const rows: [string, number][] = [
    ['mean', mean],
    ['deviation', deviation],
    ['least', least],
    ['most', most],
  ]
  return [
    line(tensor),
    ...rows.map(([name, value]) => `${name.padEnd(12)}${value.toPrecision(6)}`),
    ...(notFinite > 0 ? [`${formatCount(notFinite)} of them are infinite or no number`] : []),
    `${'begins'.padEnd(12)}${first.map((value) => Number(value.toPrecision(4))).join('  ')}`,
  ]
}
