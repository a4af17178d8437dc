/** `stats` of what is packed: its numbers are those of counting one by one, and hostile tokens are text in the page. */

import assert from 'node:assert/strict'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Stats } from '../../pipeline/report/measures.ts'
import { budgetsOf, type DatasetStats, type SplitStats } from '../../pipeline/shards/stats.ts'
import { folder, kopipe, koreanLines } from '../kit.ts'
import { writeShard } from '../training/shards.ts'
import { documentsOf, manifest, packed, TOKENIZER } from './shards-kit.ts'

const LENGTH = 64

async function statsOf(inputs: string[], dir: string, ...more: string[]): Promise<Stats & { page: string; stdout: string }> {
  const page = join(dir, 'report.html')
  const run = await kopipe(['stats', ...inputs, '-o', page, '--sequence-length', String(LENGTH), ...more])
  assert.equal(run.code, 0, run.stderr)
  const stats = JSON.parse(readFileSync(join(dir, 'stats.json'), 'utf8')) as Stats
  return { ...stats, page: readFileSync(page, 'utf8'), stdout: run.stdout }
}

/** Documents of a shard of u16 as ids, by the format's table. */
function idsOf(prefix: string): number[][] {
  return documentsOf(prefix).map((hex) => Array.from({ length: hex.length / 4 }, (_, i) => Buffer.from(hex, 'hex').readUInt16LE(2 * i)))
}

/** What becomes of documents in samples, token by token. */
function slowSplit(split: SplitStats['split'], documents: number[][]): SplitStats {
  const owners = documents.flatMap((document, i) => document.map(() => i))
  const samples: number[][] = []
  for (let at = 0; at + LENGTH < owners.length; at += LENGTH) samples.push(owners.slice(at, at + LENGTH + 1))
  const distinct = samples.map((sample) => new Set(sample).size)
  const whole = documents.filter((document, i) => samples.some((sample) => sample.filter((o) => o === i).length === document.length))
  return {
    split,
    documents: documents.length,
    tokens: owners.length,
    samples: samples.length,
    samplesWithBoundary: distinct.filter((n) => n > 1).length,
    documentsASample: samples.length === 0 ? 0 : distinct.reduce((sum, n) => sum + n, 0) / samples.length,
    documentsCut: documents.length - whole.length,
  }
}

function checkWhole(found: DatasetStats, documents: number[][]): void {
  const counts = new Map<number, number>()
  for (const id of documents.flat()) counts.set(id, (counts.get(id) ?? 0) + 1)
  const { vocabulary, lengths } = found
  assert.deepEqual([found.documents, found.tokens], [documents.length, documents.flat().length])
  assert.deepEqual([vocabulary.used, vocabulary.unused, vocabulary.stray], [counts.size, vocabulary.size - counts.size, 0])
  assert.deepEqual(
    vocabulary.unusedIds,
    Array.from({ length: vocabulary.size }, (_, id) => id).filter((id) => !counts.has(id)),
  )
  const ranked = [...counts].sort(([a, x], [b, y]) => y - x || a - b)
  assert.deepEqual(
    vocabulary.mostFrequent.map(({ id, occurrences }) => [id, occurrences]),
    ranked.slice(0, 100),
  )
  assert.deepEqual(
    vocabulary.rarest.map(({ id, occurrences }) => [id, occurrences]),
    ranked.slice(-100).reverse(),
  )
  for (const { tokens, occurrences } of vocabulary.ranks)
    assert.equal(
      occurrences,
      ranked.slice(0, tokens).reduce((sum, [, n]) => sum + n, 0),
    )
  for (const { rank, occurrences } of vocabulary.byRank) assert.equal(occurrences, ranked[rank - 1]?.[1])
  const sorted = documents.map((document) => document.length).sort((a, b) => a - b)
  for (const { share, tokens } of lengths.quantiles)
    assert.equal(tokens, sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1], String(share))
  for (const [power, count] of lengths.powers.entries())
    assert.equal(count, sorted.filter((n) => n < 2 ** power && n >= (power === 0 ? 0 : 2 ** (power - 1))).length)
  const shares = ranked.map(([, n]) => n / found.tokens)
  assert.ok(Math.abs(vocabulary.entropy - shares.reduce((sum, p) => sum - p * Math.log2(p), 0)) < 1e-9)
}

