/**
 * What a run tells, in all its forms: metrics.jsonl is the one that counts, TensorBoard's events and the curve of the report
 * are made from it.
 *
 * Lines are held for a fifth of a second and appended together: a step costs its line and no system call. At a checkpoint
 * what was appended is synced, which costs the same after 300 steps as after 300,000; the file is written anew only when a
 * session begins or a rollback takes lines away.
 */

import { join } from 'node:path'
import { io } from '../native/index.ts'
import type { RunState } from './checkpoint.ts'
import { Curve } from './curve.ts'
import { type Line, linesUpTo, type StepMetrics, textOf, type ValidationMetrics } from './metrics.ts'
import { Events } from './tensorboard/events.ts'

const HELD = 200

export class Log {
  readonly curve = new Curve()
  /** The last line of each kind. */
  step: StepMetrics | null = null
  validation: ValidationMetrics | null = null
  /** Lines of steps. */
  steps = 0
  readonly #output: string
  readonly #path: string
  #events!: Events
  #held: Line[] = []
  #flushed = performance.now()

  private constructor(output: string) {
    this.#output = output
    this.#path = join(output, 'metrics.jsonl')
  }

  /** Takes up what was told until a checkpoint. */
  static async open(output: string, { step, rollbacks }: Pick<RunState, 'step' | 'rollbacks'>): Promise<Log> {
    const log = new Log(output)
    const there = await log.#content()
    const kept: Buffer[] = []
    function* lines(): Generator<Line> {
      for (const { line, text } of linesUpTo(there, step, rollbacks)) {
        log.#note(line)
        keep(kept, text)
        yield line
      }
    }
    log.#events = await Events.begin(output, lines())
    const wanted = Buffer.concat(kept)
    // Also where there is none: what is appended to later has to be there after a power cut.
    if (wanted.length === 0 || !there.equals(wanted)) await io.commitFile(log.#path, wanted)
    return log
  }

  async add(line: Line): Promise<void> {
    this.#note(line)
    this.#held.push(line)
    if (performance.now() - this.#flushed >= HELD) await this.flush()
  }

  async flush(): Promise<void> {
    this.#flushed = performance.now()
    const lines = this.#held
    this.#held = []
    if (lines.length === 0) return
    await io.appendFile(this.#path, textOf(lines))
    await this.#events.append(lines)
  }

  /** Makes every line last; before a checkpoint, which must not know of steps that are not here. */
  async sync(): Promise<void> {
    await this.flush()
    await io.syncFile(this.#path)
  }

  /** At the end of a run: no session comes that would write the events anew. */
  async close(): Promise<void> {
    await this.sync()
    await io.syncFile(this.#events.path)
  }

  async #content(): Promise<Buffer> {
    const there = (await io.listFolder(this.#output)).includes('metrics.jsonl')
    return there ? io.readFile(this.#path) : Buffer.alloc(0)
  }

  #note(line: Line): void {
    this.curve.add(line)
    if ('loss' in line) {
      this.step = line
      this.steps++
    }
    if ('val_loss' in line) this.validation = line
  }
}

/** Adds a text; what stands behind the last one already makes it longer. */
function keep(pieces: Buffer[], text: Buffer): void {
  const last = pieces.at(-1)
  const joins = last?.buffer === text.buffer && last.byteOffset + last.length === text.byteOffset
  if (last && joins) pieces[pieces.length - 1] = Buffer.from(last.buffer, last.byteOffset, last.length + text.length)
  else pieces.push(text)
}
