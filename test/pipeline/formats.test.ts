/** Every container text comes in, written by the peers' own libraries, and the results with columns, read by them. */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { corpusFile, folder, kopipe, koreanLines, lines, peer, type Run, tree } from '../kit.ts'

const RAW = ['--recipe', 'none', '--dedupe', 'off', '--json', '--quiet']

async function clean(inputs: string[], out: string, ...more: string[]): Promise<Run> {
  const run = await kopipe(['clean', ...inputs, '-o', out, ...RAW, ...more])
  assert.equal(run.code, 0, run.stderr)
  return run
}

/** A folder with the same 200 documents in every container, or nothing where the peers are absent. */
async function written(t: TestContext): Promise<string | undefined> {
  const dir = folder(t)
  return (await peer(t, ['write', dir], 'formats.py')) && dir
}

test('Parquet, Arrow, JSON, CSV and TSV of pyarrow and Python say what their JSON lines say', async (t) => {
  const dir = await written(t)
  if (!dir) return
  await clean([join(dir, 'documents.jsonl')], join(dir, 'out-reference'))
  const reference = lines(join(dir, 'out-reference'), 'documents')
  assert.equal(reference.length, 200)
  const bare = reference.map(({ id, text, source }) => ({ id, text, source }))
  const files = readdirSync(dir).filter((name) => /\.(parquet|arrow|json|json\.gz|csv|tsv)$/.test(name))
  assert.ok(files.length >= 18, files.join(' '))
  for (const name of files) {
    const out = join(dir, `out-${name}`)
    const { summary } = await clean([join(dir, name)], out, '--unit-size', '3KB')
    assert.equal(summary.read.docs, 200, name)
    const documents = lines(out, 'documents').map(({ kopipe: _, ...document }) => document)
    assert.deepEqual(documents, /csv|tsv/.test(name) ? bare : reference, name)
  }
})

test('an encoding that is not UTF-8 is told in the document', async (t) => {
  const dir = await written(t)
  if (!dir) return
  await clean([join(dir, 'cp949.csv')], join(dir, 'out'))
  assert.deepEqual(lines(join(dir, 'out'), 'documents')[3]?.kopipe, { encoding: 'cp949' })
})

test('entries of tars are documents named by their path', async (t) => {
  const dir = await written(t)
  if (!dir) return
  for (const name of ['pax.tar', 'gnu.tar.gz']) {
    await clean([join(dir, name)], join(dir, `out-${name}`))
    const documents = lines(join(dir, `out-${name}`), 'documents')
    assert.equal(documents.length, 200)
    assert.equal(documents[7]?.id, `news/${'긴이름'.repeat(40)}/d7.txt`)
    assert.match(documents[7]?.text as string, /^문서 문서 문서 번호 7, "따옴표"와\n둘째 줄$/)
  }
})

test('results with columns: pyarrow reads what stands in JSON lines, types and all', async (t) => {
  const dir = folder(t)
  const input = join(dir, 'in.jsonl')
  const records = [
    '{"id":"a","text":"첫 문서입니다","n":1,"score":0.5,"ok":true,"tags":["x",1],"mixed":1,"empty":null}',
    '{"id":"b","text":"둘째\\n\\"문서\\"","n":2,"score":3,"mixed":"둘","late":{"a":{"b":1}}}',
    '{"text":"이름 없는 문서","n":null}',
  ]
  writeFileSync(input, records.join('\n'))
  const expected = [
    { id: 'a', text: '첫 문서입니다', n: 1, score: 0.5, ok: true, tags: '["x",1]', mixed: '1', empty: null, late: null },
    { id: 'b', text: '둘째\n"문서"', n: 2, score: 3, ok: null, tags: null, mixed: '"둘"', empty: null, late: '{"a":{"b":1}}' },
    { id: expectedId(records), text: '이름 없는 문서', n: null, score: null, ok: null, tags: null, mixed: null, empty: null, late: null },
  ]
  for (const format of ['parquet', 'arrow']) {
    const out = join(dir, format)
    await clean([input], out, '--format', format)
    const read = await peer(t, ['read', join(out, 'documents', `00000.${format}`)], 'formats.py')
    if (!read) return
    assert.deepEqual(read.rows, expected)
    const { n, score, ok, text, empty } = read.types as Record<string, string>
    assert.deepEqual({ n, score, ok, text, empty }, { n: 'int64', score: 'double', ok: 'bool', text: 'string', empty: 'string' })
    assert.match((read.types as Record<string, string>).tags as string, /json/)
    // And back: what was a list is a list again.
    await clean([out], join(dir, `${format}-back`))
    const back = lines(join(dir, `${format}-back`), 'documents')
    assert.deepEqual([back[0]?.tags, back[0]?.mixed, back[1]?.mixed, back[1]?.late], [['x', 1], 1, '둘', { a: { b: 1 } }])
  }
})

