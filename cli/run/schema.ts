/** The JSON Schema of a recipe, as editors read it: what `run` accepts, before defaults. */

import { z } from 'zod'
import { runSchema } from './recipe.ts'

export function jsonSchema(): unknown {
  const schema = z.toJSONSchema(runSchema, {
    io: 'input',
    unrepresentable: 'any',
    // A flag is text that is read as a number; in a recipe it is a number.
    override: ({ zodSchema, jsonSchema }) => {
      const { help, placeholder: _, shownDefault, short: __, path: ___, ...rest } = jsonSchema as Record<string, unknown>
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key]
      // A default that is shown otherwise is that of a machine.
      if (shownDefault !== undefined) delete rest.default
      Object.assign(jsonSchema, rest, help !== undefined && { description: help })
      const { type, coerce, checks } = zodSchema._zod.def as { type: string; coerce?: boolean; checks?: unknown[] }
      if (type === 'number' && coerce) jsonSchema.type = checks?.length ? 'integer' : 'number'
    },
  })
  return { ...schema, title: 'A recipe of kopipe', description: 'kopipe run RECIPE.yaml' }
}
