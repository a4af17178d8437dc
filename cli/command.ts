/** A command: what it is called, what it takes, and the function that does it. One file each, imported when called. */

import type { z } from 'zod'
import type { Session } from '../core/progress.ts'

export interface Command<Shape extends z.ZodRawShape = z.ZodRawShape> {
  name: string
  summary: string
  /** How the arguments are called in help: `INPUT...`, `ARTIFACT ID`; without, the command takes none. */
  inputs?: string
  options: z.ZodObject<Shape>
  /** Whether it works without any argument, by these options. */
  needsNoInput?(options: z.output<z.ZodObject<Shape>>): boolean
  /** What `--help` shows: a command line and what it is for. */
  examples: readonly (readonly [line: string, what: string])[]
  run(inputs: string[], options: z.output<z.ZodObject<Shape>>, session: Session): Promise<Outcome>
}

export interface Outcome {
  /** The object `--json` prints. */
  summary: Record<string, unknown>
  /** What a person reads at the end. */
  lines: string[]
  /** Set where the work is done but something was wrong with the input: exit 1 with this text. */
  failure?: string
}

/** Ties the type of `run`'s options to the schema. */
export function command<Shape extends z.ZodRawShape>(spec: Command<Shape>): Command<Shape> {
  return spec
}
