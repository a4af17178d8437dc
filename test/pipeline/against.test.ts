/** Decontamination through the command: what is dropped or cut, what the report says, and that neither depends on the machine. */

import assert from 'node:assert/strict'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { zstdCompressSync } from 'node:zlib'
import type { Cut } from '../../core/ledger.ts'
import type { AgainstCounts } from '../../pipeline/decontaminate.ts'
import type { Inspection } from '../../pipeline/explain/inspect.ts'
import type { Fate } from '../../pipeline/explain/why.ts'
import { corpusFile, folder, kopipe, koreanLines, lines, random, tree, withoutSeconds } from '../kit.ts'

const ASKED = '이 영화는 정말 오래 기다린 보람이 있었다, 배우들의 연기도 훌륭했고 음악도 아름다웠다. 다음 편도 기다려진다.'
const SHORT = '감독은 구지성을 왜 캐스팅했는지...'
const OTHER = '어제는 비가 많이 와서 길이 막혔고 오늘은 날이 개어 사람들이 강가로 나왔다. 아이들은 물가에서 뛰어놀았다.'

interface Line {
  unit: number
  ordinal: number
  id: unknown
  against: { file: string; id: unknown; offset: number; key?: string; copies?: number }
  ngrams: number
  share: number
}

function write(path: string, records: object[]): string {
  writeFileSync(path, records.map((record) => `${JSON.stringify(record)}\n`).join(''))
  return path
}

function given(t: TestContext) {
  const dir = folder(t)
  const sets = write(join(dir, 'asked.jsonl'), [
    { id: 'q1', text: ASKED },
    { id: 'q2', text: SHORT },
    { id: 'q3', text: '짧은 글이다.' },
    { id: 'q1', text: ASKED.replace(',', '') },
  ])
  const columns = write(join(dir, 'columns.jsonl'), [
    { guid: 'n1', source: '열아홉 글자가 넘는 출처의 이름이다', premise: OTHER, answers: { text: ['강가', ASKED] } },
    { guid: 'n2', premise: '개구리는 논에서 울고 매미는 나무에서 울었다.' },
  ])
  const input = write(join(dir, 'in.jsonl'), [
    { id: 'a', text: `그는 썼다. "${ASKED.toUpperCase()}" 그리고 잤다. ${OTHER.slice(0, 30)} 다른 이야기가 이어진다.` },
    { id: 'b', text: `${SHORT.replace('...', '?')} 까메오 수준이었다고 모두가 말했다. 나는 잘 모르겠다.` },
    { id: 'c', text: '감독은 구지성을 왜 캐스팅했는지도 모르고 영화를 보러 간 사람이 많았다고 한다.' },
    { id: 'd', text: `${OTHER.split(' ').slice(0, 12).join(' ')} 그런데 갑자기 눈이 왔다.` },
    { id: 'e', text: OTHER },
    { id: 'f', text: '전화는 010-1234-5678 이고 주소는 a.b@example.com 이며 나머지는 다음에 알려 준다고 한다.' },
  ])
  return { dir, sets, columns, input }
}

async function clean(args: string[]) {
  const { code, stderr, summary } = await kopipe(['clean', ...args, '--json', '--quiet'])
  assert.equal(code, 0, stderr)
  return summary
}

