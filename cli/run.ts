import { dirname, join } from 'node:path'
import { z } from 'zod'
import { interrupted, KopipeError } from '../core/errors.ts'
import { common } from '../core/options.ts'
import type { Session } from '../core/progress.ts'
import { stats, statsOptions } from '../pipeline/stats.ts'
import { command } from './command.ts'
import { type ReadRecipe, readRecipe } from './run/recipe.ts'
import { jsonSchema } from './run/schema.ts'
import { optionsOf, prepared, type Ran, runStage, stagesOf } from './run/stages.ts'

const runOptions = z.strictObject({
  schema: z.boolean().default(false).meta({ help: 'print the JSON Schema of recipes, for editors; needs no RECIPE' }),
  workers: common.workers
    .optional()
    .meta({ help: 'threads that do work', placeholder: 'N', shownDefault: "the recipe's, or one per core" }),
  quiet: common.quiet,
  json: common.json,
})

export default command({
  name: 'run',
  summary: 'All stages of a recipe, clean to model and report; only what changed is done again.',
  inputs: 'RECIPE...',
  options: runOptions,
  needsNoInput: ({ schema }) => schema,
  examples: [
    ['kopipe run korean.yaml', 'what its sections ask for; interrupt it, and the same command goes on'],
    ['kopipe run --schema > kopipe.schema.json', 'what editors check recipes by'],
    ['kopipe init raw/*.jsonl.zst -o korean.yaml', 'asks what there is to choose and writes a recipe'],
  ],
  async run(files, options, session) {
    if (options.schema) return { summary: {}, lines: [JSON.stringify(jsonSchema(), null, 2)] }
    const [file, ...more] = files as [string, ...string[]]
    if (more.length > 0) throw new KopipeError('usage', `expected one recipe, got ${files.length}: ${files.join(', ')}`)
    const read = readRecipe(file)
    const stages = stagesOf(read)
    if (stages.length === 0) {
      throw new KopipeError('usage', `${file} has no stage: expected a section clean, tokenize, pack or train`, {
        hint: '`clean: {}` is one, with every default.',
      })
    }
    const shared = { workers: options.workers ?? read.recipe.workers, memory: read.recipe.memory, quiet: true }
    const given = Object.fromEntries(Object.entries(shared).filter(([, value]) => value !== undefined))
    const ran: Ran[] = []
    const ready = await Promise.all(stages.map((stage) => prepared(stage, given, dirname(read.path))))
    for (const stage of ready) {
      if (session.signal.aborted) throw interrupted()
      ran.push(await runStage(stage, session))
    }
    const report = await reportOf(read, ran, given, session)
    const summary = {
      ...accountOf(ran[0]?.summary ?? {}),
      stages: ran.map(({ lines: _, ...rest }) => rest),
      report,
      artifact: read.output,
    }
    return { summary, lines: [...ran.flatMap(told), `→ ${report}`] }
  },
})

/** That of the documents which came in; a run that begins with training has none. */
function accountOf({ read, kept, dropped, malformed }: Record<string, unknown>): Record<string, unknown> {
  return read === undefined ? {} : { read, kept, dropped, malformed }
}

/** One page of all that was made. */
async function reportOf(
  { recipe, output, path }: ReadRecipe,
  ran: readonly Ran[],
  given: Record<string, unknown>,
  session: Session,
): Promise<string> {
  const page = join(output, 'report.html')
  const options = optionsOf({ name: 'stats', output: page, flags: recipe.stats ?? {} }, statsOptions, given, dirname(path))
  await stats(
    ran.map(({ artifact }) => artifact),
    options as z.output<typeof statsOptions>,
    session,
  )
  return page
}

const STATES = { done: 'done', unchanged: 'as it was', again: 'done again' }

function told({ stage, state, seconds, lines }: Ran): string[] {
  return [`${stage}: ${STATES[state]}, ${seconds.toFixed(1)} s`, ...(state === 'unchanged' ? [] : lines.map((line) => `  ${line}`))]
}
