/** `run`: a recipe's stages are the commands, done once, and again where something changed; `init` writes such a recipe. */

import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import { folder, kopipe, koreanLines, tree } from '../kit.ts'

const RECIPE = `inputs: [raw.jsonl]
output: made
workers: 2
clean:
  options: { recipe: none, dedupe: exact }
tokenize:
  vocab-size: 600
pack:
  shuffle: 3
stats:
  lang: ko
`

function begin(t: TestContext, recipe = RECIPE): { dir: string; path: string } {
  const dir = folder(t)
  const path = join(dir, 'korean.yaml')
  writeFileSync(join(dir, 'raw.jsonl'), koreanLines(900, 51))
  writeFileSync(path, recipe)
  return { dir, path }
}

async function states(path: string): Promise<string[]> {
  const { code, stderr, summary } = await kopipe(['run', path, '--json', '--quiet'])
  assert.equal(code, 0, stderr)
  return (summary.stages as { stage: string; state: string }[]).map(({ stage, state }) => `${stage} ${state}`)
}

test('a recipe is its commands, one after the other', async (t) => {
  const { dir, path } = begin(t)
  assert.deepEqual(await states(path), ['clean done', 'tokenize done', 'pack done'])
  const at = (name: string) => join(dir, 'one', name)
  await kopipe(['clean', join(dir, 'raw.jsonl'), '-o', at('clean'), '--recipe', 'none', '--dedupe', 'exact', '--quiet'])
  await kopipe(['tokenize', at('clean'), '-o', at('tokenizer'), '--vocab-size', '600', '--quiet'])
  await kopipe(['pack', at('clean'), '--tokenizer', at('tokenizer/tokenizer.json'), '-o', at('packed'), '--shuffle', '3', '--quiet'])
  for (const name of ['clean/documents', 'packed/shards']) {
    assert.deepEqual(tree(join(dir, 'made', name)), tree(at(name)), name)
  }
  assert.match(readFileSync(join(dir, 'made/report.html'), 'utf8'), /<html lang="ko"/)
})

test('files that a recipe names are meant from its folder, wherever it is run', async (t) => {
  const { dir, path } = begin(t, RECIPE.replace('dedupe: exact', 'dedupe: exact, against: [eval.jsonl]'))
  const [first = ''] = koreanLines(900, 51)
    .split('\n')
    .filter((line) => line.length > 400)
  writeFileSync(join(dir, 'eval.jsonl'), `${first}\n`)
  const { code, stderr, summary } = await kopipe(['run', path, '--json', '--quiet'])
  assert.equal(code, 0, stderr)
  assert.ok((summary.dropped.contaminated?.docs ?? 0) > 0)
})

test('only what changed is done again', async (t) => {
  const { dir, path } = begin(t)
  await states(path)
  assert.deepEqual(await states(path), ['clean unchanged', 'tokenize unchanged', 'pack unchanged'])
  writeFileSync(path, RECIPE.replace('600', '700'))
  assert.deepEqual(await states(path), ['clean unchanged', 'tokenize again', 'pack again'])
  writeFileSync(join(dir, 'raw.jsonl'), koreanLines(950, 52))
  const { stderr, stdout } = await kopipe(['run', path])
  assert.match(stderr, /clean is done again: .*raw\.jsonl changed since the run was planned/s)
  assert.match(stdout, /^clean: done again, [\d.]+ s$/m)
  assert.deepEqual(await states(path), ['clean unchanged', 'tokenize unchanged', 'pack unchanged'])
})

test('a run that died goes on where it was', async (t) => {
  const { dir, path } = begin(t)
  await states(path)
  const whole = tree(join(dir, 'made/packed/shards'))
  for (const [fault, left] of [
    ['crash@30', 'clean'],
    ['enospc@95', 'tokenizer'],
  ] as const) {
    writeFileSync(path, RECIPE.replace('output: made', `output: again-${left}`))
    assert.notEqual((await kopipe(['run', path, '--quiet'], { env: { KOPIPE_FAULT: fault } })).code, 0, fault)
    assert.ok(!existsSync(join(dir, `again-${left}`, 'packed/dataset.json')), fault)
    await states(path)
    assert.deepEqual(tree(join(dir, `again-${left}`, 'packed/shards')), whole, fault)
  }
})