test('documents that share text with evaluation items are dropped, and the report says which met which', async (t) => {
  const { dir, sets, columns, input } = given(t)
  const out = join(dir, 'out')
  const summary = await clean([input, '-o', out, '--against', sets, '--against', columns])
  assert.deepEqual(summary.dropped.contaminated?.docs, 3)
  assert.deepEqual(
    lines(out, 'documents').map(({ id }) => id),
    ['c', 'd', 'f'],
  )
  const rejects = lines(out, 'rejects').map(({ id, kopipe }) => [id, kopipe] as [string, Record<string, unknown>])
  assert.deepEqual(
    rejects.map(([id, { reason, value, threshold, against }]) => [id, reason, value, threshold, against]),
    [
      ['a', 'contaminated', 1, 0, { file: sets, id: 'q1' }],
      ['b', 'contaminated', 1, 0, { file: sets, id: 'q2' }],
      ['e', 'contaminated', 1, 0, { file: columns, id: 'columns.jsonl:0' }],
    ],
  )
  const q1 = { file: sets, id: 'q1', offset: 0, copies: 2 }
  const report = lines(out, 'contamination') as unknown as Line[]
  const n1 = { file: columns, id: 'columns.jsonl:0', offset: 0 }
  assert.deepEqual(report, [
    { unit: 0, ordinal: 0, id: 'a', against: q1, ngrams: 3, share: 1 },
    { unit: 0, ordinal: 0, id: 'a', against: { ...n1, key: 'answers.text.1' }, ngrams: 3, share: 1 },
    { unit: 0, ordinal: 1, id: 'b', against: { file: sets, id: 'q2', offset: report[2]?.against.offset }, ngrams: 1, share: 1 },
    { unit: 0, ordinal: 4, id: 'e', against: { ...n1, key: 'premise' }, ngrams: 3, share: 1 },
  ])
  const zero = { tooShort: 1, unreadable: 0 }
  assert.deepEqual(summary.against as AgainstCounts[], [
    { file: sets, items: 4, used: 3, ...zero, met: 3 },
    { file: columns, items: 6, used: 3, tooShort: 3, unreadable: 0, met: 2 },
  ])
  const stages = (summary.funnel as { total: { stage: string; dropped: { docs: number } }[] }).total
  const at = stages.findIndex(({ stage }) => stage === 'decontaminate')
  assert.deepEqual([stages[at]?.dropped.docs, stages[at + 1]?.stage], [3, 'mask'])
  // What is masked was compared before.
  assert.equal((summary.cut as Record<string, Cut>).tel?.docs, 1)
  const { stdout } = await kopipe(['clean', input, '-o', join(dir, 'told'), '--against', sets])
  assert.match(stdout, /against asked\.jsonl +3 of 3 items met \(4 in all, 1 too short\)/)

  const [fate] = (await kopipe(['why', out, 'a', '--json', '--quiet'])).summary.documents as Fate[]
  assert.deepEqual([fate?.reason, fate?.against], ['contaminated', { file: sets, id: 'q1' }])
  const number = ({ numbers = [] }: Partial<Fate> = {}) => numbers.find(({ reason }) => reason === 'contaminated')?.value
  const [kept] = (await kopipe(['why', out, 'c', '--json', '--quiet'])).summary.documents as Fate[]
  assert.deepEqual([number(fate), number(kept)], [1, 0])
  assert.deepEqual(fate?.steps.find(({ stage }) => stage === 'decontaminate')?.said.reason, 'contaminated')
  assert.match((await kopipe(['why', out, 'a'])).stdout, /dropped, contaminated: share .* 1, that of q1 in .*asked\.jsonl/)
  const { reason } = (await kopipe(['inspect', out, '--reason', 'contaminated', '--json', '--quiet'])).summary as unknown as Inspection
  assert.deepEqual(reason?.dropped.map(({ id, against }) => [id, against?.id]).sort(), [
    ['a', 'q1'],
    ['b', 'q2'],
    ['e', 'columns.jsonl:0'],
  ])
})

test('cut takes out what is shared and leaves a text; what is left shares nothing', async (t) => {
  const { dir, sets, columns, input } = given(t)
  const recipe = join(dir, 'recipe.yaml')
  writeFileSync(recipe, 'clean:\n  against:\n    action: cut\n')
  const args = (name: string, from = input, ...more: string[]) => [
    ...[from, '-o', join(dir, name), '--recipe', recipe, '--against', sets, '--against', columns, ...more],
  ]
  const summary = await clean(args('cut'))
  const texts = new Map(lines(join(dir, 'cut'), 'documents').map(({ id, text, kopipe }) => [id, [text, kopipe]]))
  assert.deepEqual(texts.get('a'), [`그는 썼다. 그리고 잤다. ${OTHER.slice(0, 30)} 다른 이야기가 이어진다.`, { cut: { evaluation: 1 } }])
  assert.deepEqual(texts.get('b'), ['까메오 수준이었다고 모두가 말했다. 나는 잘 모르겠다.', { cut: { evaluation: 1 } }])
  assert.equal(texts.has('e'), false)
  assert.deepEqual(summary.dropped.contaminated?.docs, 1)
  const { evaluation } = summary.cut as Record<string, Cut>
  assert.deepEqual([evaluation?.docs, evaluation?.hits], [2, 2])
  assert.equal(lines(join(dir, 'cut'), 'contamination').length, 4)
  // Written by the first pass, the documents and the evidence are the same.
  const atOnce = await clean(args('at-once', input, '--dedupe', 'off'))
  assert.deepEqual(atOnce.against, summary.against)
  for (const output of ['documents', 'contamination'] as const) {
    assert.deepEqual(lines(join(dir, 'at-once'), output), lines(join(dir, 'cut'), output))
  }
  const again = await clean(args('again', join(dir, 'cut')))
  assert.deepEqual([again.dropped, again.cut, (again.against as AgainstCounts[]).map(({ met }) => met)], [{}, {}, [0, 0]])
})

