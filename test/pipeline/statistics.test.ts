/** What runs of `clean` leave of their documents says what reading the documents does, and leaves no trace of how they ran. */

import assert from 'node:assert/strict'
import { globSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { CorpusStats, Estimate, Frequent, Stats } from '../../pipeline/report/measures.ts'
import { folder, kopipe, koreanLines, lines, withNearDuplicates } from '../kit.ts'

async function statsOf(dir: string, ...args: string[]): Promise<Stats> {
  const { code, stderr } = await kopipe(['stats', ...args, '-o', join(dir, 'report.html'), '--quiet'])
  assert.equal(code, 0, stderr)
  return JSON.parse(readFileSync(join(dir, 'stats.json'), 'utf8')) as Stats
}

/**
 * Which documents are shown follows from what they are known by: in a run that is their JSON. Of what occurs once a part the text is
 * not kept: what is surely listed occurs more often than there are parts.
 */
function comparable({ sampled, domains, metadata, ...rest }: CorpusStats, parts: number): unknown {
  const often = ({ frequent }: { frequent: Frequent[] }) => frequent.filter(({ count }) => count > parts)
  const { ngrams, lines, personal, examples, ...more } = sampled
  return {
    ...rest,
    bySource: {},
    distinct: {},
    domains: often(domains),
    metadata: metadata.map((key) => ({ key: key.key, docs: key.docs, frequent: often(key) })),
    ngrams: ngrams.map(often),
    lines: often(lines),
    personal: Object.entries(personal).map(([kind, { docs, hits }]) => [kind, docs, hits]),
    examples: examples.length,
    ...more,
  }
}

function estimates({ distinct, domains, metadata, sampled }: CorpusStats): { distinct: Estimate }[] {
  return [{ distinct: distinct.texts }, domains, ...metadata, ...sampled.ngrams, sampled.lines]
}

const METADATA = [
  { url: 'https://www.news.example.kr/a?b=1', date: '2023-05-01', license: 'CC BY 4.0' },
  { url: 'http://blog.example.com', date: '2023-06-30', license: 'CC BY 4.0' },
  { date: 'gestern', extra: { deep: ['"', '\\'] } },
]

/** Lines that are no JSON stay as they are. */
function withMetadata(text: string): string {
  const each = (line: string, i: number) => line.replace(/}$/, `,${JSON.stringify(METADATA[i % METADATA.length]).slice(1)}`)
  return text.split('\n').map(each).join('\n')
}

function input(t: TestContext): { dir: string; path: string } {
  const dir = folder(t)
  const path = join(dir, 'in.jsonl')
  writeFileSync(path, withMetadata(withNearDuplicates(koreanLines(2000, 41))))
  return { dir, path }
}

for (const dedupe of ['near', 'off']) {
  test(`what clean --dedupe ${dedupe} leaves is what reading its documents gives`, async (t) => {
    const { dir, path } = input(t)
    await kopipe(['clean', path, '-o', join(dir, 'clean'), '--dedupe', dedupe, '--unit-size', '200KB', '--quiet'])
    assert.ok(globSync(join(dir, 'clean/statistics/*.kopstat')).length > 1)
    const left = (await statsOf(dir, join(dir, 'clean'))).documents
    const read = (await statsOf(dir, join(dir, 'clean/documents/*'))).documents
    const sources = ({ bySource }: CorpusStats) => Object.values(bySource).reduce((sum, { docs }) => sum + docs, 0)
    assert.equal(sources(left), sources(read))
    const parts = globSync(join(dir, 'clean/parts/*')).length
    assert.deepEqual(comparable(left, parts), comparable(read, parts))
    // A sketch that was merged tells less well: what is true lies between both.
    for (const [i, { distinct }] of estimates(left).entries()) {
      const other = estimates(read)[i]?.distinct as Estimate
      assert.ok(distinct.low <= other.high && other.low <= distinct.high, `${JSON.stringify(distinct)}, ${JSON.stringify(other)}`)
    }
    const texts = lines(join(dir, 'clean'), 'documents').map(({ text }) => text as string)
    assert.equal(left.total.docs, texts.length)
    assert.equal(
      left.total.chars,
      texts.reduce((sum, text) => sum + [...text].length, 0),
    )
    assert.equal(
      left.total.lines,
      texts.reduce((sum, text) => sum + text.split('\n').filter((line) => line.trim()).length, 0),
    )
    const [first] = left.sampled.ngrams
    const words = texts.flatMap((text) => text.split(/\s+/).filter(Boolean))
    const most = first?.frequent[0]
    assert.equal(most?.count, words.filter((word) => word === most?.text).length)
    assert.equal(
      left.domains.frequent
        .map(({ text }) => text)
        .sort()
        .join(),
      'blog.example.com,news.example.kr',
    )
    assert.deepEqual(Object.keys(left.byDate), ['', '2023-05', '2023-06'])
    assert.equal(
      left.byLicence['CC BY 4.0']?.docs,
      left.domains.frequent.reduce((sum, { count }) => sum + count, 0),
    )
  })
}

