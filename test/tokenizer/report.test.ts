/** The report of a tokenizer: its numbers are those of the documents, its sample is bounded, and no text acts in the page. */

import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseHTML } from 'linkedom'
import { pin } from '../../core/input-file.ts'
import { shownInText, shownToken } from '../../core/page/token.ts'
import { readFiles } from '../../native/documents.ts'
import { native } from '../../native/index.ts'
import { cutsSyllable } from '../../tokenizer/quality.ts'
import type { Report } from '../../tokenizer/report/numbers.ts'
import type { SampledDocument } from '../../tokenizer/sample.ts'
import { folder, kopipe, koreanLines, unzstd } from '../kit.ts'

const QUIET = ['--quiet', '--json', '--vocab-size', '1000']

const sampleOf = (artifact: string) =>
  unzstd(readFileSync(join(artifact, 'sample.jsonl.zst')))
    .toString()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as SampledDocument)

const reportOf = (artifact: string) => JSON.parse(readFileSync(join(artifact, 'report.json'), 'utf8')) as Report

const eojeol = (text: string) => text.split(/\p{White_Space}+/u).filter(Boolean).length
const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0)

test('report.json says what a slow recount of all documents says', async (t) => {
  const dir = folder(t)
  const [input, out] = [join(dir, 'in.jsonl'), join(dir, 'out')]
  // Special strings are text, white space is Unicode's, one source is called like a property of every object.
  const more = ['<|endoftext|>가나\u00a0다\u3000라', '', '  \n\n가  나\t', '끝\u2028끝'].map((text, i) =>
    JSON.stringify({ id: i, text, source: '__proto__' }),
  )
  writeFileSync(input, `${koreanLines(3000, 41)}${more.join('\n')}\n`)
  const { code, stderr, summary } = await kopipe(['tokenize', input, '-o', out, ...QUIET, '--workers', '2'])
  assert.equal(code, 0, stderr)
  const texts = readFileSync(input, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        const { text } = JSON.parse(line) as { text?: unknown }
        return typeof text === 'string' ? [text] : []
      } catch {
        return []
      }
    })
  const report = reportOf(out)
  const tokenizer = await native.loadTokenizer(join(out, 'tokenizer.json'))
  const counts = new Array<number>(1000).fill(0)
  for (const text of texts) for (const id of tokenizer.encode(text)) counts[id] = (counts[id] ?? 0) + 1
  assert.deepEqual(
    { ...report.corpus, pretokens: 0, pretokenTypes: 0 },
    {
      docs: texts.length,
      bytes: sum(texts.map((text) => Buffer.byteLength(text))),
      characters: sum(texts.map((text) => [...text].length)),
      eojeol: sum(texts.map(eojeol)),
      pretokens: 0,
      pretokenTypes: 0,
    },
  )
  const { quality } = report
  assert.equal(quality.tokens, sum(counts))
  assert.equal(quality.tokensPerCharacter, sum(counts) / report.corpus.characters)
  assert.equal(quality.used, counts.filter((count) => count > 0).length)
  const cuts = (id: number) =>
    id > 1 && Buffer.from(tokenizer.bytes(id)).toString() !== Buffer.from(tokenizer.bytes(id)).toString().replaceAll('\ufffd', '')
  const cut = counts.map((count, id) => (cuts(id) ? count : 0))
  // The NFD texts are cut at jamo, too.
  assert.ok(quality.cutOccurrences > sum(cut) && sum(cut) > 0)
  assert.deepEqual(summary.quality, quality)

  const ids = counts.map((_, id) => id).filter((id) => id > 1)
  const count = (id: number) => counts[id] ?? 0
  const length = (id: number) => tokenizer.bytes(id).length
  const listed = (list: { id: number; count: number }[]) => {
    for (const token of list) assert.equal(token.count, count(token.id))
    return list.map(({ id }) => id)
  }
  assert.deepEqual(
    listed(report.unused),
    ids.filter((id) => count(id) === 0),
  )
  const by = (some: number[], order: (a: number, b: number) => number) => some.sort((a, b) => order(a, b) || a - b).slice(0, 100)
  assert.deepEqual(
    listed(report.mostFrequent),
    by(ids.filter(count), (a, b) => count(b) - count(a)),
  )
  assert.deepEqual(
    listed(report.rarest),
    by(
      ids.filter((id) => count(id) > 0 && length(id) > 1),
      (a, b) => count(a) - count(b),
    ),
  )
  assert.deepEqual(
    listed(report.longest),
    by([...ids], (a, b) => length(b) - length(a)),
  )
  assert.equal(sum(report.lengths.map(({ tokens }) => tokens)), ids.length)
  assert.equal(sum(report.lengths.map(({ occurrences }) => occurrences)), quality.tokens)

  const sample = sampleOf(out)
  assert.deepEqual(report.sources.map(({ source }) => source).sort(), ['__proto__', 'in', 'news', 'wiki'])
  assert.equal(sum(report.sources.map(({ docs }) => docs)), texts.length)
  for (const { source, sample: encoded, cutShare } of report.sources) {
    const kept = sample.filter((document) => document.source === source).map(({ text }) => text)
    assert.ok(kept.length > 0 && new Set(kept).size === kept.length, source)
    assert.ok(kept.every((text) => texts.includes(text)))
    assert.deepEqual(encoded, {
      docs: kept.length,
      bytes: sum(kept.map((text) => Buffer.byteLength(text))),
      characters: sum(kept.map((text) => [...text].length)),
      eojeol: sum(kept.map(eojeol)),
      tokens: sum(kept.map((text) => tokenizer.encode(text).length)),
    })
    const cutting = kept.flatMap((text) => tokenizer.encode(text)).filter((id) => cutsSyllable(tokenizer.bytes(id)))
    assert.equal(cutShare, cutting.length / encoded.tokens)
  }
  for (const { source, id, pieces } of report.examples) {
    const text = Buffer.from(pieces.map(({ bytes }) => bytes).join(''), 'hex').toString()
    assert.ok(sample.some((document) => document.source === source && document.id === id && document.text.startsWith(text)))
  }

  // The same numbers by encoding every document, batch by batch.
  const usage = new native.TokenUsage(tokenizer)
  const settings = { batchSize: 2 ** 18, maxDocument: 2 ** 20, plainText: 'file' } as const
  const adding: Promise<unknown>[] = []
  for await (const { batch } of readFiles([pin(input)], settings)) {
    await batch.parse({ text: 'text', id: 'id', source: 'source', maxDocument: 2 ** 20 })
    adding.push(usage.add(batch))
  }
  await Promise.all(adding)
  assert.ok(adding.length > 2, `${adding.length} batches`)
  assert.deepEqual([...usage.occurrences()], counts)
  const bySource = JSON.parse(usage.sources()) as Record<string, { docs: number; tokens: number }>
  assert.equal(sum(Object.values(bySource).map(({ tokens }) => tokens)), quality.tokens)
  assert.equal(sum(Object.values(bySource).map(({ docs }) => docs)), texts.length)
})

