/** Across runs: a new crawl against the index of an older artifact, whose texts are not there any more. */

import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { corpusFile, folder, kopipe, koreanLines, lines, tree, withNearDuplicates } from '../kit.ts'

const NONE = ['--recipe', 'none', '--json', '--quiet']

const PROSE =
  '대한민국의 수도는 서울이고, 한강이 도시의 한가운데를 흐른다. 강의 북쪽에는 옛 궁궐이 있고 남쪽에는 새로 지은 건물이 많다. ' +
  '봄이 오면 강가에 사람들이 모여 꽃을 보고, 가을에는 산에 올라 단풍을 본다. 겨울에는 눈이 내려 길이 미끄럽다.'
const OTHER =
  '배를 타고 바다로 나간 어부는 그날 저녁이 되어서야 돌아왔다. 그물에는 고등어가 가득했고, 마을 사람들은 밤늦도록 잔치를 벌였다.'

function write(path: string, documents: object[]): string {
  writeFileSync(path, documents.map((document) => `${JSON.stringify(document)}\n`).join(''))
  return path
}

/** The recipe `none`, with a source whose documents stay before others. */
function first(dir: string, source: string): string {
  const path = join(dir, 'first.yaml')
  const none = readFileSync(resolve(import.meta.dirname, '../../pipeline/recipes/none.yaml'), 'utf8')
  writeFileSync(path, `${none}  dedupe:\n    priority: ["${source}"]\n`)
  return path
}

interface Of {
  artifact?: string
  unit: number
  ordinal: number
}

test('what is like a document of an older artifact goes, though its texts are gone; and the next run knows both', async (t) => {
  const dir = folder(t)
  const [april, may, june] = ['april', 'may', 'june'].map((name) => join(dir, name)) as [string, string, string]
  const old = write(join(dir, 'april.jsonl'), [
    { id: 'copy of prose', text: PROSE },
    { id: 'prose', text: PROSE },
    { id: 'short', text: '최고다' },
  ])
  const made = await kopipe(['clean', old, '-o', april, '--keep-index', ...NONE])
  assert.equal(made.code, 0, made.stderr)
  const { index } = made.summary as unknown as { index: { signing: string; documents: number; bytes: number } }
  assert.deepEqual([index.signing, index.documents], ['ko', 2])
  assert.equal(
    index.bytes,
    ['00000.signatures', '00000.sketches'].reduce((sum, name) => sum + statSync(join(april, 'index', name)).size, 0),
  )
  // Nothing is left of it but what it says of itself and its index.
  for (const name of ['documents', 'rejects', 'duplicates']) rmSync(join(april, name), { recursive: true })
  rmSync(old)

  const crawl = write(join(dir, 'may.jsonl'), [
    { id: 'longer', text: `${PROSE} 그래도 좋다.` },
    { id: 'same', text: PROSE },
    { id: 'news', text: OTHER },
    { id: 'like news', text: `${OTHER} 끝.` },
    { id: 'short again', text: '최고다' },
    { id: 'similar', text: `${PROSE.slice(0, 112)} ${OTHER}` },
  ])
  const { code, summary, stderr } = await kopipe(['clean', crawl, '-o', may, '--known', april, '--keep-index', ...NONE])
  assert.equal(code, 0, stderr)
  assert.deepEqual(
    lines(may, 'documents').map(({ id, kopipe }) => [id, kopipe]),
    [
      ['like news', { cluster_size: 2 }],
      ['similar', undefined],
    ],
  )
  assert.deepEqual([summary.known, summary.dropped['near-duplicate']?.docs, summary.dropped['exact-duplicate']?.docs], [
    3, 2, 2,
  ] as unknown[])
  const known = (ordinal: number): Of => ({ artifact: april, unit: 0, ordinal })
  const of = new Map(lines(may, 'rejects').map(({ id, kopipe }) => [id, kopipe as { of: Of; reason: string; value?: number }]))
  assert.deepEqual([of.get('longer')?.of, of.get('same')?.of, of.get('short again')?.of], [known(0), known(0), known(2)])
  assert.ok((of.get('longer')?.value ?? 0) > 0.9)
  const clusters = lines(may, 'duplicates').map(({ ordinal, rule, cluster }) => [ordinal, rule, cluster])
  assert.deepEqual(clusters[0], [0, 'jaccard', known(0)])

  // The place is told where its text cannot be shown.
  const why = await kopipe(['why', may, 'longer'])
  assert.match(why.stdout, /dropped, near-duplicate: 0\.9\d* like record 0 of part 0 of \S+april/)
  assert.equal((await kopipe(['inspect', may, '--reason', 'near-duplicate'])).code, 0)

  const next = write(join(dir, 'june.jsonl'), [
    { id: 'prose', text: `${PROSE}!` },
    { id: 'news', text: `${OTHER}!` },
    { id: 'fresh', text: '아무도 쓴 적 없는 글이 한 편 있다' },
  ])
  const last = await kopipe(['clean', next, '-o', june, '--known', april, '--known', may, ...NONE])
  assert.equal(last.code, 0, last.stderr)
  assert.deepEqual(
    lines(june, 'documents').map(({ id }) => id),
    ['fresh'],
  )
  assert.deepEqual(
    lines(june, 'rejects').map(({ kopipe }) => (kopipe as { of: Of }).of),
    [known(0), { artifact: may, unit: 0, ordinal: 3 }],
  )
})