test('characters find what is spaced otherwise, and are what the recipe says', async (t) => {
  const { dir, sets } = given(t)
  const input = write(join(dir, 'spaced.jsonl'), [
    { id: 'glued', text: `${ASKED.replaceAll(' ', '')} 라고 한 사람이 있었고 나는 그 말을 믿지 않았다.` },
    { id: 'apart', text: `${ASKED.replaceAll('훌륭했고', '훌륭 했고').replace('보람이 있었다', '보람이있었다')} 라고 했다.` },
    { id: 'other', text: OTHER },
  ])
  const recipe = join(dir, 'recipe.yaml')
  writeFileSync(recipe, 'clean:\n  against:\n    unit: characters\n')
  const ids = (out: string) => lines(join(dir, out), 'documents').map(({ id }) => id)
  await clean([input, '-o', join(dir, 'eojeol'), '--against', sets])
  await clean([input, '-o', join(dir, 'characters'), '--against', sets, '--recipe', recipe])
  assert.deepEqual([ids('eojeol'), ids('characters')], [['glued', 'apart', 'other'], ['other']])
  writeFileSync(recipe, 'clean:\n  against:\n    unit: words\n')
  assert.equal((await kopipe(['clean', input, '-o', join(dir, 'bad'), '--recipe', recipe])).code, 2)
})

test('a changed or damaged evaluation file is refused, and so is an index over the memory', async (t) => {
  const { dir, sets, input } = given(t)
  const out = join(dir, 'out')
  await clean([input, '-o', out, '--against', sets])
  appendFileSync(sets, `${JSON.stringify({ id: 'q9', text: OTHER })}\n`)
  const changed = await kopipe(['clean', input, '-o', out, '--against', sets])
  assert.equal(changed.code, 1)
  assert.match(changed.stderr, /against/)
  const broken = join(dir, 'broken.jsonl.zst')
  writeFileSync(broken, zstdCompressSync(readFileSync(sets)).subarray(0, 200))
  const damaged = await kopipe(['clean', input, '-o', join(dir, 'damaged'), '--against', broken])
  assert.equal(damaged.code, 1)
  assert.match(damaged.stderr, /broken\.jsonl\.zst/)
  const large = join(dir, 'large.jsonl')
  writeFileSync(large, koreanLines(60_000, 5))
  const over = await kopipe(['clean', input, '-o', join(dir, 'over'), '--against', large, '--memory', '180MB', '--max-document', '1MB'])
  assert.equal(over.code, 2, over.stderr)
  assert.match(over.stderr, /--memory 180MB is too small for the index of --against: more than \d+MB is needed/)
  assert.equal((await kopipe(['clean', input, '-o', join(dir, 'none'), '--against', join(dir, 'nothing.jsonl')])).code, 1)
})

/** A corpus of which some documents hold pieces of the evaluation set. */
function contaminated(t: TestContext) {
  const dir = folder(t)
  const [sets, plain, zst] = [join(dir, 'sets.jsonl'), join(dir, 'a.jsonl'), join(dir, 'b.jsonl.zst')]
  const asked = koreanLines(2000, 31)
  writeFileSync(sets, asked)
  const texts = asked.split('\n').flatMap((line) => (line.startsWith('{"id"') ? [(JSON.parse(line) as { text: string }).text] : []))
  const next = random(32)
  const mixed = (seed: number) =>
    koreanLines(20_000, seed)
      .split('\n')
      .map((line) => {
        if (!line.startsWith('{"id"') || next() > 0.05) return line
        const record = JSON.parse(line) as { text: string }
        return JSON.stringify({ ...record, text: `${record.text} ${texts[Math.floor(next() * texts.length)]} ${record.text}` })
      })
      .join('\n')
  writeFileSync(plain, mixed(33))
  writeFileSync(zst, zstdCompressSync(mixed(34)))
  const recipe = join(dir, 'cut.yaml')
  writeFileSync(recipe, 'clean:\n  against:\n    action: cut\n')
  return {
    dir,
    args: (out: string, ...more: string[]) => [plain, zst, '-o', join(dir, out), '--against', sets, '--recipe', recipe, ...more],
  }
}

