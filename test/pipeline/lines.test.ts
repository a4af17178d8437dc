/** Lines that many documents have, as a user cuts them: what goes, what stays, how it is counted, and that nothing else decides. */

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Cut } from '../../core/ledger.ts'
import type { Fate } from '../../pipeline/explain/why.ts'
import type { FrequentLine } from '../../pipeline/lines.ts'
import { corpusFile, folder, kopipe, lines, random, tree, withoutSeconds } from '../kit.ts'

const MENU = '홈 | 로그인 | 회원 가입 안내'
const NOTICE = '이 사이트의 글은 누구나 옮길 수 있습니다.'

function write(path: string, documents: object[]): string {
  writeFileSync(path, documents.map((document) => `${JSON.stringify(document)}\n`).join(''))
  return path
}

/** A recipe that does nothing but this. */
function recipe(t: TestContext, section: string): string {
  const path = join(folder(t), 'recipe.yaml')
  const off = 'normalize: {mojibake: keep}\n  mask: {style: "off"}\n  filters: {length: {min: 8, max: 100000}}'
  writeFileSync(path, `clean:\n  ${off}\n${section === '' ? '' : `  dedupe: {lines: ${section}}\n`}`)
  return path
}

/** What lines.json lists. */
function frequent(out: string): FrequentLine[] {
  return (JSON.parse(readFileSync(join(out, 'lines.json'), 'utf8')) as { lines: FrequentLine[] }).lines
}

async function clean(inputs: string[], out: string, ...more: string[]) {
  const run = await kopipe(['clean', ...inputs, '-o', out, '--json', '--quiet', '--dedupe', 'exact', ...more])
  assert.equal(run.code, 0, run.stderr)
  return run.summary
}

