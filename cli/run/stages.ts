/** The stages of a run in their order, each a command on what the one before has left. */

import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { z } from 'zod'
import { KopipeError } from '../../core/errors.ts'
import { kebab, type OptionMeta, validate } from '../../core/options.ts'
import type { Session } from '../../core/progress.ts'
import type { Outcome } from '../command.ts'
import type { ReadRecipe } from './recipe.ts'

type Flags = Record<string, unknown>

export interface Stage {
  name: 'clean' | 'tokenize' | 'pack' | 'train'
  inputs: string[]
  output: string
  flags: Flags
}

export interface Ran {
  stage: Stage['name']
  /** `unchanged`: it was done before; `again`: it was done before in another way; `done`: new, or gone on with. */
  state: 'done' | 'unchanged' | 'again'
  seconds: number
  artifact: string
  summary: Outcome['summary']
  lines: string[]
}

/** What a recipe asks for: stages whose section stands. */
export function stagesOf({ recipe, path, inputs, output }: ReadRecipe): Stage[] {
  const at = (name: string) => join(output, name)
  const { clean, tokenize, pack, train } = recipe
  const documents = clean ? [at('clean')] : inputs
  const stages: (Stage | undefined)[] = [
    clean && { name: 'clean', inputs, output: at('clean'), flags: { ...(hasSections(clean) && { recipe: path }), ...clean.options } },
    tokenize && { name: 'tokenize', inputs: documents, output: at('tokenizer'), flags: tokenize },
    pack && {
      name: 'pack',
      inputs: documents,
      output: at('packed'),
      flags: { ...pack, tokenizer: pack.tokenizer ?? (tokenize ? at('tokenizer/tokenizer.json') : undefined) },
    },
    train && { name: 'train', inputs: pack ? [at('packed')] : inputs, output: at('model'), flags: { recipe: path, ...train.options } },
  ]
  return stages.filter((stage) => stage !== undefined)
}

/** Whether the section says itself what is done to documents; without, a named recipe does. */
function hasSections({ options: _, ...sections }: NonNullable<ReadRecipe['recipe']['clean']>): boolean {
  return Object.values(sections).some((section) => section !== undefined)
}

const LOAD = {
  clean: () => import('../clean.ts'),
  tokenize: () => import('../tokenize.ts'),
  pack: () => import('../pack.ts'),
  train: () => import('../train.ts'),
} as const

interface Runnable {
  options: z.ZodObject<z.ZodRawShape>
  run(inputs: string[], options: never, session: Session): Promise<Outcome>
}

export interface Ready extends Stage {
  command: Runnable
  options: Flags
}

/** The stage with its options checked, so that a recipe is refused before anything runs. */
export async function prepared(stage: Stage, common: Flags, folder: string): Promise<Ready> {
  const command = (await LOAD[stage.name]()).default as unknown as Runnable
  return { ...stage, command, options: optionsOf(stage, command.options, common, folder) }
}

/** A stage whose configuration or inputs are others than those it was done with is done anew, and says why. */
export async function runStage({ name, inputs, output, command, options }: Ready, session: Session): Promise<Ran> {
  const started = performance.now()
  const record = join(output, 'kopipe.json')
  const before = writtenAt(record)
  const within = named(name, session)
  let state: Ran['state'] = 'done'
  const run = (overwrite: boolean) => command.run(inputs, { ...options, overwrite } as never, within)
  const outcome = await run(false).catch((error: unknown) => {
    if (!(error instanceof KopipeError) || error.kind !== 'changed' || before === undefined) throw error
    state = 'again'
    session.progress.note(`${name} is done again: ${error.message}`)
    return run(true)
  })
  if (outcome.failure) throw new KopipeError('corrupt', outcome.failure)
  if (state === 'done' && before !== undefined && writtenAt(record) === before) state = 'unchanged'
  const seconds = Math.round(performance.now() - started) / 1000
  return { stage: name, state, seconds, artifact: output, summary: outcome.summary, lines: outcome.lines }
}

function writtenAt(path: string): number | undefined {
  return existsSync(path) ? statSync(path).mtimeMs : undefined
}

/** A section's keys are flags without their dashes, its files are meant from the recipe's folder; complaints name the section. */
export function optionsOf(
  { name, output, flags }: { name: string; output: string; flags: Flags },
  schema: z.ZodObject<z.ZodRawShape>,
  common: Flags,
  folder: string,
): Flags {
  const options = Object.entries(schema.shape).flatMap(([key, field]) => {
    const value = flags[kebab(key)]
    return value === undefined ? [] : [[key, fromFolder(value, folder, (field as z.ZodType).meta() as OptionMeta | undefined)]]
  })
  const known = Object.entries(common).filter(([key]) => key in schema.shape)
  return validate(schema, { ...Object.fromEntries(known), ...Object.fromEntries(options), output }, (path) => `${name}, ${kebab(path)}`)
}

function fromFolder(value: unknown, folder: string, meta: OptionMeta | undefined): unknown {
  if (Array.isArray(value)) return value.map((one) => fromFolder(one, folder, meta))
  if (meta?.path === undefined || typeof value !== 'string') return value
  const at = resolve(folder, value)
  return meta.path === 'name' && !existsSync(at) ? value : at
}

/** What a stage tells of itself begins with its name. */
function named(name: string, { progress, signal }: Session): Session {
  return {
    signal,
    progress: {
      stage: (stage, total) => progress.stage(`${name}: ${stage}`, total),
      advance: (step) => progress.advance(step),
      note: (line) => progress.note(line),
    },
  }
}