test('workers, memory and batches leave no trace in the statistics', async (t) => {
  const { dir, path } = input(t)
  const run = async (...how: string[]) => {
    await kopipe(['clean', path, '-o', join(dir, 'clean'), '--overwrite', '--quiet', ...how])
    const files = globSync(join(dir, 'clean/statistics/*'))
      .sort()
      .map((file) => readFileSync(file).toString('hex'))
    return { files, stats: await statsOf(dir, path, ...how) }
  }
  const one = await run('--workers', '1', '--memory', '1GB')
  assert.deepEqual(await run('--workers', '4', '--memory', '4GB'), one)
})

test('what is too much to look at is taken to be as the rest', async (t) => {
  const dir = folder(t)
  // Over 1 MB of input: clean observes some of the documents and counts all.
  const path = join(dir, 'in.jsonl')
  writeFileSync(path, koreanLines(20_000, 7))
  await kopipe(['clean', path, '-o', join(dir, 'clean'), '--dedupe', 'off', '--quiet'])
  const left = (await statsOf(dir, join(dir, 'clean'))).documents
  const read = (await statsOf(dir, join(dir, 'clean/documents/*'))).documents
  assert.equal(left.measured, 'sample')
  assert.ok(left.sampled.oneIn > 1 && left.sampled.docs < left.total.docs)
  assert.deepEqual([left.total.docs, left.total.bytes], [read.total.docs, read.total.bytes])
  for (const what of ['chars', 'eojeol', 'lines'] as const) {
    assert.ok(Math.abs(left.total[what] / read.total[what] - 1) < 0.03, `${what}: ${left.total[what]} for ${read.total[what]}`)
  }
  const korean = ({ sampled }: CorpusStats) => sampled.languages.ko?.docs ?? 0
  assert.ok(Math.abs(korean(left) / korean(read) - 1) < 0.05)
})

test('what was observed of every document, and of some, counts as much', async (t) => {
  const dir = folder(t)
  const [large, small] = [join(dir, 'large.jsonl'), join(dir, 'small.jsonl')]
  writeFileSync(large, koreanLines(20_000, 7))
  writeFileSync(small, '{"text": "희귀한낱말 하나","url": "http://rare.example.kr"}\n'.repeat(5000))
  await kopipe(['clean', large, '-o', join(dir, 'clean'), '--dedupe', 'off', '--quiet'])
  const { sampled, domains, total } = (await statsOf(dir, join(dir, 'clean'), small)).documents
  assert.ok(sampled.oneIn > 1)
  const rare = sampled.ngrams[0]?.frequent.find(({ text }) => text === '희귀한낱말')
  // Of a list that is full a count may be too high, by what it says.
  assert.ok(rare && rare.count - rare.error <= 5000 && rare.count >= 5000, JSON.stringify(rare))
  assert.equal(domains.frequent.find(({ text }) => text === 'rare.example.kr')?.count, 5000)
  assert.ok(total.docs > 5000)
})

test('tokens of documents are counted with a tokenizer, and two inputs held against each other', async (t) => {
  const { dir, path } = input(t)
  await kopipe(['tokenize', path, '-o', join(dir, 'tokenizer'), '--vocab-size', '1000', '--quiet'])
  const tokenizer = join(dir, 'tokenizer/tokenizer.json')
  await kopipe(['pack', path, '--tokenizer', tokenizer, '-o', join(dir, 'packed'), '--quiet'])
  const { documents, versus } = await statsOf(dir, path, '--tokenizer', tokenizer, '--versus', join(dir, 'packed/../in.jsonl'))
  const packed = JSON.parse(readFileSync(join(dir, 'packed/dataset.json'), 'utf8')) as { tokens: number; documents: number }
  const counted = Object.values(documents.sampled.tokens ?? {}).reduce((sum, { tokens }) => sum + tokens, 0)
  assert.equal(counted + packed.documents, packed.tokens, 'a packed document has its end besides')
  assert.deepEqual(versus?.documents.total, documents.total)
  const refused = await kopipe(['stats', join(dir, 'packed'), '--versus', join(dir, 'packed')])
  assert.match(refused.stderr, /--versus .*packed: expected files or an artifact that holds documents/)
})

test('damaged statistics are refused, with their file', async (t) => {
  const { dir, path } = input(t)
  await kopipe(['clean', path, '-o', join(dir, 'clean'), '--quiet'])
  const file = globSync(join(dir, 'clean/statistics/*'))[0] as string
  truncateSync(file, 40)
  const { code, stderr } = await kopipe(['stats', join(dir, 'clean'), '-o', join(dir, 'report.html')])
  assert.equal(code, 1)
  assert.match(stderr, /statistics\/00000\.kopstat is damaged/)
})