test('workers and memory leave no trace, and the unit size none in what is found', async (t) => {
  const { dir, args } = contaminated(t)
  const one = await clean(args('one', '--workers', '1', '--unit-size', '2MB', '--memory', '1GB'))
  assert.ok((one.against as AgainstCounts[])[0]?.met ?? 0 > 100)
  await clean(args('two', '--workers', '2', '--unit-size', '2MB'))
  assert.deepEqual(tree(join(dir, 'two')), tree(join(dir, 'one')))
  const whole = await clean(args('whole'))
  assert.deepEqual(whole.against, one.against)
  assert.deepEqual(lines(join(dir, 'whole'), 'documents'), lines(join(dir, 'one'), 'documents'))
  const pairs = (out: string) =>
    (lines(join(dir, out), 'contamination') as unknown as Line[]).map(({ id, against, share }) => [id, against, share])
  assert.deepEqual(pairs('whole'), pairs('one'))
})

test('kill -9 at random moments, then the same command: equal byte for byte', async (t) => {
  const { dir, args } = contaminated(t)
  const given = (out: string) => ['clean', ...args(out, '--unit-size', '1MB'), '--json', '--quiet']
  const started = performance.now()
  const whole = await kopipe(given('reference'))
  const took = performance.now() - started
  assert.equal(whole.code, 0, whole.stderr)
  const next = random(8)
  let kills = 0
  for (let round = 0; round < 6; round++) {
    const moment = 60 + next() * took
    const { signal } = await kopipe(given('killed'), { started: (child) => setTimeout(() => child.kill('SIGKILL'), moment) })
    if (signal !== 'SIGKILL') break
    kills += 1
  }
  assert.ok(kills > 0)
  const resumed = await kopipe(given('killed'))
  assert.equal(resumed.code, 0, resumed.stderr)
  assert.deepEqual(withoutSeconds({ ...resumed.summary, artifact: '' }), withoutSeconds({ ...whole.summary, artifact: '' }))
  assert.deepEqual(tree(join(dir, 'killed')), tree(join(dir, 'reference')))
})

test('on the corpus: every text of the evaluation sets that is a review is found, and hardly any in the old magazines', async (t) => {
  const names = ['eval-klue', 'eval-nsmc', 'nsmc-reviews', 'colonial-magazines']
  const [klue, nsmc, reviews, magazines] = names.map((name) => corpusFile(t, `${name}.jsonl.zst`))
  if (!klue || !nsmc || !reviews || !magazines) return
  const dir = folder(t)
  const sets = ['--against', klue, '--against', nsmc]
  const texts = async (name: string, file: string) => {
    await clean([file, '-o', join(dir, name), '--recipe', 'none', '--dedupe', 'off', '--format', 'jsonl'])
    return lines(join(dir, name), 'documents') as unknown as { id: string; text: string }[]
  }
  const verbatim = new Set((await texts('reviews', reviews)).map(({ text }) => text))
  const out = join(dir, 'out')
  const summary = await clean([reviews, '-o', out, '--recipe', 'none', '--dedupe', 'off', ...sets])
  const met = new Set((lines(out, 'contamination') as unknown as Line[]).map(({ against }) => `${against.file}\n${against.id}`))
  // Items that are equal as they are compared are one line of the report: the first.
  const compared = (text: string) =>
    text
      .toLowerCase()
      .replace(/[^\p{Alphabetic}\p{N}]+/gu, ' ')
      .trim()
  const found: Record<string, [number, number]> = {}
  for (const [file, name] of [
    [klue, 'klue'],
    [nsmc, 'nsmc'],
  ] as const) {
    const items = await texts(name, file)
    const stand = items.filter(({ text }) => [...text].length >= 20 && verbatim.has(text))
    const reported = new Set(items.filter(({ id }) => met.has(`${file}\n${id}`)).map(({ text }) => compared(text)))
    found[name] = [stand.length, stand.filter(({ text }) => reported.has(compared(text))).length]
    t.diagnostic(`${name}: ${JSON.stringify((summary.against as AgainstCounts[]).find((counts) => counts.file === file))}`)
  }
  assert.deepEqual(found, { klue: [647, 647], nsmc: [5999, 5999] })
  const left = new Set(lines(out, 'documents').map(({ text }) => text as string))
  const still = (name: string) =>
    (lines(join(dir, name), 'documents') as unknown as { text: string }[]).filter(({ text }) => [...text].length >= 20 && left.has(text))
  assert.deepEqual([...still('klue'), ...still('nsmc')], [])
  const old = await clean([magazines, '-o', join(dir, 'old'), ...sets])
  assert.ok((old.dropped.contaminated?.docs ?? 0) <= 5)
})
