/**
 * `tensorboard/events.out.tfevents.…`: the numbers of metrics.jsonl once more, as TensorBoard reads them.
 *
 * Each session writes a file anew from metrics.jsonl and then appends to it, so no step is there twice, whatever was
 * killed or taken back. Its name sorts behind the one that it takes the place of, which is emptied, and it begins by saying
 * that everything is told again: a TensorBoard that is watching goes on with it. Cost: 10 µs a step.
 */

import { join } from 'node:path'
import { io } from '../../native/index.ts'
import type { Line } from '../metrics.ts'
import { fileVersion, scalars, sessionStart } from './event.ts'
import { record } from './record.ts'

const NAME = /^events\.out\.tfevents\.(\d+)\.kopipe$/

export class Events {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  /** Begins the folder anew with these lines; of what stood there names are left. */
  static async begin(output: string, lines: Iterable<Line>): Promise<Events> {
    const folder = join(output, 'tensorboard')
    await io.createFolder(folder)
    const old = await io.listFolder(folder)
    const newest = Math.max(0, ...old.map((name) => Number(NAME.exec(name)?.[1] ?? 0)))
    const now = Date.now() / 1000
    const path = join(folder, `events.out.tfevents.${Math.max(Math.floor(now), newest + 1)}.kopipe`)
    const content = new Content()
    for (const line of lines) {
      if (content.length === 0) content.head(line.time ?? now)
      content.line(line)
    }
    if (content.length === 0) content.head(now)
    await io.commitFile(path, content.bytes())
    for (const name of old) {
      // Whoever reads it waits for more there, and goes on to the next only while it exists.
      if (NAME.exec(name)?.[1] === String(newest)) await io.commitFile(join(folder, name), record(fileVersion(now)))
      else if (!NAME.test(name)) await io.removeFile(join(folder, name))
    }
    return new Events(path)
  }

  async append(lines: readonly Line[]): Promise<void> {
    const content = new Content()
    for (const line of lines) content.line(line)
    if (content.length > 0) await io.appendFile(this.path, content.bytes())
  }
}

/** Records one behind the other. */
class Content {
  #bytes = Buffer.allocUnsafe(2 ** 12)
  length = 0

  head(time: number): void {
    this.#add(fileVersion(time))
    this.#add(sessionStart(time, 0))
  }

  line(line: Line): void {
    const values = valuesOf(line)
    // Lines of before there was a time cannot be placed.
    if (line.time !== undefined && values.length > 0) this.#add(scalars(line.time, line.step, values))
  }

  bytes(): Buffer {
    return this.#bytes.subarray(0, this.length)
  }

  #add(event: Buffer): void {
    const framed = record(event)
    if (this.length + framed.length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(2 * this.#bytes.length + framed.length)
      larger.set(this.bytes())
      this.#bytes = larger
    }
    this.#bytes.set(framed, this.length)
    this.length += framed.length
  }
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
