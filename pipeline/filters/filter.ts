/** What a filter file holds: the schema of its section in a recipe, and its documentation. The judgement is native. */

import type { z } from 'zod'

export interface Filter<S extends z.ZodType = z.ZodType> {
  /** File stem, key in a recipe, and what its drop reasons begin with. */
  id: string
  schema: S
  /** Keys that name a file or a list of files, meant from where the recipe stands. */
  files?: readonly string[]
  what: string
  why: string
  source: string
  /** Reason → what the number beside it is. */
  reasons: Record<string, string>
  /**
   * Two texts, or two URLs, and what the section must say for them where the defaults are not enough; files are those of
   * this repository.
   */
  example: { kept: string; dropped: string; section?: Record<string, unknown> }
}

export function filter<S extends z.ZodType>(spec: Filter<S>): Filter<S> {
  return spec
}
