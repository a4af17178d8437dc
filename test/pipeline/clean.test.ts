/** `clean` as a user runs it: what becomes of each document, and that nothing else decides the bytes. */

import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { corpusFile, folder, kopipe, koreanLines, lines, type Summary, tree } from '../kit.ts'

function checkIdentity({ read, kept, dropped, malformed }: Summary): void {
  for (const what of ['docs', 'bytes'] as const) {
    const sum = [kept, malformed, ...Object.values(dropped)].reduce((total, count) => total + count[what], 0)
    assert.equal(sum, read[what], `read = kept + dropped + malformed, in ${what}`)
  }
}

/** The files that must not depend on how the run went; kopipe.json names the inputs' times. */
function result(artifact: string): Map<string, string> {
  return new Map([...tree(artifact)].filter(([path]) => path !== 'kopipe.json'))
}

test('each document goes to one place, with its reason', async (t) => {
  const dir = folder(t)
  const input = join(dir, 'in.jsonl')
  const records = [
    '{"id":"a","text":"안녕하세요 반갑습니다 여러분","n":1}',
    '{"id":"b","text":"안녕하세요 반갑습니다 여러분"}',
    `{"id":"nfd","text":${JSON.stringify('안녕하세요 반갑습니다 여러분'.normalize('NFD'))}}`,
    '{"id":"c","text":"짧다"}',
    '{"id":"d","text":"中文文字 全部 漢字 中文文字"}',
    'broken',
    '',
    '{"text":"아이디가 없는 문서도 있습니다"}',
    '{"id":"zw","text":"\\ufeff제로폭\\u200b 문자가 든 문서\\r\\n둘째 줄"}',
  ]
  writeFileSync(input, records.join('\n'))
  const { code, summary } = await kopipe(['clean', input, '-o', join(dir, 'out'), '--json', '--quiet'])
  assert.equal(code, 0)
  checkIdentity(summary)
  assert.equal(summary.read.docs, 8)
  assert.deepEqual(
    lines(join(dir, 'out'), 'documents').map(({ id, text }) => [id, text]),
    [
      ['a', '안녕하세요 반갑습니다 여러분'],
      [`in.jsonl:${records.slice(0, 7).reduce((sum, r) => sum + Buffer.byteLength(r) + 1, 0)}`, '아이디가 없는 문서도 있습니다'],
      ['zw', '제로폭 문자가 든 문서\n둘째 줄'],
    ],
  )
  const rejects = lines(join(dir, 'out'), 'rejects').map((r) => ({
    id: r.id,
    ...(r.kopipe as { reason: string; ordinal: number; of?: object }),
  }))
  assert.deepEqual(
    rejects.map(({ id, reason, ordinal }) => [id, reason, ordinal]),
    [
      ['b', 'exact-duplicate', 1],
      ['nfd', 'exact-duplicate', 2],
      ['c', 'length-short', 3],
      ['d', 'hangul-ratio-low', 4],
      [rejects[4]?.id, 'malformed', 5],
    ],
  )
  assert.deepEqual(rejects[1]?.of, { unit: 0, ordinal: 0 })
  assert.equal(lines(join(dir, 'out'), 'duplicates').length, 3)
})

test('output bytes do not depend on workers, memory or batch size; the documents not on the unit size', async (t) => {
  const dir = folder(t)
  const [plain, zst, gz] = [join(dir, 'a.jsonl'), join(dir, 'b.jsonl.zst'), join(dir, 'c.jsonl.gz')]
  writeFileSync(plain, koreanLines(12_000, 1))
  writeFileSync(zst, zstdCompressSync(koreanLines(9000, 2)))
  writeFileSync(gz, gzipSync(koreanLines(5000, 3)))
  const clean = async (name: string, ...more: string[]) => {
    const out = join(dir, name)
    const base = ['clean', plain, zst, gz, '-o', out, '--json', '--quiet', '--max-document', '1MB']
    const { code, summary, stderr } = await kopipe([...base, ...more])
    assert.equal(code, 0, stderr)
    checkIdentity(summary)
    return { out, summary }
  }
  const small = ['--unit-size', '700KB']
  const one = await clean('one', ...small, '--workers', '1', '--memory', '4GB')
  const reference = result(one.out)
  assert.ok([...reference.keys()].filter((path) => path.startsWith('parts/')).length > 8, 'several units a file')
  for (const [workers, memory] of [
    ['2', '4GB'],
    ['3', '160MB'],
    ['1', '160MB'],
  ] as const) {
    const other = await clean(`w${workers}-${memory}`, ...small, '--workers', workers, '--memory', memory)
    assert.deepEqual(result(other.out), reference, `workers ${workers}, memory ${memory}`)
  }
  const off = await clean('off', ...small, '--workers', '1', '--memory', '4GB', '--dedupe', 'off')
  const off3 = await clean('off3', ...small, '--workers', '3', '--memory', '160MB', '--dedupe', 'off')
  assert.deepEqual(result(off3.out), result(off.out), 'without duplicates to find')
  const whole = await clean('whole', '--unit-size', '1GB')
  assert.deepEqual(lines(whole.out, 'documents'), lines(one.out, 'documents'))
  assert.deepEqual(whole.summary.dropped, one.summary.dropped)
})

