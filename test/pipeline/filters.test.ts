/** What the filters and recipes make of documents: the examples of the docs, dps's defects, the sample's junk, real text. */

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Filter } from '../../pipeline/filters/filter.ts'
import { FILTERS } from '../../pipeline/filters/index.ts'
import { filterList, loadRecipe, recipeNames } from '../../pipeline/recipe.ts'
import { filterDocs } from '../../scripts/filter-docs.ts'
import { corpusFile, folder, kopipe, lines, type Summary } from '../kit.ts'

const ROOT = resolve(import.meta.dirname, '../..')

interface Outcome {
  summary: Summary
  documents: Record<string, unknown>[]
  /** Reason by id. */
  rejects: Map<unknown, string>
  out: string
}

/** Runs `clean` on documents; a recipe that is an object is written to a file. */
async function clean(t: TestContext, documents: object[], recipe: string | object, ...more: string[]): Promise<Outcome> {
  const dir = folder(t)
  const [input, out, file] = [join(dir, 'in.jsonl'), join(dir, 'out'), join(dir, 'recipe.yaml')]
  writeFileSync(input, documents.map((document) => `${JSON.stringify(document)}\n`).join(''))
  if (typeof recipe === 'object') writeFileSync(file, JSON.stringify({ clean: recipe }))
  const args = [
    'clean',
    input,
    '-o',
    out,
    '--recipe',
    typeof recipe === 'object' ? file : recipe,
    '--dedupe',
    'exact',
    '--json',
    '--quiet',
    ...more,
  ]
  const { code, summary, stderr } = await kopipe(args)
  assert.equal(code, 0, stderr)
  return { summary, out, documents: lines(out, 'documents'), rejects: reasons(out) }
}

function reasons(out: string): Map<unknown, string> {
  return new Map(lines(out, 'rejects').map((reject) => [reject.id, (reject.kopipe as { reason: string }).reason]))
}

test('the examples of every filter are judged as documented', async (t) => {
  for (const { id, schema, files, example, reasons } of FILTERS) {
    const least = ['min-words', 'min-lines'].filter((key) => key in schema.shape).map((key) => [key, 0])
    const { kept, dropped, section = {} }: Filter['example'] = example
    const documents = Object.entries({ kept, dropped }).map(([id, text]) => ({ id, text, url: text }))
    const named = Object.entries(section).map(([key, value]) => [key, files?.includes(key) ? resolve(ROOT, String(value)) : value])
    const { rejects } = await clean(t, documents, { filters: { [id]: Object.fromEntries([...least, ...named]) } })
    assert.deepEqual([...rejects.keys()], ['dropped'], id)
    assert.ok((rejects.get('dropped') as string) in reasons, id)
  }
})

test('docs/filters.md is what the filters say', () => {
  assert.equal(readFileSync(new URL('../../docs/filters.md', import.meta.url), 'utf8'), filterDocs())
})

test('the recipe ko has the defaults, but for the filters it leaves out', () => {
  const { filters } = loadRecipe('ko')
  const missing = FILTERS.filter(({ id }) => !(id in filters)).map(({ id }) => id)
  assert.deepEqual(missing, ['url-list', 'words', 'quality'])
  for (const { id, schema } of FILTERS) if (id in filters) assert.deepEqual(filters[id], schema.parse({}), id)
  // What the core measures and fuzzes.
  const list = new URL('../../native/crates/kopipe-core/src/clean/filters/korean.json', import.meta.url)
  assert.deepEqual(JSON.parse(readFileSync(list, 'utf8')), filterList(loadRecipe('ko')))
  assert.deepEqual(recipeNames(), ['dps', 'fineweb2-ko', 'gopher', 'ko', 'none'])
})

const LONG = '오늘은 날씨가 참 좋아서 친구와 함께 가까운 공원에 나가 한참을 걸었다. 나무 밑에 앉아 준비해 온 점심을 먹었다.'

test('what dps loses stays', async (t) => {
  for (const recipe of ['ko', 'dps']) {
    const documents = [
      { id: 'a', text: LONG, url: 'https://a', n: { b: [1] } },
      { id: 'b', text: LONG },
      { id: 'laugh', text: `${LONG} 안녕ㅋㅋㅋㅋㅋ 반가워ㅎㅎ 1000000원` },
      { id: 'lines', text: `${LONG}\n\n둘째 문단이다. ﾾￂﾤ\n셋째 줄이다.\uA960` },
      { id: 'chinese', text: '中文文字 全部 漢字 '.repeat(9) },
      { id: 'short', text: '나는 학교에 갔다 그리고 집에 왔다 그리고 나는 밥을 먹었다 또 나는 책을 읽다가 곧 잠에 들었다' },
    ]
    const { documents: kept, rejects } = await clean(t, documents, recipe)
    // 1: of two equal documents one stays. 3: Chinese is no Korean.
    assert.deepEqual(
      [...rejects],
      [
        ['b', 'exact-duplicate'],
        ['chinese', 'hangul-ratio-low'],
      ],
      recipe,
    )
    const text = new Map(kept.map((document) => [document.id, document.text as string]))
    // 2: syllables and digits are never cut. 5: short eojeol are good Korean.
    assert.ok(text.get('laugh')?.endsWith('안녕ㅋㅋ 반가워ㅎㅎ 1000000원'), recipe)
    assert.ok(text.has('short'), recipe)
    // 6: line feeds stay, half-width jamo are syllables, and no jamo of an extension is lost or left to break a search.
    assert.ok(text.get('lines')?.startsWith(`${LONG}\n\n둘째 문단이다. 한\n셋째 줄이다.`), recipe)
    // 7: metadata stay; every reject says why.
    assert.deepEqual([kept[0]?.url, kept[0]?.n], ['https://a', { b: [1] }], recipe)
    const reject = lines((await clean(t, documents.slice(4), recipe)).out, 'rejects')[0]?.kopipe as Record<string, unknown>
    assert.equal(reject.reason, 'hangul-ratio-low')
    assert.ok(typeof reject.value === 'number' && typeof reject.threshold === 'number')
  }
})

