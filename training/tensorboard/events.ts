/**
 * `tensorboard/events.out.tfevents.…`: the numbers of metrics.jsonl once more, as TensorBoard reads them.
 *
 * Each session writes a file anew from metrics.jsonl and then appends to it, so no step is there twice, whatever was
 * killed or taken back. Its name sorts behind the one that it takes the place of and it begins by saying that everything
 * is told again: a TensorBoard that is watching goes on with it. Cost: 8 µs a step.
 */

import { join } from 'node:path'
import { io } from '../../native/index.ts'
import type { Line } from '../metrics.ts'
import { fileVersion, scalars, sessionStart } from './event.ts'
import { record } from './record.ts'

const NAME = /^events\.out\.tfevents\.(\d+)\./

export class Events {
  readonly #path: string

  private constructor(path: string) {
    this.#path = path
  }

  /** Begins the folder anew with these lines; what stood there is removed. */
  static async begin(output: string, lines: readonly Line[]): Promise<Events> {
    const folder = join(output, 'tensorboard')
    await io.createFolder(folder)
    const old = await io.listFolder(folder)
    const newest = Math.max(0, ...old.map((name) => Number(NAME.exec(name)?.[1] ?? 0)))
    const now = Date.now() / 1000
    const path = join(folder, `events.out.tfevents.${Math.max(Math.floor(now), newest + 1)}.kopipe`)
    const begin = lines.find((line) => line.time !== undefined)?.time ?? now
    const head = [fileVersion(begin), sessionStart(begin, 0)].map(record)
    await io.commitFile(path, Buffer.concat([...head, records(lines)]))
    for (const name of old) await io.removeFile(join(folder, name))
    return new Events(path)
  }

  async append(lines: readonly Line[]): Promise<void> {
    const bytes = records(lines)
    if (bytes.length > 0) await io.appendFile(this.#path, bytes)
  }
}

function records(lines: readonly Line[]): Buffer {
  return Buffer.concat(
    lines.flatMap((line) => {
      const values = valuesOf(line)
      return line.time === undefined || values.length === 0 ? [] : [record(scalars(line.time, line.step, values))]
    }),
  )
}

function valuesOf(line: Line): [tag: string, value: number][] {
  if ('val_loss' in line) return [['val/loss', line.val_loss]]
  if (!('loss' in line)) return []
  const all: [string, number | undefined][] = [
    ['train/loss', line.loss],
    ['train/lr', line.lr],
    ['train/grad_norm', line.grad_norm],
    ['train/tokens_per_second', line.tokens_per_second],
    ['train/mfu', line.mfu],
  ]
  return all.filter((entry): entry is [string, number] => entry[1] !== undefined)
}