test('count: a line stays in its first documents; what is cut is said and counted, and why tells it', async (t) => {
  const dir = folder(t)
  const documents = [
    { id: 'a', n: 1, text: `${MENU}\n\n가을 산에 단풍이 들었다.\n네.\n${NOTICE}`, m: { 'k"': [1] } },
    { id: 'b', text: `겨울 바다에 "눈"이 내린다.\n네.\n\n홈 · 로그인 · 회원가입 안내\n그림\n\n배는 떠났다.\\ 그래도 좋다.`, n: 2 },
    { id: 'copy', text: '봄이 오면 꽃이 핀다고 한다.' },
    { id: 'c', text: `${MENU}\n${NOTICE}\n여름이 왔다.` },
    { id: 'd', text: '봄이 오면 꽃이 핀다고 한다.' },
  ]
  const input = write(join(dir, 'in.jsonl'), documents)
  const out = join(dir, 'out')
  const summary = await clean([input], out, '--recipe', recipe(t, '{}'))
  const left = '겨울 바다에 "눈"이 내린다.\n네.\n\n배는 떠났다.\\ 그래도 좋다.'
  assert.deepEqual(lines(out, 'documents'), [
    documents[0],
    { id: 'b', text: left, n: 2, kopipe: { cut: { line: 1 } } },
    { ...documents[2], kopipe: { cluster_size: 2 } },
  ])
  const { line } = summary.cut as Record<string, Cut>
  assert.deepEqual(line, { docs: 1, hits: 1, bytes: Buffer.byteLength(documents[1]?.text ?? '') - Buffer.byteLength(left) })
  assert.deepEqual(summary.dropped['lines-repeated'], { docs: 1, bytes: Buffer.byteLength(documents[3]?.text ?? '') })
  assert.equal(summary.read.docs, summary.kept.docs + 2)
  const reject = lines(out, 'rejects').find(({ id }) => id === 'c') as { text: string; kopipe: Record<string, unknown> }
  assert.equal(reject.text, documents[3]?.text)
  assert.deepEqual([reject.kopipe.reason, reject.kopipe.value, reject.kopipe.threshold], ['lines-repeated', 7, 8])
  const stages = (summary.funnel as { total: { stage: string; dropped: { docs: number } }[] }).total
  assert.equal(stages.find(({ stage }) => stage === 'lines')?.dropped.docs, 1)
  const most = { text: MENU, documents: 3, cut: 2 }
  assert.deepEqual(frequent(out), [most, { text: NOTICE, documents: 2, cut: 1 }])
  assert.deepEqual(summary.lines, { listed: 2, most })
  const told = await kopipe(['clean', input, '-o', join(dir, 'told'), '--dedupe', 'exact', '--recipe', recipe(t, '{}')])
  assert.match(told.stdout, /cut line, most of all +2 of 3 documents: 홈 \| 로그인 \| 회원 가입 안내; lines.json has 2/)

  const [fate] = (await kopipe(['why', out, 'b', '--json', '--quiet'])).summary.documents as Fate[]
  assert.deepEqual(
    fate?.steps.slice(-2).map(({ stage, text }) => [stage, text]),
    [
      ['mask', documents[1]?.text],
      ['lines', left],
    ],
  )
  const number = ({ numbers = [] }: Partial<Fate> = {}) => numbers.find(({ reason }) => reason === 'lines-repeated')
  assert.deepEqual([number(fate)?.value, number(fate)?.threshold], [[...left].length, 8])
  const [dropped] = (await kopipe(['why', out, 'c', '--json', '--quiet'])).summary.documents as Fate[]
  assert.deepEqual([number(dropped)?.value, number(dropped)?.threshold], [7, 8])
  assert.match((await kopipe(['why', out, 'b'])).stdout, /lines +\d+ → \d+ bytes, cut line 1/)
  const gone = (await kopipe(['why', out, 'c'])).stdout
  assert.match(gone, /dropped, lines-repeated: characters left .* 7, threshold 8/)
  assert.match(gone, /lines +drops it: lines-repeated/)
  const { stdout } = await kopipe(['inspect', out])
  assert.match(stdout, /lines-repeated +1 documents/)
  assert.match(stdout, /cut line +1 documents.*1 times/)
  assert.match((await kopipe(['inspect', out, '--reason', 'lines-repeated'])).stdout, /7 {2}c/)
  // What is cut once is not cut again.
  const again = join(dir, 'again')
  const second = await clean([out], again, '--recipe', recipe(t, '{}'))
  assert.deepEqual([(second.cut as Record<string, Cut>).line, second.lines, frequent(again)], [undefined, { listed: 0 }, []])
  assert.deepEqual(lines(again, 'documents'), lines(out, 'documents'))
})

test('paragraphs, a threshold, shorter lines, and a section that is wrong', async (t) => {
  const dir = folder(t)
  const text = (i: number) =>
    `${i}째 이야기는 이러하다.${'가나다라마바사'[i]}\n끝없이 길다.\n\n같은 첫 줄이다.\n같은 둘째 줄이다.\n\n다른 이야기 ${'하파타카'[i]}`
  const input = write(
    join(dir, 'in.jsonl'),
    [0, 1, 2, 3].map((i) => ({ text: text(i) })),
  )
  const having = async (name: string, section: string, line: string) => {
    await clean([input], join(dir, name), '--recipe', recipe(t, section))
    return lines(join(dir, name), 'documents').filter(({ text }) => (text as string).includes(line)).length
  }
  assert.equal(await having('paragraphs', '{unit: paragraph, most: 2}', '같은 첫 줄이다.\n같은 둘째 줄이다.'), 2)
  assert.equal(await having('whole', '{unit: paragraph}', '끝없이 길다.'), 4)
  assert.equal(await having('lines', '{most: 3}', '끝없이 길다.'), 3)
  assert.equal(await having('short', '{min-letters: 6}', '끝없이 길다.'), 4)
  for (const wrong of ['{most: 0}', '{rule: often}', '{green: 9, yellow: 4}', '{min-characters: 3}']) {
    assert.equal((await kopipe(['clean', input, '-o', join(dir, 'wrong'), '--recipe', recipe(t, wrong)])).code, 2, wrong)
  }
})