test('the formats hold the same documents', async (t) => {
  const dir = folder(t)
  const input = join(dir, 'in.jsonl')
  writeFileSync(input, koreanLines(2000, 7))
  const contents: unknown[] = []
  for (const format of ['jsonl', 'jsonl.gz', 'jsonl.zst']) {
    const out = join(dir, format)
    const { code, stderr } = await kopipe(['clean', input, '-o', out, '--format', format, '--quiet'])
    assert.equal(code, 0, stderr)
    const again = join(dir, `${format}-again`)
    await kopipe(['clean', out, '-o', again, '--recipe', 'none', '--dedupe', 'off', '--format', 'jsonl', '--quiet'])
    contents.push(readFileSync(join(again, 'documents/00000.jsonl'), 'utf8'))
  }
  assert.equal(new Set(contents).size, 1)
})

test('the same command again does nothing; another configuration or input is refused with what differs', async (t) => {
  const dir = folder(t)
  const [input, out] = [join(dir, 'in.jsonl'), join(dir, 'out')]
  writeFileSync(input, koreanLines(500, 4))
  const first = await kopipe(['clean', input, '-o', out, '--json', '--quiet'])
  const before = tree(out)
  const second = await kopipe(['clean', input, '-o', out, '--json', '--quiet'])
  assert.equal(second.code, 0)
  assert.deepEqual({ ...second.summary, seconds: 0 }, { ...first.summary, seconds: 0 })
  assert.deepEqual(tree(out), before)

  const other = await kopipe(['clean', input, '-o', out, '--quiet', '--dedupe', 'off', '--format', 'jsonl'])
  assert.equal(other.code, 1)
  assert.match(other.stderr, /dedupe: "near" then, "off" now/)
  assert.match(other.stderr, /format: "jsonl.zst" then, "jsonl" now/)

  writeFileSync(input, koreanLines(501, 4))
  const changed = await kopipe(['clean', input, '-o', out, '--quiet'])
  assert.equal(changed.code, 1)
  assert.match(changed.stderr, /changed since the run was planned/)
  assert.equal((await kopipe(['clean', input, '-o', out, '--quiet', '--overwrite'])).code, 0)
})

test('a folder that is not an artifact is left alone', async (t) => {
  const dir = folder(t)
  const input = join(dir, 'in.jsonl')
  writeFileSync(input, koreanLines(10, 4))
  const foreign = folder(t)
  writeFileSync(join(foreign, 'mine.txt'), 'mine')
  const { code, stderr } = await kopipe(['clean', input, '-o', foreign, '--overwrite'])
  assert.equal(code, 1)
  assert.match(stderr, /not empty and not an artifact/)
  assert.ok(existsSync(join(foreign, 'mine.txt')))
  // Nor is the folder that holds what is read.
  const own = await kopipe(['clean', input, '-o', dir, '--overwrite'])
  assert.equal(own.code, 2)
  assert.match(own.stderr, /is where \S+in\.jsonl is read from/)
  assert.ok(existsSync(input))
})

test('real text: nothing is lost, and the exact repeats are found', async (t) => {
  const titles = corpusFile(t, 'news-titles.jsonl.zst')
  const reviews = corpusFile(t, 'nsmc-reviews.jsonl.zst')
  if (!titles || !reviews) return
  const out = join(folder(t), 'out')
  const { code, summary } = await kopipe([
    'clean',
    reviews,
    titles,
    '-o',
    out,
    '--recipe',
    'none',
    '--dedupe',
    'exact',
    '--allow-loss',
    '--json',
    '--quiet',
  ])
  assert.equal(code, 0)
  checkIdentity(summary)
  assert.equal(summary.read.docs, 400_000 + 43_234)
  const ledger = (JSON.parse(readFileSync(join(out, 'kopipe.json'), 'utf8')) as { ledger: Record<string, Summary> }).ledger
  assert.equal(ledger.nsmc_raw?.dropped['exact-duplicate']?.docs, 11_904)
  assert.equal(ledger.news_titles?.dropped['exact-duplicate']?.docs, 41_441)
})