function expectedId(records: string[]): string {
  return `in.jsonl:${records.slice(0, 2).reduce((sum, record) => sum + Buffer.byteLength(record) + 1, 0)}`
}

test('bytes of results with columns depend on input and configuration alone', async (t) => {
  const dir = folder(t)
  const input = join(dir, 'in.jsonl')
  writeFileSync(input, koreanLines(30_000, 5))
  for (const format of ['parquet', 'arrow']) {
    const results = []
    for (const [workers, memory] of [
      ['1', '4GB'],
      ['3', '1GB'],
    ] as const) {
      const out = join(dir, `${format}-${workers}`)
      await clean([input], out, '--format', format, '--unit-size', '2MB', '--workers', workers, '--memory', memory)
      results.push([...tree(out)].filter(([path]) => path !== 'kopipe.json'))
    }
    assert.deepEqual(results[0], results[1])
  }
})

test('plain text: a document a file, a paragraph or a line', async (t) => {
  const dir = folder(t)
  const input = join(dir, '글.txt.zst')
  writeFileSync(input, zstdCompressSync('첫 줄\n둘째 줄\n\n둘째 문단\n'))
  for (const [per, expected] of [
    ['file', ['첫 줄\n둘째 줄\n\n둘째 문단\n']],
    ['paragraph', ['첫 줄\n둘째 줄', '둘째 문단']],
    ['line', ['첫 줄', '둘째 줄', '둘째 문단']],
  ] as const) {
    await clean([input], join(dir, per), '--document-per', per)
    assert.deepEqual(
      lines(join(dir, per), 'documents').map(({ text }) => text),
      expected,
    )
  }
})

test('keys by name, nested ones too; only the metadata that is asked for', async (t) => {
  const dir = folder(t)
  const input = join(dir, 'in.jsonl')
  writeFileSync(input, '{"meta":{"id":7,"site":{"host":"h.kr"},"n":1},"body":{"html":"<b>","plain":"본문입니다"},"x":1}\n')
  await clean([input], join(dir, 'all'), '--text-key', 'body.plain', '--id-key', 'meta.id', '--source-key', 'meta.site.host')
  assert.deepEqual(lines(join(dir, 'all'), 'documents'), [
    { id: 7, text: '본문입니다', meta: { id: 7, site: { host: 'h.kr' }, n: 1 }, body: { html: '<b>' }, x: 1 },
  ])
  const ledger = (JSON.parse(readFileSync(join(dir, 'all', 'kopipe.json'), 'utf8')) as { ledger: object }).ledger
  assert.deepEqual(Object.keys(ledger), ['h.kr'])
  await clean([input], join(dir, 'some'), '--text-key', 'body.plain', '--metadata-key', 'meta.site.host', '--metadata-key', 'x')
  assert.deepEqual(lines(join(dir, 'some'), 'documents'), [{ id: 'in.jsonl:0', text: '본문입니다', 'meta.site.host': 'h.kr', x: 1 }])
})