test('pattern: what stands between lines of its own stays, the frame around it goes', async (t) => {
  const dir = folder(t)
  const own = (i: number, n: number) => `${n}번 문서의 ${i}째 줄은 ${String.fromCodePoint(0xac00 + 18 * (10 * n + i)).repeat(3)} 이다.`
  // 60 documents have the frame, five of them a quotation.
  const text = (n: number) => [
    MENU,
    own(0, n),
    own(1, n),
    ...(n % 12 === 0 ? ['모두가 아는 구절이다.'] : []),
    own(2, n),
    own(3, n),
    NOTICE,
    own(4, n),
  ]
  const input = write(join(dir, 'in.jsonl'), [
    ...Array.from({ length: 60 }, (_, n) => ({ id: n, text: text(n).join('\n') })),
    { id: 'one', text: '한 줄뿐인 글이다.' },
  ])
  const out = join(dir, 'out')
  const summary = await clean([input], out, '--recipe', recipe(t, '{rule: pattern}'))
  const documents = lines(out, 'documents')
  assert.equal(documents.length, 61)
  for (const { id, text: left } of documents.slice(0, 60))
    assert.equal(
      left,
      text(id as number)
        .slice(1, -2)
        .join('\n'),
    )
  assert.equal(documents[60]?.text, '한 줄뿐인 글이다.')
  assert.deepEqual((summary.cut as Record<string, Cut>).line?.hits, 180)
  // The quotation is yellow, and stays.
  assert.deepEqual(
    frequent(out),
    [MENU, NOTICE].map((text) => ({ text, documents: 60, cut: 60 })),
  )
})

/** Documents of lines, some of them in many. */
function corpus(count: number, seed: number): object[] {
  const next = random(seed)
  const line = () => {
    const number = Math.floor(next() ** 3 * 400_000)
    return `${String.fromCodePoint(0xac00 + (number % 1000), 0xc000 + Math.floor(number / 1000))} 같은 줄이다 ${'가나다'[number % 3]}.`
  }
  return Array.from({ length: count }, (_, n) => {
    const text = Array.from({ length: 1 + Math.floor(next() * 12) }, line).join(next() < 0.2 ? '\n\n' : '\n')
    return { id: `${seed}-${n}`, text, ...(next() < 0.5 && { source: 'wiki' }) }
  })
}

test('neither workers, memory nor units decide, and what was killed goes on', async (t) => {
  const dir = folder(t)
  const inputs = [1, 2].map((seed) => write(join(dir, `${seed}.jsonl`), corpus(12_000, seed)))
  for (const section of ['{}', '{rule: pattern, green: 2, yellow: 20}']) {
    const rule = recipe(t, section)
    const args = ['--recipe', rule, '--max-document', '1MB', '--unit-size', '400KB']
    const reference = join(dir, `reference-${section.length}`)
    const whole = await clean(inputs, reference, ...args, '--workers', '1')
    assert.ok(((whole.cut as Record<string, Cut>).line?.docs ?? 0) > 100)
    assert.ok((whole.dropped['lines-repeated']?.docs ?? 0) > 10)
    const listed = frequent(reference)
    assert.deepEqual([listed.length, listed.filter(({ text }) => !/^.. 같은 줄이다 [가나다]\.$/u.test(text))], [100, []])
    // Each document that counts and is not the first loses it.
    if (section === '{}') assert.ok(listed.every(({ documents, cut }) => cut === documents - 1))
    const expected = tree(reference)
    for (const [name, ...more] of [
      ['two', '--workers', '2'],
      ['narrow', '--memory', '160MB', '--workers', '3'],
    ]) {
      const out = join(dir, `${name}-${section.length}`)
      const summary = await clean(inputs, out, ...args, ...more)
      assert.deepEqual(withoutSeconds({ ...summary, artifact: '' }), withoutSeconds({ ...whole, artifact: '' }))
      assert.deepEqual(tree(out), expected, name)
    }
    const units = join(dir, `units-${section.length}`)
    const other = await clean(inputs, units, '--recipe', rule, '--unit-size', '150KB', '--max-document', '1MB')
    assert.deepEqual(other.cut, whole.cut)
    assert.deepEqual(frequent(units), listed)
    assert.deepEqual(lines(units, 'documents'), lines(reference, 'documents'))
    const next = random(section.length)
    const started = performance.now()
    const command = (out: string) => ['clean', ...inputs, '-o', out, '--json', '--quiet', '--dedupe', 'exact', ...args]
    assert.equal((await kopipe(command(join(dir, `timed-${section.length}`)))).code, 0)
    const took = performance.now() - started
    const out = join(dir, `killed-${section.length}`)
    let kills = 0
    for (let round = 0; round < 6; round++) {
      const moment = took * (0.1 + 0.5 * next())
      const { signal } = await kopipe(command(out), { started: (child) => setTimeout(() => child.kill('SIGKILL'), moment) })
      kills += signal === 'SIGKILL' ? 1 : 0
    }
    assert.ok(kills > 0)
    assert.equal((await kopipe(command(out))).code, 0)
    assert.deepEqual(tree(out), expected)
  }
})

