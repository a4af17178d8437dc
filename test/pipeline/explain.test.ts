/** What was decided is told: the funnel, both sides of a threshold, and of any document what happened to it. */

import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import type { Inspection } from '../../pipeline/explain/inspect.ts'
import type { Fate } from '../../pipeline/explain/why.ts'
import type { Funnel, Stage } from '../../pipeline/funnel.ts'
import { corpusFile, folder, kopipe, lines, type Summary } from '../kit.ts'

const PROSE = '나는 어제 친구와 함께 시장에 가서 사과와 배를 샀다. 날씨가 좋아서 오래 걸었고, 저녁에는 집에서 밥을 먹었다.'

/** A letter in place of a number: digits look like personal data. */
const letter = (n: number) => String.fromCharCode(0xac00 + 28 * n)

async function run(args: string[]): Promise<Summary> {
  const { code, summary, stderr } = await kopipe([...args, '--json', '--quiet'])
  assert.equal(code, 0, stderr)
  return summary
}

/** Two sources in one file and a third by its name, with drops of several stages. */
function corpus(dir: string): string[] {
  const [mixed, plain] = [join(dir, 'mixed.jsonl.gz'), join(dir, 'blog.jsonl')]
  const documents = Array.from({ length: 40 }, (_, i) => ({ id: `m${i}`, source: i % 4 ? 'wiki' : 'news', text: `${letter(i)} ${PROSE}` }))
  const more = [
    { id: 'short', source: 'news', text: '짧다' },
    { id: 'nearly', source: 'news', text: '짧은 글이지만 남는다' },
    { id: 'twin', source: 'wiki', text: documents[1]?.text },
    { id: 'call', source: 'wiki', text: `ﬁrst\u200b 전화는 02-123-4567 이다. ${PROSE}` },
    { id: 'wrong', source: 'wiki', text: 7 },
    { id: 'm5', source: 'news', text: `같은 이름의 다른 글. ${PROSE}` },
  ]
  writeFileSync(mixed, gzipSync([...documents, ...more].map((d) => `${JSON.stringify(d)}\n`).join('')))
  const blog = [`블로그 ${PROSE}`, '中文文字全部漢字漢字漢字漢字漢字']
  writeFileSync(plain, blog.map((text) => `${JSON.stringify({ text })}\n`).join(''))
  return [mixed, plain]
}

async function cleaned(t: TestContext, ...more: string[]): Promise<{ dir: string; out: string; inputs: string[]; summary: Summary }> {
  const dir = folder(t)
  const [inputs, out] = [corpus(dir), join(dir, 'out')]
  return { dir, inputs, out, summary: await run(['clean', ...inputs, '-o', out, '--dedupe', 'exact', ...more]) }
}

test('the funnel says documents, bytes and seconds of each stage, in total and by source', async (t) => {
  const { out, summary } = await cleaned(t)
  const { total, sources } = summary.funnel as Funnel
  assert.deepEqual(Object.keys(sources).sort(), ['blog', 'mixed', 'news', 'wiki'])
  for (const stages of [total, ...Object.values(sources)]) {
    assert.deepEqual([stages[0]?.stage, stages.at(-1)?.stage], ['read', 'write'])
    for (const [i, { docs, bytes, dropped, seconds }] of stages.entries()) {
      const next = stages[i + 1]
      if (next) assert.deepEqual([next.docs, next.bytes], [docs - dropped.docs, bytes - dropped.bytes])
      assert.ok(seconds >= 0)
    }
  }
  const of = (stage: string) => total.find((row) => row.stage === stage) as Stage
  assert.deepEqual([of('read').docs, of('write').docs], [summary.read.docs, summary.kept.docs])
  assert.deepEqual([of('parse').dropped.docs, of('length').dropped.docs, of('deduplicate').dropped.docs], [1, 1, 1])
  assert.deepEqual([of('hangul-ratio').dropped.docs, sources.blog?.find(({ stage }) => stage === 'hangul-ratio')?.dropped.docs], [1, 1])
  for (const stage of ['read', 'parse', 'normalize', 'cut', 'mask', 'deduplicate', 'write']) assert.ok(of(stage).seconds > 0, stage)
  const sum = Object.values(sources).flatMap((stages) => stages.filter(({ stage }) => stage === 'parse').map(({ seconds }) => seconds))
  assert.ok(Math.abs(sum.reduce((a, b) => a + b) - of('parse').seconds) < 1e-3)
  // It stands in the record, and inspect tells it.
  assert.deepEqual(JSON.parse(readFileSync(join(out, 'kopipe.json'), 'utf8')).funnel, summary.funnel)
  const { stdout } = await kopipe(['inspect', out])
  for (const word of ['deduplicate', 'hangul-ratio-low', 'news', 'MB/s']) assert.ok(stdout.includes(word), `${word}: ${stdout}`)
  assert.deepEqual((await run(['inspect', out, '--source', 'news'])).read.docs, 13)
})