test('stats.json counts what the shards hold, whole and by splits, for any number of workers', async (t) => {
  const dir = folder(t)
  const lines = koreanLines(700, 21)
  const out = await packed(dir, 'packed', [lines], '--shard-size', '30KB')
  const documents = manifest(out).shards.flatMap(({ prefix }) => idsOf(join(out, prefix)))
  const { datasets, page, stdout } = await statsOf([out], dir, '--workers', '2')
  const [found] = datasets as [Stats['datasets'][number]]
  checkWhole(found, documents)
  // As GPT-NeoX cuts: shares rounded, what that gains taken from every bound.
  const bounds = [
    0,
    ...[969, 30, 1].map((_, i, all) => all.slice(0, i + 1).reduce((sum, w) => sum + Math.round((w / 1000) * documents.length), 0)),
  ]
  const gained = (bounds[3] as number) - documents.length
  const cut = (i: number) => (i === 0 ? 0 : (bounds[i] as number) - gained)
  const parts = (['train', 'valid', 'test'] as const).map((split, i) => slowSplit(split, documents.slice(cut(i), cut(i + 1))))
  assert.deepEqual(found.splits, [slowSplit('all', documents), ...parts.filter((part) => part.documents > 0)])
  assert.deepEqual(found.budgets, budgetsOf(found))
  // Sources by the texts that were packed, documents in input order.
  const records = lines.split('\n').flatMap((line) => {
    try {
      const { text, source } = JSON.parse(line) as { text?: unknown; source?: string }
      return typeof text === 'string' && text !== '' ? [{ source: source ?? 'packed-0', text }] : []
    } catch {
      return []
    }
  })
  assert.equal(records.length, documents.length)
  const bySource = new Map<string, { text: string; ids: number[] }[]>()
  for (const [i, { source, text }] of records.entries())
    bySource.set(source, [...(bySource.get(source) ?? []), { text, ids: documents[i] as number[] }])
  const useOf = (of: { text: string; ids: number[] }[]) => {
    const text = of.map(({ text }) => text).join('')
    const unused = found.vocabulary.size - new Set(of.flatMap(({ ids }) => ids)).size
    return { characters: [...text].length, bytes: Buffer.byteLength(text), unused }
  }
  const expected = [...bySource]
    .map(([source, of]) => ({ source, documents: of.length, tokens: of.flatMap(({ ids }) => ids).length, use: useOf(of) }))
    .sort((a, b) => b.tokens - a.tokens)
  assert.deepEqual(found.sources, expected)
  assert.deepEqual(found.vocabulary.use, useOf([...bySource.values()].flat()))
  assert.match(page, /Tokens by source/)
  assert.equal(found.budgets.find(({ like }) => like === 'Polyglot-Ko 5.8B')?.epochs, 172e9 / (parts[0]?.tokens ?? 0))
  assert.match(stdout, /tokens in [\d,]+ documents/)
  assert.match(page, /Use of the vocabulary/)
  const one = await statsOf([out], dir, '--workers', '1', '--lang', 'ko')
  assert.deepEqual(one.datasets, datasets)
  assert.match(one.page, /어휘의 쓰임/)

  const split = await packed(dir, 'split', [lines], '--shard-size', '30KB', '--split', 'train=.6,valid=.3,test=.1')
  const [parted] = (await statsOf([split], dir)).datasets as DatasetStats[]
  const own = (name: string) =>
    manifest(split)
      .shards.filter((shard) => shard.split === name)
      .flatMap(({ prefix }) => idsOf(join(split, prefix)))
  const each = (['train', 'valid', 'test'] as const).map((name) => slowSplit(name, own(name)))
  assert.deepEqual(parted?.splits, [slowSplit('all', [...own('train'), ...own('valid'), ...own('test')]), ...each])
})