test('also where no duplicates are looked for, and in columns; without the section nothing is different', async (t) => {
  const dir = folder(t)
  const input = write(join(dir, 'in.jsonl'), corpus(2000, 3))
  const none = await clean([input], join(dir, 'none'), '--recipe', recipe(t, ''))
  assert.deepEqual([none.cut, none.dropped['lines-repeated']], [{}, undefined])
  const stages = (none.funnel as { total: { stage: string }[] }).total
  assert.ok(!stages.some(({ stage }) => stage === 'lines'))
  const off = await kopipe(['clean', input, '-o', join(dir, 'off'), '--recipe', recipe(t, '{}'), '--dedupe', 'off', '--json', '--quiet'])
  assert.equal(off.code, 0, off.stderr)
  assert.ok(((off.summary.cut as Record<string, Cut>).line?.docs ?? 0) > 100)
  const columns = await kopipe([
    'clean',
    input,
    '-o',
    join(dir, 'columns'),
    '--recipe',
    recipe(t, '{}'),
    '--dedupe',
    'off',
    '--format',
    'parquet',
    '--json',
    '--quiet',
  ])
  assert.equal(columns.code, 0, columns.stderr)
  assert.deepEqual(columns.summary.cut, off.summary.cut)
  await kopipe(['clean', join(dir, 'columns'), '-o', join(dir, 'back'), '--recipe', 'none', '--dedupe', 'off', '--quiet'])
  const said = (name: string) =>
    lines(join(dir, name), 'documents').map(({ id, text, kopipe }) => [id, text, (kopipe as { cut?: object } | undefined)?.cut])
  assert.deepEqual(said('back'), said('off'))
})

test('real pages: a notice that stands on a hundred of them stays on one, and most of the text stays', async (t) => {
  const pages = corpusFile(t, 'ko-html.warc.gz')
  if (!pages) return
  const dir = folder(t)
  const notice = '이 문서는 최신판 번역이 아닙니다. 최근에 변경된 내용은 영어 문서를 참고하세요.'
  const having = (name: string) => lines(join(dir, name), 'documents').filter(({ text }) => (text as string).includes(notice)).length
  const before = await clean([pages], join(dir, 'before'), '--recipe', recipe(t, ''))
  const after = await clean([pages], join(dir, 'after'), '--recipe', recipe(t, '{}'))
  await clean([pages], join(dir, 'pattern'), '--recipe', recipe(t, '{rule: pattern}'))
  assert.ok(having('before') > 100)
  const said = frequent(join(dir, 'after')).find(({ text }) => text.includes(notice))
  assert.deepEqual([said?.documents, said?.cut], [having('before'), having('before') - 1])
  assert.deepEqual([having('after'), having('pattern')], [1, 0])
  assert.ok((after.written as { bytes: number }).bytes > 0.94 * (before.written as { bytes: number }).bytes)
})
