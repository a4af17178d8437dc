/**
 * `report.html`: the course of a run on a page, written at the end and beside checkpoints. Drawing takes a quarter of a
 * second of the loop's own time, so beside checkpoints it is left out until two hundred times that has gone by.
 */

import { join } from 'node:path'
import type { Configuration } from '../../core/artifact.ts'
import type { InputFile } from '../../core/input-file.ts'
import type { Lang } from '../../core/page/page.ts'
import { io, type Packed } from '../../native/index.ts'
import type { Curve } from '../curve.ts'
import type { Run, Standing } from '../loop.ts'

const SELDOM = 200

/** What the report tells of a run beside its course. */
export interface About {
  readonly lang: Lang
  readonly configuration: Configuration
  /** The shards. */
  readonly inputs: readonly Pick<InputFile, 'path' | 'bytes'>[]
}

export class Report {
  readonly #run: Run
  #packed: Packed[] | undefined
  #next = 0

  constructor(run: Run) {
    this.#run = run
  }

  /** Unless the last one was written too short a time ago for what it costs. */
  async writeSeldom(curve: Curve, standing: Standing): Promise<void> {
    if (performance.now() >= this.#next) await this.write(curve, standing)
  }

  async write(curve: Curve, standing: Standing): Promise<void> {
    const begun = performance.now()
    const { renderReport } = await import('./page.ts')
    this.#packed ??= await this.#run.train.packed()
    const page = renderReport({
      ...standing,
      run: this.#run,
      packed: this.#packed,
      points: curve.points(),
      validations: curve.validations(),
    })
    await io.commitFile(join(this.#run.output, 'report.html'), Buffer.from(page))
    this.#next = performance.now() + SELDOM * (performance.now() - begun)
  }
}