test('however a dataset came to be, what was counted while it was packed is what its tokens say', async (t) => {
  const dir = folder(t)
  const [first, second] = [koreanLines(300, 3), koreanLines(200, 4)]
  const whole = await packed(dir, 'whole', [first, second], '--shard-size', '30KB')
  const [one, two] = [await packed(dir, 'one', [first]), await packed(dir, 'two', [second])]
  const made = [
    whole,
    await packed(dir, 'blended', [first, second], '--shard-size', '30KB', '--shuffle', '3', '--epochs', 'blended-0=1.5'),
    await packed(dir, 'parted', [first], '--shard-size', '30KB', '--split', 'train=.6,valid=.3,test=.1'),
    await packed(dir, 'appended', [second], '--append-to', one),
    join(dir, 'merged'),
    join(dir, 'split'),
  ]
  for (const command of [
    ['merge', one, two, '-o', join(dir, 'merged'), '--shard-size', '30KB'],
    ['split', whole, '-o', join(dir, 'split'), '--split', 'train=.6,valid=.3,test=.1'],
  ])
    assert.equal((await kopipe(['pack', ...command])).code, 0)
  for (const path of made) {
    const { tokenCounts, ...dataset } = manifest(path)
    assert.ok(tokenCounts && tokenCounts.length > 0, path)
    const [counted] = (await statsOf([path], dir)).datasets
    assert.ok(
      counted?.sources?.every(({ use }) => use && use.unused < counted.vocabulary.size),
      path,
    )
    writeFileSync(join(path, 'dataset.json'), JSON.stringify(dataset))
    const [read] = (await statsOf([path], dir)).datasets
    assert.deepEqual(counted?.vocabulary, read?.vocabulary, path)
    assert.ok(read?.sources?.every(({ use }) => use === undefined))
    writeFileSync(join(path, 'dataset.json'), JSON.stringify({ ...dataset, tokenCounts }))
  }
  // What one does not say is not known of both.
  const { tokenCounts, ...silent } = manifest(two)
  writeFileSync(join(two, 'dataset.json'), JSON.stringify(silent))
  assert.equal((await kopipe(['pack', 'merge', one, two, '-o', join(dir, 'unknown')])).code, 0)
  assert.equal(manifest(join(dir, 'unknown')).tokenCounts, undefined)
  assert.ok((await statsOf([join(dir, 'unknown')], dir)).datasets[0]?.sources?.every(({ use }) => use === undefined))
})

test('counts of tokens that are damaged or of another dataset are refused, and verify tells', async (t) => {
  const dir = folder(t)
  const [one, two] = [await packed(dir, 'one', [koreanLines(60, 3)]), await packed(dir, 'two', [koreanLines(50, 4)])]
  const file = (artifact: string) => join(artifact, 'statistics/00000.tokens')
  const kept = readFileSync(file(one))
  for (const [what, content, told] of [
    ['damaged', Buffer.concat([kept.subarray(0, -7), Buffer.from('1234567')]), /00000\.tokens is damaged|00000\.tokens: expected/],
    ['of another dataset', readFileSync(file(two)), /00000\.tokens: expected \d+ bytes, [0-9a-f]{32}, as dataset\.json says, got/],
  ] as const) {
    writeFileSync(file(one), content)
    const { code, stderr } = await kopipe(['stats', one, '-o', join(dir, 'r.html')])
    assert.equal(code, 1, what)
    assert.match(stderr, told)
    const verified = await kopipe(['pack', 'verify', one])
    assert.equal(verified.code, 1, what)
    assert.match(verified.stdout + verified.stderr, told)
  }
  writeFileSync(file(one), kept)
  const dataset = manifest(one)
  const tokenCounts = [...(dataset.tokenCounts ?? []), ...(dataset.tokenCounts ?? [])]
  writeFileSync(join(one, 'dataset.json'), JSON.stringify({ ...dataset, tokenCounts }))
  assert.match((await kopipe(['pack', 'verify', one])).stderr, /its files of token counts have \d+ tokens, expected \d+/)
})