test('the files of the artifact are listed with their lengths', async (t) => {
  const dir = folder(t)
  writeFileSync(join(dir, 'in.jsonl'), koreanLines(300, 5))
  await kopipe(['tokenize', join(dir, 'in.jsonl'), '-o', join(dir, 'out'), ...QUIET])
  const { files } = JSON.parse(readFileSync(join(dir, 'out', 'kopipe.json'), 'utf8')) as {
    files: Record<string, { bytes: number; digest: string }>
  }
  const names = ['merges.txt', 'rejects/00000.jsonl.zst', 'report.html', 'report.json', 'sample.jsonl.zst', 'special_tokens_map.json']
  assert.deepEqual(Object.keys(files).sort(), [...names, 'tokenizer.json', 'tokenizer_config.json', 'vocab.json'])
  for (const [name, { bytes, digest }] of Object.entries(files)) {
    assert.equal(readFileSync(join(dir, 'out', name)).length, bytes, name)
    assert.match(digest, /^[0-9a-f]{32}$/)
  }
})

test('the sample is bounded and spread, and the same by one worker and four', async (t) => {
  const dir = folder(t)
  const documents = [
    ...Array.from({ length: 6000 }, (_, i) => ({ id: i, text: `${i}번째 문서`, source: 'short' })),
    ...Array.from({ length: 40 }, (_, i) => ({ id: `long-${i}`, text: `${i} 긴 문서 `.repeat(3000), source: 'long' })),
    ...Array.from({ length: 200 }, (_, i) => ({ id: i, text: `출처 ${i}의 글`, source: `source-${i % 100}` })),
  ]
  writeFileSync(join(dir, 'in.jsonl'), documents.map((document) => `${JSON.stringify(document)}\n`).join(''))
  for (const workers of ['1', '4']) {
    const { code, stderr } = await kopipe(['tokenize', join(dir, 'in.jsonl'), '-o', join(dir, workers), ...QUIET, '--workers', workers])
    assert.equal(code, 0, stderr)
  }
  for (const name of ['sample.jsonl.zst', 'report.json', 'report.html']) {
    assert.ok(readFileSync(join(dir, '1', name)).equals(readFileSync(join(dir, '4', name))), name)
  }
  const bySource = Map.groupBy(sampleOf(join(dir, '1')), ({ source }) => source)
  assert.equal(bySource.size, 65)
  for (const [source, kept] of bySource) {
    assert.ok(kept.length <= 1000, source)
    assert.ok(sum(kept.map(({ text }) => Buffer.byteLength(text))) <= 2 ** 18, source)
    assert.ok(
      kept.every(({ text }) => [...text].length <= 2000),
      source,
    )
  }
  // Of 102 sources 64 stand alone; which, their names decide.
  const report = reportOf(join(dir, '1'))
  assert.deepEqual([report.sources.length, report.otherSources], [65, 38])
  assert.equal(sum(report.sources.map(({ docs }) => docs)), documents.length)
  const largest = [...bySource.values()].reduce((a, b) => (a.length > b.length ? a : b))
  const numbers = largest.map(({ id }) => id).filter((id) => typeof id === 'number')
  assert.equal(largest.length, 1000, 'as many as may stay')
  const mean = sum(numbers) / numbers.length
  assert.ok(mean > 2500 && mean < 3500, `of 6,000 documents those around ${mean} are kept`)
})