test('why and inspect read the text of an older artifact while its input is there', async (t) => {
  const dir = folder(t)
  const [april, may] = [join(dir, 'april'), join(dir, 'may')]
  await kopipe(['clean', write(join(dir, 'april.jsonl'), [{ id: 'older', text: PROSE }]), '-o', april, '--keep-index', '--quiet'])
  const crawl = write(join(dir, 'may.jsonl'), [{ id: 'newer', text: PROSE.replace('겨울에는', '여름에는') }])
  assert.equal((await kopipe(['clean', crawl, '-o', may, '--known', april, '--quiet'])).code, 0)
  assert.match((await kopipe(['why', may, 'newer'])).stdout, /like older, record 0 of part 0 of \S+april/)
  assert.match((await kopipe(['inspect', may, '--reason', 'near-duplicate'])).stdout, /newer {2}\[may\] {2}beside older/)
})

test('on a generated crawl it decides as one run over both does, whatever workers, memory and units', async (t) => {
  const dir = folder(t)
  const [old, crawl] = [join(dir, 'old.jsonl'), join(dir, 'crawl.jsonl')]
  const told = (line: string) => {
    if (!line.startsWith('{"id"')) return line
    const { id, ...more } = JSON.parse(line) as { id: string }
    return JSON.stringify({ ...more, id: `old ${id}`, source: 'old' })
  }
  writeFileSync(old, withNearDuplicates(koreanLines(6000, 41)).split('\n').map(told).join('\n'))
  writeFileSync(crawl, withNearDuplicates(koreanLines(6000, 41) + koreanLines(3000, 42)))
  const ALLOW = [...NONE, '--allow-loss', '--max-document', '1MB']
  const older = join(dir, 'older')
  await kopipe(['clean', old, '-o', older, '--keep-index', '--unit-size', '400KB', ...ALLOW])
  assert.ok(readdirSync(join(older, 'index')).length > 6)
  const newer = async (name: string, ...more: string[]) => {
    const { code, stderr, summary } = await kopipe(['clean', crawl, '-o', join(dir, name), '--known', older, ...ALLOW, ...more])
    assert.equal(code, 0, stderr)
    assert.ok((summary.known as unknown as number) > 3000, JSON.stringify(summary))
    return new Map([...tree(join(dir, name))].filter(([path]) => path !== 'kopipe.json'))
  }
  const one = await newer('one', '--workers', '1')
  assert.deepEqual(await newer('two', '--workers', '2'), one)
  assert.deepEqual(await newer('narrow', '--memory', '160MB'), one)
  const both = await kopipe(['clean', older, crawl, '-o', join(dir, 'both'), ...ALLOW, '--recipe', first(dir, 'old')])
  assert.equal(both.code, 0, both.stderr)
  const fresh = (artifact: string) =>
    lines(artifact, 'documents').flatMap(({ id, n }) => ((id as string).startsWith('old') ? [] : [[id, n]]))
  // Texts here are shorter than what a coarse sketch keeps whole.
  assert.deepEqual(fresh(join(dir, 'one')), fresh(join(dir, 'both')))
})

// Templates, of which half are between .8 and .85: nowhere are coarse sketches wrong more often.
test('real editions: the index of 2018 knows the pages of 2021 nearly as well as their texts do', async (t) => {
  const older = corpusFile(t, 'ms-docs-2018.jsonl.zst')
  const newer = corpusFile(t, 'ms-docs-2021.jsonl.zst')
  if (!older || !newer) return
  const dir = folder(t)
  const [old, apart, together] = ['old', 'apart', 'together'].map((name) => join(dir, name)) as [string, string, string]
  await kopipe(['clean', older, '-o', old, '--keep-index', ...NONE])
  assert.equal((await kopipe(['clean', newer, '-o', apart, '--known', old, ...NONE])).code, 0)
  const both = await kopipe(['clean', old, newer, '-o', together, ...NONE, '--recipe', first(dir, '00000')])
  assert.equal(both.code, 0, both.stderr)
  const gone = (artifact: string) => new Set(lines(artifact, 'rejects').map(({ id }) => id))
  const [knew, read] = [gone(apart), gone(together)]
  const agreed = [...knew].filter((id) => read.has(id)).length
  assert.ok(read.size > 300 && agreed / read.size > 0.93 && agreed / knew.size > 0.93, `${knew.size} ${read.size} ${agreed}`)
})