test('an index that lists other documents than dataset.json is refused', async (t) => {
  const dir = folder(t)
  const out = await packed(dir, 'packed', [koreanLines(60, 3)])
  const path = join(out, 'shards/00000.idx')
  const idx = readFileSync(path)
  const sequences = Number(idx.readBigUInt64LE(18))
  idx.writeBigUInt64LE(BigInt(sequences), 26)
  // The last document is two sequences.
  idx.writeBigInt64LE(BigInt(sequences), 34 + 12 * sequences + 8 * (sequences - 1))
  writeFileSync(path, idx.subarray(0, -8))
  const { code, stderr } = await kopipe(['stats', out, '-o', join(dir, 'r.html')])
  assert.equal(code, 1)
  assert.match(stderr, /00000\.idx: expected documents \d+, as dataset\.json says, it has \d+/)
})

test('bare shards need a tokenizer, both files are one shard, and tokens of another are told', async (t) => {
  const dir = folder(t)
  const out = await packed(dir, 'packed', [koreanLines(60, 3)])
  for (const extension of ['bin', 'idx']) copyFileSync(join(out, `shards/00000.${extension}`), join(dir, `bare.${extension}`))
  const { datasets } = await statsOf([join(dir, 'bare.bin'), join(dir, 'bare.idx')], dir, '--tokenizer', TOKENIZER)
  assert.equal(datasets.length, 1)
  checkWhole(datasets[0] as DatasetStats, idsOf(join(dir, 'bare')))
  writeShard(join(dir, 'stray'), [
    [5, 60_000, 0],
    [60_001, 0],
  ])
  const stray = await statsOf([join(dir, 'stray')], dir, '--tokenizer', TOKENIZER)
  assert.equal(stray.datasets[0]?.vocabulary.stray, 2)
  for (const [args, message] of [
    [[join(dir, 'bare.idx')], /--tokenizer FILE is required/],
    [[out, '--tokenizer', TOKENIZER], /--tokenizer is for documents and bare shards/],
    [[out, '--sequence-length', '0'], /--sequence-length: expected a whole number from 2/],
  ] as const) {
    const { code, stderr } = await kopipe(['stats', ...args, '-o', join(dir, 'r.html')])
    assert.equal(code, 2, stderr)
    assert.match(stderr, message)
  }
})

test('hostile tokens and names are text in the page', async (t) => {
  const dir = folder(t)
  const evil = '<img src=x onerror=alert(1)>'
  const tokenizer = JSON.parse(readFileSync(TOKENIZER, 'utf8')) as { added_tokens: Record<string, unknown>[] }
  const special = { ...tokenizer.added_tokens[0], id: 700, content: evil }
  writeFileSync(join(dir, 'tokenizer.json'), JSON.stringify({ ...tokenizer, added_tokens: [...tokenizer.added_tokens, special] }))
  writeShard(join(dir, '<script>alert(2)<b>'), [[700, 700, 0]])
  const { page, datasets } = await statsOf([join(dir, '<script>alert(2)<b>')], dir, '--tokenizer', join(dir, 'tokenizer.json'))
  assert.equal(datasets[0]?.vocabulary.mostFrequent[0]?.bytes, Buffer.from(evil).toString('hex'))
  assert.ok(page.includes('&lt;img') && page.includes('&lt;script&gt;'))
  assert.ok(!/<script|<img|\son\w+=/i.test(page.replace(/&lt;.*?&gt;/g, '')))
})