test('inspect shows drops of a reason, and the kept documents that came nearest to its threshold', async (t) => {
  const { out } = await cleaned(t)
  const { reason } = (await run(['inspect', out, '--reason', 'length-short', '--count', '3'])) as unknown as Required<Inspection>
  assert.deepEqual(
    reason.dropped.map(({ id, source, value, threshold }) => [id, source, value, threshold]),
    [['short', 'news', 2, 10]],
  )
  assert.deepEqual(reason.kept.length, 3)
  assert.deepEqual([reason.kept[0]?.id, reason.kept[0]?.value, reason.kept[0]?.source], ['nearly', 11, 'news'])
  const values = reason.kept.map(({ value = 0 }) => value)
  assert.deepEqual(
    values,
    values.toSorted((a, b) => a - b),
  )
  const person = await kopipe(['inspect', out, '--reason', 'length-short'])
  assert.match(person.stdout, /dropped: 1 of 1 documents[\s\S]*짧다[\s\S]*just kept[\s\S]*짧은 글이지만 남는다/)
  // Reasons without a number, and of records that never were documents.
  const twins = (await run(['inspect', out, '--reason', 'exact-duplicate'])) as unknown as Required<Inspection>
  assert.deepEqual([twins.reason.dropped.map(({ id }) => id), twins.reason.kept], [['twin'], []])
  const malformed = (await run(['inspect', out, '--reason', 'malformed'])) as unknown as Required<Inspection>
  assert.match(malformed.reason.dropped[0]?.text ?? '', /"wrong"/)
  // The documents of one source, one that the file's name gives.
  const blog = (await run(['inspect', out, '--reason', 'hangul-ratio-low', '--source', 'blog'])) as unknown as Required<Inspection>
  assert.deepEqual([blog.reason.dropped.length, blog.reason.kept.length], [1, 1])
  assert.equal(blog.reason.dropped[0]?.source, 'blog')
  for (const [args, what] of [
    [['--reason', 'length-shrt'], /nothing was dropped for "length-shrt"/],
    [['--source', 'nws'], /no source "nws"/],
  ] as const) {
    const refused = await kopipe(['inspect', out, ...args])
    assert.equal(refused.code, 2)
    assert.match(refused.stderr, what)
  }
})