test('url-list drops by lists that stand beside the recipe, and pins them', async (t) => {
  const dir = folder(t)
  const [input, out, recipe, list] = [join(dir, 'in.jsonl'), join(dir, 'out'), join(dir, 'recipe.yaml'), join(dir, 'lists/domains')]
  const urls = ['https://blog.example.com/a', 'https://notexample.com', 'https://a.kr/bad/1', 'https://a.kr/badly', undefined]
  writeFileSync(input, urls.map((url, i) => `${JSON.stringify({ id: i, text: LONG, meta: { url } })}\n`).join(''))
  writeFileSync(recipe, 'clean: {filters: {url-list: {key: meta.url, lists: [lists/domains]}}}')
  const run = (...more: string[]) =>
    kopipe(['clean', input, '-o', out, '--recipe', recipe, '--dedupe', 'off', '--json', '--quiet', ...more])
  assert.notEqual((await run()).code, 0)
  mkdirSync(join(dir, 'lists'))
  writeFileSync(list, '# none\n')
  assert.match((await run()).stderr, /lists nothing: expected/)
  writeFileSync(list, '0.0.0.0 example.com\na.kr/bad\n')
  assert.equal((await run()).code, 0)
  assert.deepEqual(
    [...reasons(out)],
    [
      [0, 'url-list-domain'],
      [2, 'url-list-url'],
    ],
  )
  // Another list is another configuration.
  writeFileSync(list, 'example.com\n')
  assert.match((await run()).stderr, /files/)
})

test('the recipe ko drops the junk and spam of the sample', async (t) => {
  const dir = folder(t)
  const [sample, out] = [join(dir, 'sample'), join(dir, 'out')]
  assert.equal((await kopipe(['sample', '-o', sample, '--size', '32MB', '--seed', '1', '--quiet'])).code, 0)
  assert.equal((await kopipe(['clean', join(sample, 'documents'), '-o', out, '--quiet'])).code, 0)
  const fates = reasons(out)
  const truth = readFileSync(join(sample, 'truth.jsonl'), 'utf8').trim().split('\n')
  const planted = truth.map((line) => JSON.parse(line) as { kind: string; id: string })
  for (const kind of ['junk', 'spam']) {
    const of = planted.filter((said) => said.kind === kind)
    const dropped = of.filter(({ id }) => fates.has(id)).length
    assert.ok(of.length > 50 && dropped >= 0.98 * of.length, `${kind}: ${dropped} of ${of.length}`)
  }
})

for (const source of ['kowiki-2023', 'precedents', 'ms-docs-2021']) {
  test(`the recipe ko keeps the articles of ${source}`, async (t) => {
    const input = corpusFile(t, `${source}.jsonl.zst`)
    if (!input) return
    const out = join(folder(t), 'out')
    assert.equal((await kopipe(['clean', input, '-o', out, '--dedupe', 'off', '--quiet'])).code, 0)
    const long = (name: 'documents' | 'rejects') => lines(out, name).filter(({ text }) => [...(text as string)].length > 200).length
    const [kept, dropped] = [long('documents'), long('rejects')]
    assert.ok(kept + dropped > 3000 && kept >= 0.98 * (kept + dropped), `${dropped} of ${kept + dropped} dropped`)
  })
}

test('the recipe ko drops short texts for their length or for want of Hangul alone', async (t) => {
  const [reviews, chat] = [corpusFile(t, 'nsmc-reviews.jsonl.zst'), corpusFile(t, 'chat.jsonl.zst')]
  if (!reviews || !chat) return
  const out = join(folder(t), 'out')
  const { summary } = await kopipe(['clean', reviews, chat, '-o', out, '--dedupe', 'off', '--json', '--quiet'])
  assert.ok(summary.kept.docs > 0.88 * summary.read.docs, `${summary.kept.docs} of ${summary.read.docs} kept`)
  const other = Object.entries(summary.dropped).filter(([reason]) => !['length-short', 'hangul-ratio-low'].includes(reason))
  const count = other.reduce((sum, [, { docs }]) => sum + docs, 0)
  assert.ok(count < 0.001 * summary.read.docs, JSON.stringify(other))
})