test('hostile text is text in the page, in either language', async (t) => {
  const dir = folder(t)
  const evil = '</title></style><script>alert(1)</script><img src=x onerror=alert(2)>\u202e\u2066\u200f'
  const text = `${evil} "onmouseover='alert(3)' \u0000\u0007\u001b[31m\u009b \u200b\u{e0041} javascript:alert(4) &lt;b&gt; ${'e\u0301'.repeat(50)}`
  const record = { text: `${text} `.repeat(3), source: evil, id: evil }
  writeFileSync(join(dir, 'in.jsonl'), `${JSON.stringify(record)}\n`.repeat(40))
  for (const lang of ['ko', 'en']) {
    const out = join(dir, lang)
    const { code, stderr } = await kopipe(['tokenize', join(dir, 'in.jsonl'), '-o', out, ...QUIET, '--lang', lang, '--special', evil])
    assert.equal(code, 0, stderr)
    const page = readFileSync(join(out, 'report.html'), 'utf8')
    const acts = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu
    assert.deepEqual(
      [...page.matchAll(acts)].map(([c]) => c).filter((c) => c !== '\n'),
      [],
    )
    const { document } = parseHTML(page)
    assert.equal(document.documentElement.lang, lang)
    assert.equal(document.querySelectorAll('script, img, iframe, object, embed, a, form, link, base').length, 0)
    for (const element of document.querySelectorAll('*')) {
      for (const name of element.getAttributeNames()) assert.doesNotMatch(name, /^on|^(src|href|action)$/i, element.outerHTML.slice(0, 200))
    }
    for (const style of document.querySelectorAll('style')) assert.doesNotMatch(style.textContent ?? '', /alert|img/)
    const shown = document.querySelector('.tokens')?.textContent ?? ''
    assert.ok(shown.includes('<script>alert(1)</script>') && shown.includes('⟨U+202E⟩') && shown.includes('⟨U+E0041⟩'), shown)
    assert.match(page, /Content-Security-Policy" content="default-src 'none'/)
    assert.ok(!/(?:src|href)\s*=\s*["']?(?:https?:)?\/\//i.test(page.replace(/&\w+;.*?&\w+;/g, '')))
  }
})

test('tokens as a person sees them', () => {
  const token = (bytes: string) => [shownToken(Buffer.from(bytes, 'latin1')), shownInText(Buffer.from(bytes, 'latin1'))]
  const utf8 = (text: string) => Buffer.from(text).toString('latin1')
  assert.deepEqual(token(utf8(' 가\n')), ['␣가↵', { shown: ' 가↵\n', isPart: false }])
  assert.deepEqual(token(`\xb0\x80${utf8('가')}\xea`), ['⟨b0 80⟩가⟨ea⟩', { shown: '⟨b0 80⟩가⟨ea⟩', isPart: true }])
  assert.deepEqual(token(utf8('\ufeff\u200d')), ['⟨U+FEFF⟩⟨U+200D⟩', { shown: '⟨U+FEFF⟩⟨U+200D⟩', isPart: false }])
  assert.equal(shownToken(Buffer.from('-'.repeat(500))), `${'-'.repeat(120)}… (500)`)
})

test('a vocabulary that lacks bytes has no report, and says so', async (t) => {
  const dir = folder(t)
  writeFileSync(join(dir, 'in.jsonl'), '{"text":"가나다 가나다"}\n')
  const args = ['tokenize', join(dir, 'in.jsonl'), '-o', join(dir, 'out'), '--vocab-size', '30', '--initial-alphabet', 'found']
  const { code, stdout, stderr } = await kopipe(args)
  assert.equal(code, 0, stderr)
  assert.match(stdout, /no report: the vocabulary lacks bytes/)
  assert.ok(!existsSync(join(dir, 'out', 'report.json')))
})