test('why tells of any document what happened, and by which number', async (t) => {
  const { out, inputs } = await cleaned(t)
  const fates = async (id: string) => (await run(['why', out, id])).documents as Fate[]
  const only = async (id: string) => {
    const [fate, ...more] = await fates(id)
    assert.ok(fate && more.length === 0)
    return fate
  }
  const short = await only('short')
  assert.deepEqual(
    [short.kept, short.reason, short.value, short.threshold, short.part, short.ordinal],
    [false, 'length-short', 2, 10, 0, 40],
  )
  assert.deepEqual(
    short.numbers.find(({ reason }) => reason === 'length-short'),
    { reason: 'length-short', value: 2, threshold: 10, is: 'characters of the document' },
  )
  const call = await only('call')
  assert.deepEqual(
    call.steps.map(({ stage }) => stage),
    ['read', 'normalize', 'cut', 'filter', 'mask'],
  )
  assert.equal(call.kept, true)
  assert.match(call.steps[0]?.text ?? '', /\u200b/)
  assert.doesNotMatch(call.steps[1]?.text ?? '', /\u200b/)
  assert.match(call.steps[4]?.text ?? '', /<\|tel\|>/)
  assert.equal(call.steps[4]?.text, (call.record as { text: string }).text)
  // The numbers of a kept document are on the right side.
  assert.ok(
    call.numbers.length > 3 && call.numbers.every(({ value, threshold, reason }) => !reason.endsWith('short') || value >= threshold),
  )
  const twin = await only('twin')
  assert.deepEqual([twin.reason, twin.of], ['exact-duplicate', { unit: 0, ordinal: 1, id: 'm1' }])
  assert.match((await kopipe(['why', out, 'twin'])).stdout, /the same text as m1, record 1 of part 0/)
  // Two documents of one id; one without an id; one that never was a document.
  const two = await fates('m5')
  assert.deepEqual(
    [two.map(({ ordinal }) => ordinal), two.map(({ kept }) => kept)],
    [
      [5, 45],
      [true, true],
    ],
  )
  const chinese = lines(out, 'rejects').find(({ kopipe }) => (kopipe as { reason: string }).reason === 'hangul-ratio-low')
  assert.equal((await only(String(chinese?.id))).reason, 'hangul-ratio-low')
  const wrong = lines(out, 'rejects').find(({ kopipe }) => (kopipe as { reason: string }).reason === 'malformed')
  assert.match(
    (await kopipe(['why', out, String(wrong?.id)])).stdout,
    /not a document: key "text" is a number, not a string\n[\s\S]*drops it: malformed/,
  )
  const missing = await kopipe(['why', out, 'nobody'])
  assert.equal(missing.code, 1)
  assert.match(missing.stderr, /no document with id "nobody"/)
  // Without the input the artifact tells what it can.
  rmSync(inputs[0] as string)
  const alone = await only('short')
  assert.deepEqual([alone.reason, alone.value, alone.steps, alone.numbers], ['length-short', 2, [], []])
  assert.match((await kopipe(['why', out, 'call'])).stdout, /kept[\s\S]*input is gone/)
})

test('what is not a finished artifact of clean is refused', async (t) => {
  const dir = folder(t)
  writeFileSync(join(dir, 'a.txt'), 'x')
  for (const args of [
    ['inspect', dir],
    ['why', dir, 'x'],
    ['inspect', join(dir, 'none')],
  ]) {
    const { code, stderr } = await kopipe(args)
    assert.equal(code, 1)
    assert.match(stderr, /expected an artifact of `clean`, got no kopipe.json/)
  }
})

test('real text: retracing a document from its input ends in what was written', async (t) => {
  const chat = corpusFile(t, 'chat.jsonl.zst')
  if (!chat) return
  const out = join(folder(t), 'out')
  await run(['clean', chat, '-o', out, '--dedupe', 'off', '--unit-size', '3MB'])
  for (const [output, kept] of [
    ['documents', true],
    ['rejects', false],
  ] as const) {
    const records = lines(out, output)
    for (const at of [0, Math.floor(records.length / 2), records.length - 1]) {
      const record = records[at] as { id: string; text: string }
      const fates = (await run(['why', out, String(record.id)])).documents as Fate[]
      const fate = fates.find((found) => found.kept === kept && (found.record as { text: string }).text === record.text)
      assert.equal(fate?.steps.at(-1)?.text, record.text, String(record.id))
    }
  }
})

