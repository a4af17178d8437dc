/** Models of the user's in a recipe: what they drop and say, and what is refused before anything runs. */

import assert from 'node:assert/strict'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type TestContext, test } from 'node:test'
import { folder, kopipe, lines } from '../kit.ts'

const MODELS = resolve(import.meta.dirname, '../golden/linear')
const GOOD = '서울은 대한민국의 수도이다'
const BAD = '지금 바로 클릭 무료 상담'

interface Golden {
  texts: string[]
  predicted: Record<string, Record<string, number>[]>
}

/** A folder with documents, a recipe and the model it names by a relative path. */
function prepared(t: TestContext, section: string, model = 'softmax-subwords.bin'): { dir: string; recipe: string; args: string[] } {
  const dir = folder(t)
  const [input, recipe] = [join(dir, 'in.jsonl'), join(dir, 'recipe.yaml')]
  const texts = { good: GOOD, lines: GOOD.replaceAll(' ', '\n'), bad: BAD }
  writeFileSync(
    input,
    Object.entries(texts)
      .map(([id, text]) => `${JSON.stringify({ id, text })}\n`)
      .join(''),
  )
  writeFileSync(recipe, `clean:\n  filters:\n    ${section}\n`)
  copyFileSync(join(MODELS, model), join(dir, 'model.bin'))
  return { dir, recipe, args: ['clean', input, '-o', join(dir, 'out'), '--recipe', recipe, '--json', '--quiet'] }
}

test('quality drops what the model thinks little of, and says by which number', async (t) => {
  const { dir, args } = prepared(t, 'quality: {model: model.bin, least: 0.6}')
  const { code, stderr, summary } = await kopipe(args)
  assert.equal(code, 0, stderr)
  assert.deepEqual(
    lines(join(dir, 'out'), 'documents').map(({ id }) => id),
    ['good', 'lines'],
  )
  const [reject] = lines(join(dir, 'out'), 'rejects')
  const { reason, value, threshold } = (reject as { kopipe: unknown }).kopipe as { reason: string; value: number; threshold: number }
  assert.deepEqual([reject?.id, reason, threshold], ['bad', 'quality-low', 0.6])
  const { texts, predicted } = JSON.parse(readFileSync(join(MODELS, '../linear.json'), 'utf8')) as Golden
  const expected = predicted['softmax-subwords.bin']?.[texts.indexOf(BAD)]?.__label__good
  assert.ok(Math.abs(value - (expected ?? 0)) < 1e-5, `${value}, not ${expected}`)
  assert.equal(summary.dropped['quality-low']?.docs, 1)
  const why = await kopipe(['why', join(dir, 'out'), 'good'])
  assert.match(why.stdout, /0\.6 +quality-low: probability of the label/)
})

test('language asks a model too, where the recipe names one', async (t) => {
  const { dir, args } = prepared(t, 'language: {model: model.bin, labels: [__label__ko, __label__good], least: 0.6}')
  const { code, stderr } = await kopipe(args)
  assert.equal(code, 0, stderr)
  assert.deepEqual(
    lines(join(dir, 'out'), 'rejects').map(({ id, kopipe }) => [id, (kopipe as { reason: string }).reason]),
    [['bad', 'language-model']],
  )
})

test('a changed model is another configuration', async (t) => {
  const { dir, args } = prepared(t, 'quality: {model: model.bin}')
  assert.equal((await kopipe(args)).code, 0)
  assert.equal((await kopipe(args)).code, 0)
  copyFileSync(join(MODELS, 'softmax-bigrams.bin'), join(dir, 'model.bin'))
  const changed = await kopipe(args)
  assert.equal(changed.code, 1)
  assert.match(changed.stderr, /begun with another configuration:\n {2}files: /)
})

test('what no model can judge by is refused before anything runs', async (t) => {
  const refused = async (section: string, expected: RegExp, model?: string) => {
    const { args } = prepared(t, section, model)
    const { code, stderr } = await kopipe(args)
    assert.equal(code, 1, stderr)
    assert.match(stderr, expected)
    assert.equal(stderr.trim().split('\n').length, 1, stderr)
  }
  await refused('quality: {model: none.bin}', /cannot open .*none\.bin/)
  await refused('quality: {model: in.jsonl}', /in\.jsonl is damaged at byte .*expected a `\.bin` or `\.ftz` file/)
  await refused('quality: {model: model.bin, label: good}', /the model has no label good; it has __label__\w+, /)
  await refused(
    'quality: {model: model.bin}',
    /no label __label__good; it has (__label__l\d+, ){9}__label__l\d+ and 250 more/,
    'qnorm-qout.ftz',
  )
  await refused('language: {model: model.bin}', /no label __label__ko or __label__kor_Hang/)
  const { args } = prepared(t, 'quality: {least: 0.5}')
  const without = await kopipe(args)
  assert.equal(without.code, 2)
  assert.match(without.stderr, /quality\.model/)
})