test('lines: what loses too many of them is not in the result, and not in the index', async (t) => {
  const dir = folder(t)
  const recipe = join(dir, 'recipe.yaml')
  writeFileSync(recipe, 'clean:\n  filters:\n    length:\n      min: 20\n  dedupe:\n    lines:\n      most: 1\n')
  const common = '이 줄은 여러 문서에 그대로 있는 긴 줄이다\n'
  const input = write(join(dir, 'in.jsonl'), [
    { id: 'first', text: `${common}첫 번째 문서에만 있는 이야기가 여기에 길게 있다` },
    { id: 'gone', text: `${common.repeat(4)}짧다` },
  ])
  const out = join(dir, 'out')
  const { summary, stderr } = await kopipe(['clean', input, '-o', out, '--recipe', recipe, '--keep-index', '--json', '--quiet'])
  assert.equal(summary.dropped['lines-repeated']?.docs, 1, stderr)
  assert.equal((summary as unknown as { index: { documents: number } }).index.documents, 1)
})

test('an index that is of no use is refused before anything is done', async (t) => {
  const dir = folder(t)
  const input = write(join(dir, 'in.jsonl'), [{ id: 'a', text: PROSE }])
  const make = (name: string, ...more: string[]) => kopipe(['clean', input, '-o', join(dir, name), ...NONE, ...more])
  await make('plain')
  await make('exact', '--keep-index', '--dedupe', 'exact')
  await make('ko', '--keep-index')
  const refused = async (code: number, message: RegExp, ...more: string[]) => {
    const got = await make('out', ...more)
    assert.equal(got.code, code, got.stderr)
    assert.match(got.stderr, message)
    assert.ok(!existsSync(join(dir, 'out')))
  }
  await refused(
    1,
    /plain keeps no index: it was made without --keep-index[\s\S]*kopipe clean \S+plain -o NEW/,
    '--known',
    join(dir, 'plain'),
  )
  await refused(1, /exact keeps an index of exact duplicates only, and this run looks for --near-profile ko/, '--known', join(dir, 'exact'))
  await refused(
    1,
    /of --near-profile ko, and this run looks for --near-profile datatrove/,
    '--known',
    join(dir, 'ko'),
    '--near-profile',
    'datatrove',
  )
  await refused(2, /--known is about duplicates, and --dedupe off/, '--known', join(dir, 'ko'), '--dedupe', 'off')
  await refused(2, /--keep-index is about duplicates/, '--keep-index', '--dedupe', 'off')
  await refused(1, /no kopipe.json/, '--known', dir)
  const other = await kopipe(['clean', input, '-o', join(dir, 'other'), '--known', join(dir, 'ko')])
  assert.match(other.stderr, /warning: \S+ko was normalized, cut or masked otherwise/)
  // Digests serve a search for copies, whatever the index was made for.
  const copies = await make('copies', '--known', join(dir, 'ko'), '--dedupe', 'exact')
  assert.equal(copies.summary.dropped['exact-duplicate']?.docs, 1, copies.stderr)
  // What is read would be taken away, with its index and all.
  const own = await kopipe(['clean', input, '-o', join(dir, 'ko'), '--known', join(dir, 'ko'), '--overwrite'])
  assert.equal(own.code, 2)
  assert.match(own.stderr, /-o \S+ko is where \S+ko\/kopipe\.json is read from/)
  const seal = join(dir, 'ko/index/00000.done.json')
  const sealed = readFileSync(seal)
  rmSync(seal)
  await refused(
    1,
    /ko: expected an index of \d+ documents in [\d,]+ bytes, as kopipe\.json says, its parts have 0 documents/,
    '--known',
    join(dir, 'ko'),
  )
  writeFileSync(seal, sealed)
  truncateSync(join(dir, 'ko/index/00000.sketches'), 5)
  await refused(1, /00000\.sketches: expected the \d+ bytes of an index, got 5 bytes/, '--known', join(dir, 'ko'))
})