test('a filter of one’s own sees documents as Arrow and drops rows for its reasons', async (t) => {
  const dir = folder(t)
  const module = join(dir, 'shouting.mjs')
  const documents = Array.from({ length: 30 }, (_, i) => ({
    id: i,
    text: `${letter(i)} ${PROSE}${'!'.repeat(i % 3)}`,
    n: { deep: [i] },
    source: 's',
  }))
  const input = join(dir, 'in.jsonl.zst')
  writeFileSync(input, zstdCompressSync(documents.map((d) => `${JSON.stringify(d)}\n`).join('')))
  writeFileSync(
    module,
    `export const reasons = { 'shouting-loud': 'exclamation marks' }
     export default (documents) => {
       const drops = []
       for (let row = 0; row < documents.numRows; row++) {
         const { id, text, source, metadata } = documents.get(row)
         if (JSON.parse(metadata).n.deep[0] !== Number(id) || source !== 's') throw new Error('not what came')
         const marks = text.split('!').length - 1
         if (marks > 1) drops.push({ row, reason: 'shouting-loud', value: marks, threshold: 1 })
       }
       return drops
     }`,
  )
  const out = join(dir, 'out')
  const summary = await run(['clean', input, '-o', out, '--dedupe', 'exact', '--filter', module])
  assert.deepEqual(summary.dropped['shouting-loud']?.docs, 10)
  const [reject] = lines(out, 'rejects') as { id: number; kopipe: Record<string, unknown> }[]
  assert.deepEqual([reject?.id, reject?.kopipe.reason, reject?.kopipe.value, reject?.kopipe.threshold], [2, 'shouting-loud', 2, 1])
  assert.deepEqual((summary.funnel as Funnel).total.find(({ stage }) => stage === 'shouting')?.dropped.docs, 10)
  assert.match((await kopipe(['why', out, '2'])).stdout, /dropped, shouting-loud: exclamation marks 2, threshold 1/)
  const loud = (await run(['inspect', out, '--reason', 'shouting-loud'])) as unknown as Required<Inspection>
  assert.equal(loud.reason.number, 'exclamation marks')
  // Another module is another configuration.
  writeFileSync(module, `${readFileSync(module, 'utf8')}\n// changed`)
  const changed = await kopipe(['clean', input, '-o', out, '--dedupe', 'exact', '--filter', module])
  assert.equal(changed.code, 1)
  assert.match(changed.stderr, /filters.*digest|filters: /)
})

test('the filter of the documents does what it says', async (t) => {
  const dir = folder(t)
  const input = join(dir, 'in.jsonl')
  writeFileSync(input, [PROSE, `${'하'.repeat(60)} 웃었다`].map((text) => `${JSON.stringify({ text })}\n`).join(''))
  const module = new URL('../../docs/own-filter.mjs', import.meta.url).pathname
  // The recipe's own repeats would shorten the text first.
  const summary = await run(['clean', input, '-o', join(dir, 'out'), '--recipe', 'none', '--filter', module])
  assert.deepEqual([summary.kept.docs, summary.dropped['one-character']?.docs], [1, 1])
})

test('a filter that is none, or drops what it may not, is refused with what was expected', async (t) => {
  const dir = folder(t)
  const input = join(dir, 'in.jsonl')
  writeFileSync(input, `${JSON.stringify({ text: PROSE })}\n`)
  for (const [name, content, code, what] of [
    ['absent', undefined, 2, /--filter .*absent\.mjs: .*(ENOENT|Cannot find)/],
    ['broken', 'export default (', 2, /--filter .*broken\.mjs/],
    ['nothing', 'export const reasons = {}', 2, /default: expected a function/],
    ['named', "export const reasons = { 'length-short': 'x' }; export default () => []", 2, /"length-short" is taken already/],
    [
      'undeclared',
      "export const reasons = {}; export default () => [{ row: 0, reason: 'x' }]",
      1,
      /reason "x", which `reasons` does not declare/,
    ],
    ['far', "export const reasons = { x: 'x' }; export default () => [{ row: 9, reason: 'x' }]", 1, /row 9 of 1/],
    ['odd', "export const reasons = { x: 'x' }; export default () => [{ line: 1 }]", 1, /expected \{ row, reason/],
    ['throws', "export const reasons = {}; export default () => { throw new Error('oops') }", 1, /failed: .*oops/],
  ] as const) {
    const module = join(dir, `${name}.mjs`)
    if (content !== undefined) writeFileSync(module, content)
    const refused = await kopipe(['clean', input, '-o', join(dir, name), '--filter', module])
    assert.equal(refused.code, code, `${name}: ${refused.stderr}`)
    assert.match(refused.stderr, what)
  }
})
