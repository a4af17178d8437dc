/**
 * `metrics.jsonl`: a line an optimizer step, `{"step","loss","lr","tokens","seconds"}`, and a line a validation,
 * `{"step","val_loss"}`. Losses are means in nats a token, `tokens` and `seconds` count from the start of training.
 *
 * Lines are appended as they come, for whoever watches; what a kill leaves behind the last checkpoint is cut off on
 * resume, since those steps are done again.
 */

import { join } from 'node:path'
import { io } from '../native/index.ts'

export interface StepMetrics {
  step: number
  loss: number
  lr: number
  tokens: number
  seconds: number
}

export interface ValidationMetrics {
  step: number
  val_loss: number
}

type Line = StepMetrics | ValidationMetrics

export class Metrics {
  readonly #path: string
  readonly #lines: Line[]

  private constructor(path: string, lines: Line[]) {
    this.#path = path
    this.#lines = lines
  }

  /** Opens the metrics of a folder and keeps the lines up to a step. */
  static async open(folder: string, step: number): Promise<Metrics> {
    const path = join(folder, 'metrics.jsonl')
    const there = (await io.listFolder(folder)).includes('metrics.jsonl')
    const lines = there ? parse(await io.readFile(path)).filter((line) => line.step <= step) : []
    const metrics = new Metrics(path, lines)
    await metrics.commit()
    return metrics
  }

  async add(line: Line): Promise<void> {
    this.#lines.push(line)
    await io.appendFile(this.#path, text([line]))
  }

  /** Makes every line last; before a checkpoint, which must not know of steps that are not here. */
  async commit(): Promise<void> {
    await io.commitFile(this.#path, text(this.#lines))
  }

  /** The last line of each kind. */
  last(): { step: StepMetrics | null; validation: ValidationMetrics | null } {
    const step = this.#lines.findLast((line) => 'loss' in line) ?? null
    const validation = this.#lines.findLast((line) => 'val_loss' in line) ?? null
    return { step, validation }
  }
}

function text(lines: Line[]): Buffer {
  return Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
}

/** Complete lines only: the last one may have been torn. */
function parse(content: Buffer): Line[] {
  const lines: Line[] = []
  for (const line of content.toString().split('\n').slice(0, -1)) {
    try {
      lines.push(JSON.parse(line) as Line)
    } catch {
      break
    }
  }
  return lines
}