test('WARC: pages give their main text, everything else is told', async (t) => {
  const dir = folder(t)
  const page = (body: string) => `<html><head><title>제목</title></head><body><main><p>${body}</p></main></body></html>`
  const record = (head: string, block: Buffer | string, type = 'response') => {
    const bytes = Buffer.from(block)
    const text = `WARC/1.0\r\nWARC-Type: ${type}\r\nWARC-Record-ID: <urn:uuid:${type}>\r\nWARC-Target-URI: http://h.kr/\r\n${head}Content-Length: ${bytes.length}\r\n\r\n`
    return Buffer.concat([Buffer.from(text), bytes, Buffer.from('\r\n\r\n')])
  }
  const http = (status: string, media: string, body: Buffer | string) =>
    Buffer.concat([Buffer.from(`HTTP/1.1 ${status}\r\nContent-Type: ${media}\r\n\r\n`), Buffer.from(body)])
  const euckr = Buffer.from([0xc7, 0xd1, 0xb1, 0xdb, 0x20, 0xb9, 0xae, 0xbc, 0xad, 0xc0, 0xd4, 0xb4, 0xcf, 0xb4, 0xd9])
  const euckrPage = Buffer.concat([Buffer.from('<html><body><p>'), euckr, Buffer.from('</p></body></html>')])
  const input = join(dir, 'in.warc.gz')
  const records = [
    record('', 'software: x', 'warcinfo'),
    record('', http('200 OK', 'text/html; charset=utf-8', page('이것은 본문 문단입니다. 충분히 길게 씁니다.'))),
    record('', http('200 OK', 'text/html; charset=euc-kr', euckrPage)),
    record('', http('404 Not Found', 'text/html', page('없음'))),
    record('', http('200 OK', 'image/png', Buffer.alloc(50_000, 0x89))),
    record('Content-Type: text/plain\r\n', 'WET의 글입니다', 'conversion'),
  ]
  writeFileSync(input, Buffer.concat(records.map((r) => gzipSync(r))))
  const { summary } = await clean([input], join(dir, 'out'))
  assert.equal(summary.read.docs, 5)
  const documents = lines(join(dir, 'out'), 'documents')
  assert.deepEqual(documents[0], {
    id: 'urn:uuid:response',
    text: '이것은 본문 문단입니다. 충분히 길게 씁니다.',
    title: '제목',
    url: 'http://h.kr/',
  })
  assert.deepEqual([documents[1]?.text, documents[1]?.kopipe], ['한글 문서입니다', { encoding: 'cp949' }])
  assert.equal(documents[2]?.text, 'WET의 글입니다')
  const rejects = lines(join(dir, 'out'), 'rejects') as { raw: string; kopipe: { why: string } }[]
  assert.deepEqual(
    rejects.map(({ kopipe: { why } }) => why),
    ['HTTP status 404', 'image/png is not text'],
  )
  assert.ok((rejects[1]?.raw.length ?? 0) <= 4096, 'of a picture its headers are kept')
})

test('Parquet inside gzip and zstd holds the same rows', async (t) => {
  const dir = await written(t)
  if (!dir) return
  const parquet = readdirSync(dir).find((name) => name.endsWith('.parquet')) as string
  await clean([join(dir, parquet)], join(dir, 'plain'))
  for (const [suffix, pack] of [
    ['gz', gzipSync],
    ['zst', zstdCompressSync],
  ] as const) {
    const packed = join(dir, `packed.parquet.${suffix}`)
    writeFileSync(packed, pack(readFileSync(join(dir, parquet))))
    await clean([packed], join(dir, suffix), '--unit-size', '3KB')
    const text = ({ text }: Record<string, unknown>) => text
    assert.deepEqual(lines(join(dir, suffix), 'documents').map(text), lines(join(dir, 'plain'), 'documents').map(text))
  }
})

test('zstd in frames is entered at its frames: the same documents as from the beginning', async (t) => {
  const dir = folder(t)
  const text = koreanLines(20_000, 9)
  const frames: Buffer[] = []
  for (let at = 0; at < text.length; at += 200_000) frames.push(zstdCompressSync(text.slice(at, at + 200_000)))
  writeFileSync(join(dir, 'in.jsonl.zst'), Buffer.concat(frames))
  writeFileSync(join(dir, 'in.jsonl.gz'), gzipSync(text))
  await clean([join(dir, 'in.jsonl.zst')], join(dir, 'zst'), '--unit-size', '500KB')
  await clean([join(dir, 'in.jsonl.gz')], join(dir, 'gz'), '--unit-size', '500KB')
  const bare = (out: string) => lines(join(dir, out), 'documents').map(({ id, text }) => [String(id).replace(/\.(zst|gz)/, ''), text])
  assert.deepEqual(bare('zst'), bare('gz'))
  assert.ok(readdirSync(join(dir, 'zst', 'parts')).length > 5)
})

test('real pages and files: every one is read, EUC-KR among them', async (t) => {
  const warc = corpusFile(t, 'ko-html.warc.gz')
  const tar = corpusFile(t, 'httpd-euckr-files.tar.zst')
  if (!warc || !tar) return
  const out = join(folder(t), 'out')
  const { summary } = await clean([warc, tar], out)
  assert.equal(summary.read.docs, 710 + 219)
  assert.ok(summary.malformed.docs < 80, `${summary.malformed.docs} without main text`)
  const documents = lines(out, 'documents') as {
    id: string
    text: string
    url?: string
    kopipe?: { encoding: string; replaced?: number }
  }[]
  assert.ok(
    documents.every(({ kopipe }) => kopipe?.replaced === undefined),
    'no byte was left undecoded',
  )
  const ofHttpd = documents.filter(({ url }) => url?.includes('httpd.apache.org'))
  assert.ok(ofHttpd.length > 95 && ofHttpd.every(({ kopipe }) => kopipe?.encoding === 'cp949'), `${ofHttpd.length} pages in EUC-KR`)
})