test('what a recipe has wrong is told before anything runs', async (t) => {
  const { dir, path } = begin(t)
  const cases: [from: string, to: string, said: RegExp][] = [
    ['tokenize:', 'tokenise:', /tokenise: there is no such key; did you mean "tokenize"\?/],
    ['vocab-size', 'vocab-sise', /tokenize\.vocab-sise: there is no such key; did you mean "vocab-size"\?/],
    ['600', 'many', /tokenize\.vocab-size: .*whole number.*"many"/],
    ['recipe: none', 'recipe: nine', /no recipe or file named "nine"/],
    ['inputs: [raw.jsonl]', '', /inputs: /],
    ['lang: ko', 'lang: fr', /stats\.lang: expected ko or en, got "fr"/],
  ]
  for (const [from, to, said] of cases) {
    writeFileSync(path, RECIPE.replace(from, to))
    const { code, stderr } = await kopipe(['run', path])
    assert.equal(code, 2, stderr)
    assert.match(stderr, said)
    assert.ok(!existsSync(join(dir, 'made/tokenizer')))
  }
  writeFileSync(path, 'inputs: [raw.jsonl]\n')
  assert.match((await kopipe(['run', path])).stderr, /no stage: expected a section clean, tokenize, pack or train/)
  writeFileSync(path, 'inputs: [raw.jsonl]\noutput: made\nclean: {}\npack: {}\n')
  assert.match((await kopipe(['run', path])).stderr, /pack, tokenizer: --tokenizer FILE is required/)
  assert.ok(!existsSync(join(dir, 'made')))
  assert.match((await kopipe(['run', join(dir, 'none.yaml')])).stderr, /cannot read the recipe/)
})

test('clean and train take their sections of the same file', async (t) => {
  const { dir, path } = begin(
    t,
    `${RECIPE.replace('  options:', '  filters: { length: { min: 200 } }\n  options:').replace('recipe: none, ', '')}`,
  )
  assert.deepEqual((await states(path))[0], 'clean done')
  const alone = await kopipe(['clean', join(dir, 'raw.jsonl'), '-o', join(dir, 'alone'), '--recipe', path, '--dedupe', 'exact', '--json'])
  assert.equal(alone.code, 0, alone.stderr)
  assert.deepEqual(tree(join(dir, 'made/clean/documents')), tree(join(dir, 'alone/documents')))
})

test('the JSON Schema takes what run takes', async (t) => {
  const { dir, path } = begin(t)
  const { stdout } = await kopipe(['run', '--schema'])
  const schema = JSON.parse(stdout) as object
  const check = new Ajv2020({ strict: false }).compile(schema)
  assert.ok(check(parse(RECIPE)), JSON.stringify(check.errors))
  for (const wrong of [
    'tokenise: {}',
    'tokenize: { vocab-size: many }',
    'clean: { options: { dedupe: some } }',
    'train: { preset: huge }',
  ]) {
    assert.ok(!check(parse(`inputs: [a]\n${wrong}\n`)), wrong)
  }
  const committed = readFileSync(join(import.meta.dirname, '../../docs/recipe.schema.json'), 'utf8')
  assert.deepEqual(schema, JSON.parse(committed), 'kopipe run --schema > docs/recipe.schema.json')
  const made = await kopipe(['init', join(dir, 'raw.jsonl'), '--yes', '-o', join(dir, 'new/r.yaml')])
  assert.equal(made.code, 0, made.stderr)
  const recipe = readFileSync(join(dir, 'new/r.yaml'), 'utf8')
  assert.ok(check(parse(recipe)))
  assert.deepEqual((parse(recipe) as { inputs: string[] }).inputs, ['../raw.jsonl'])
  assert.match(recipe, /^# yaml-language-server: \$schema=\.\/kopipe\.schema\.json\n/)
  assert.deepEqual(JSON.parse(readFileSync(join(dir, 'new/kopipe.schema.json'), 'utf8')), schema)
  assert.match((await kopipe(['init', path, '--yes', '-o', join(dir, 'new/r.yaml')])).stderr, /is there already/)
  assert.match((await kopipe(['init'])).stderr, /init asks its questions at a terminal/)
})
