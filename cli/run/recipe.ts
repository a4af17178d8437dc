/**
 * The recipe of a whole run: what goes in, where it goes, and a section a stage. A stage runs where its section stands. The sections
 * `clean` and `train` are those that the commands read with --recipe; flags of a command have their names without the dashes.
 */

import { readFileSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import { z } from 'zod'
import { KopipeError } from '../../core/errors.ts'
import { count, kebab, validate } from '../../core/options.ts'
import { parseYaml } from '../../core/yaml.ts'
import { cleanOptions } from '../../pipeline/clean.ts'
import { cleanSchema } from '../../pipeline/recipe.ts'
import { packOptions } from '../../pipeline/shards/options.ts'
import { statsOptions } from '../../pipeline/stats.ts'
import { tokenizeOptions } from '../../tokenizer/options.ts'
import { trainOptions } from '../../training/options.ts'
import { trainSchema } from '../../training/recipe.ts'

/** What the run gives to every stage, or has no say in one. */
const OF_THE_RUN = ['output', 'workers', 'memory', 'overwrite', 'quiet', 'json']

/** The flags of a command as keys of a section: `--vocab-size` is `vocab-size`. */
function flags(schema: z.ZodObject<z.ZodRawShape>, without: readonly string[] = []): z.ZodObject<z.ZodRawShape> {
  const left = Object.entries(schema.shape).filter(([key]) => !OF_THE_RUN.includes(key) && !without.includes(key))
  return z.strictObject(Object.fromEntries(left.map(([key, field]) => [kebab(key), optional(field as z.ZodType)])))
}

/** What a section leaves out is the command's default. */
function optional(field: z.ZodType): z.ZodType {
  return field instanceof z.ZodOptional ? field : field.optional()
}

const inputs = z.array(z.string()).min(1, 'expected at least one input')

export const runSchema = z.strictObject({
  inputs: inputs.meta({ description: 'files, folders, globs, artifacts or data manifests; relative ones from the folder of the recipe' }),
  output: z.string().optional().meta({ description: 'folder of the results; the name of the recipe where it is left out' }),
  workers: count().optional().meta({ description: 'threads that do work; one per core where it is left out' }),
  memory: z.union([z.string(), z.int()]).optional().meta({ description: 'bound on memory: 4GB' }),
  clean: z.strictObject({ ...cleanSchema.partial().shape, options: flags(cleanOptions).optional() }).optional(),
  tokenize: flags(tokenizeOptions).optional(),
  pack: flags(packOptions, ['tokenizer']).extend({ tokenizer: z.string().optional() }).optional(),
  train: z.strictObject({ ...trainSchema.shape, options: flags(trainOptions, ['recipe', 'setupTorch']).optional() }).optional(),
  stats: flags(statsOptions).optional(),
})

/** As it was written: defaults are the commands'. */
export type RunRecipe = z.input<typeof runSchema>

export interface ReadRecipe {
  recipe: RunRecipe
  path: string
  inputs: string[]
  output: string
}

export function readRecipe(file: string): ReadRecipe {
  const path = resolve(file)
  const recipe = parseYaml(contentOf(file), file) as RunRecipe
  validate(runSchema, recipe, (at) => `${file}, ${at || 'top level'}`)
  const folder = dirname(path)
  const name = basename(path).replace(/\.[^.]*$/, '')
  const at = (named: string) => (isAbsolute(named) ? named : join(folder, named))
  return { recipe, path, inputs: recipe.inputs.map(at), output: at(recipe.output ?? name) }
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new KopipeError('not-found', `cannot read the recipe ${file}: ${(error as Error).message}`, {
      path: file,
      cause: error,
      hint: '`kopipe init` writes one.',
    })
  }
}
