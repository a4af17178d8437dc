import { existsSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { cancel, intro, isCancel, outro, select, text } from '@clack/prompts'
import { stringify } from 'yaml'
import { z } from 'zod'
import { interrupted, KopipeError } from '../core/errors.ts'
import { common } from '../core/options.ts'
import { io } from '../native/index.ts'
import { aboutRecipe, recipeNames } from '../pipeline/recipe.ts'
import { PRESETS } from '../training/presets.ts'
import { command } from './command.ts'
import { runSchema } from './run/recipe.ts'
import { jsonSchema } from './run/schema.ts'

const initOptions = z.strictObject({
  output: z.string().default('kopipe.yaml').meta({ help: 'the recipe', placeholder: 'FILE', short: 'o' }),
  yes: z.boolean().default(false).meta({ help: 'ask nothing: every default', short: 'y' }),
  overwrite: z.boolean().default(false).meta({ help: 'write over a recipe that is there' }),
  quiet: common.quiet,
  json: common.json,
})

/** Beside the recipe: editors find it by the recipe's first line. */
const SCHEMA = 'kopipe.schema.json'

interface Answers {
  inputs: string[]
  recipe: string
  dedupe: string
  vocabulary: number
  preset: string
  lang: string
}

export default command({
  name: 'init',
  summary: 'Asks what there is to choose and writes a recipe for `kopipe run`.',
  inputs: 'INPUT...',
  options: initOptions,
  needsNoInput: () => true,
  examples: [
    ['kopipe init', 'asks for the inputs, too'],
    ['kopipe init raw/*.jsonl.zst -o korean.yaml', 'of these files'],
    ['kopipe init raw --yes', 'every default, without a question'],
  ],
  async run(given, options, { signal }) {
    const path = resolve(options.output)
    if (existsSync(path) && !options.overwrite) {
      throw new KopipeError('usage', `${options.output} is there already`, {
        path,
        hint: 'Name another with -o, or write over it with --overwrite.',
      })
    }
    const answers = options.yes ? defaults(given) : await ask(given, signal)
    const recipe = recipeOf(answers, dirname(path))
    await io.createFolder(dirname(path))
    await io.commitFile(join(dirname(path), SCHEMA), Buffer.from(`${JSON.stringify(jsonSchema(), null, 2)}\n`))
    await io.commitFile(path, Buffer.from(recipe))
    return { summary: { recipe: options.output }, lines: [`→ ${options.output}`, `next: kopipe run ${options.output}`] }
  },
})

function defaults(inputs: readonly string[]): Answers {
  if (inputs.length === 0) throw new KopipeError('usage', 'expected at least one INPUT with --yes', { hint: 'See: kopipe init --help' })
  return { inputs: [...inputs], recipe: 'ko', dedupe: 'near', vocabulary: 30003, preset: 'tiny', lang: 'en' }
}

async function ask(given: readonly string[], signal: AbortSignal): Promise<Answers> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new KopipeError('usage', 'init asks its questions at a terminal, and this is none', { hint: 'With --yes it asks nothing.' })
  }
  const output = process.stderr
  intro('A recipe for kopipe run', { output })
  const choose = async (message: string, options: [value: string, hint: string][]) =>
    answered(await select({ message, options: options.map(([value, hint]) => ({ value, label: value, hint })), output, signal }))
  const write = async (message: string, initialValue: string, validate: (value: string) => string | undefined) =>
    answered(await text({ message, initialValue, output, signal, validate: (value) => validate(value ?? '') }))
  const inputs =
    given.length > 0
      ? [...given]
      : (await write('Which files, folders or globs? (blanks between)', 'raw', (value) => (value.trim() ? undefined : 'at least one')))
          .trim()
          .split(/\s+/)
  const answers: Answers = {
    inputs,
    recipe: await choose(
      'How are documents cleaned?',
      recipeNames()
        .sort((a, b) => Number(b === 'ko') - Number(a === 'ko'))
        .map((name) => [name, aboutRecipe(name)]),
    ),
    dedupe: await choose('Which duplicates go?', [
      ['near', 'of documents that are alike one stays'],
      ['exact', 'of equal ones'],
      ['off', 'none'],
    ]),
    vocabulary: Number(
      await write('How many tokens?', '30003', (value) => (/^\d+$/.test(value) && Number(value) > 258 ? undefined : 'a number above 258')),
    ),
    preset: await choose('Which model?', [
      ...Object.keys(PRESETS).map((name): [string, string] => [name, '']),
      ['none', 'shards are all that is wanted'],
    ]),
    lang: await choose('In which language is the report?', [
      ['ko', '한국어'],
      ['en', 'English'],
    ]),
  }
  outro('Written.', { output })
  return answers
}

/** Ctrl-C at a question, or a signal from outside. */
function answered<T>(answer: T | symbol): Exclude<T, symbol> {
  if (typeof answer !== 'symbol' && !isCancel(answer)) return answer as Exclude<T, symbol>
  cancel('Nothing was written.', { output: process.stderr })
  throw interrupted('nothing was written')
}

function recipeOf({ inputs, recipe, dedupe, vocabulary, preset, lang }: Answers, folder: string): string {
  const content = {
    inputs: inputs.map((input) => relative(folder, resolve(input)) || '.'),
    clean: { options: { recipe, dedupe } },
    tokenize: { 'vocab-size': vocabulary },
    pack: { shuffle: 1 },
    ...(preset !== 'none' && { train: { preset } }),
    stats: { lang },
  }
  runSchema.parse(content)
  return [
    `# yaml-language-server: $schema=./${SCHEMA}`,
    '# A recipe: `kopipe run` on this file does all of it, and after a change only what changed. Paths are from this folder.',
    stringify(content),
  ].join('\n')
}
