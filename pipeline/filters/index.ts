/** Every filter, in the order they judge. Explicit: a list one can read; tests hold it against the native core's. */

import { z } from 'zod'
import hangulRatio from './hangul-ratio.ts'
import length from './length.ts'

export const FILTERS = [length, hangulRatio] as const

/** The `filters` section of a recipe: only what is named there judges. */
export const filtersSchema = z.strictObject({
  [length.id]: length.schema.optional(),
  [hangulRatio.id]: hangulRatio.schema.optional(),
})

export type Filters = z.infer<typeof filtersSchema>
