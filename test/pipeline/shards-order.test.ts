/** Documents in another order, and several times: `--shuffle`, `--epochs`, `--weights`, `--repeat-by-cluster`. */

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { zstdCompressSync } from 'node:zlib'
import { SPLITS } from '../../core/dataset.ts'
import { drawnEpochs } from '../../pipeline/shards/blend.ts'
import { folder, kopipe, koreanLines, random } from '../kit.ts'
import { dataset, documentsOf, manifest, packed, resumesAnywhere, TOKENIZER } from './shards-kit.ts'

/** All documents of a dataset in its order, as text of their ids. */
const documents = (artifact: string) => manifest(artifact).shards.flatMap(({ prefix }) => documentsOf(join(artifact, prefix)))

const sorted = (all: readonly string[]) => [...all].sort()

function counts(all: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const document of all) counts.set(document, (counts.get(document) ?? 0) + 1)
  return counts
}

/** Texts of sources, none of them twice. */
function linesOf(sources: Record<string, number>, seed: number): string {
  const next = random(seed)
  const lines = Object.entries(sources).flatMap(([source, count]) =>
    Array.from({ length: count }, (_, i) => {
      const text = `${source} ${i} ${Array.from({ length: 3 + Math.floor(40 * next()) }, () => '가나다라마바사'[Math.floor(7 * next())]).join(' ')}`
      return { key: next(), line: JSON.stringify({ text, source }) }
    }),
  )
  return lines
    .sort((a, b) => a.key - b.key)
    .map(({ line }) => `${line}\n`)
    .join('')
}

test('a shuffle has every document, in an order that the seed alone decides', async (t) => {
  const dir = folder(t)
  const lines = linesOf({ wiki: 2000 }, 61)
  const plain = documents(await packed(dir, 'plain', [lines]))
  const whole = await packed(dir, 'whole', [lines], '--shuffle', '5')
  const order = documents(whole)
  assert.deepEqual(sorted(order), sorted(plain))
  // Of 2,000 documents, one stays where it was on average.
  assert.ok(order.filter((document, i) => document === plain[i]).length < 10)
  const half = new Set(plain.slice(0, 1000))
  const early = order.slice(0, 1000).filter((document) => half.has(document)).length
  assert.ok(Math.abs(early - 500) < 90, `${early} of the first half are there: four standard deviations`)
  // Small shards have small runs: many are merged.
  for (const [size, ...more] of [
    ['20KB', '--workers', '1'],
    ['20KB', '--workers', '3', '--memory', '400MB', '--max-document', '1MB'],
    ['900KB', '--workers', '2'],
  ] as const) {
    const out = await packed(dir, `out-${size}-${more.join('')}`, [lines], '--shuffle', '5', '--shard-size', size, ...more)
    assert.deepEqual(documents(out), order)
    assert.ok(size !== '20KB' || manifest(out).shards.length > 5)
  }
  const [one, other] = ['out-20KB---workers1', 'out-20KB---workers3--memory400MB--max-document1MB'].map((name) => dataset(join(dir, name)))
  assert.deepEqual(one, other)
  writeFileSync(join(dir, 'whole-0.jsonl.zst'), zstdCompressSync(readFileSync(join(dir, 'whole-0.jsonl'))))
  const zst = await kopipe([
    'pack',
    join(dir, 'whole-0.jsonl.zst'),
    '--tokenizer',
    TOKENIZER,
    '-o',
    join(dir, 'zst'),
    '--shuffle',
    '5',
    '--quiet',
  ])
  assert.equal(zst.code, 0, zst.stderr)
  assert.deepEqual(dataset(join(dir, 'zst')), dataset(whole))
  const another = documents(await packed(dir, 'another', [lines], '--shuffle', '6'))
  assert.ok(another.filter((document, i) => document === order[i]).length < 10)
  const verified = await kopipe(['pack', 'verify', whole, join(dir, 'zst'), join(dir, 'out-20KB---workers1'), '--quiet'])
  assert.equal(verified.code, 0, verified.stderr)
})

test('--epochs: sources several times, epoch after epoch; of a fraction the same documents every time', async (t) => {
  const dir = folder(t)
  const lines = linesOf({ wiki: 300, news: 1000, 'a=b': 100, ['__proto__']: 50 }, 62)
  const plain = await packed(dir, 'plain', [lines])
  const all = documents(plain)
  const source = new Map(
    lines
      .trimEnd()
      .split('\n')
      .map((line, i) => [all[i], (JSON.parse(line) as { source: string }).source]),
  )
  const flags = ['--epochs', 'wiki=2.25', '--epochs', 'news=.5', '--epochs', 'a=b=0']
  const out = await packed(dir, 'out', [lines], ...flags)
  const drawn = documents(out)
  const found = counts(drawn)
  const of = (name: string) => all.filter((document) => source.get(document) === name).map((document) => found.get(document) ?? 0)
  assert.ok(of('wiki').every((count) => count === 2 || count === 3))
  assert.ok(of('news').every((count) => count <= 1))
  assert.deepEqual([of('a=b'), of('__proto__')], [Array(100).fill(0), Array(50).fill(1)])
  const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0)
  assert.ok(Math.abs(sum(of('news')) - 500) < 64 && Math.abs(sum(of('wiki')) - 675) < 30, `${sum(of('news'))} ${sum(of('wiki'))}`)
  // In input order, those that come again behind all that come once.
  const rounds = [0, 1, 2].map((round) => all.filter((document) => (found.get(document) ?? 0) > round))
  assert.deepEqual(drawn, rounds.flat())

  const { sources, tokens, documents: total } = manifest(out)
  assert.deepEqual(
    Object.entries(sources ?? {}).map(([name, { documents }]) => [name, documents]),
    [
      ['__proto__', 50],
      ['news', sum(of('news'))],
      ['wiki', sum(of('wiki'))],
    ],
  )
  assert.deepEqual(
    Object.values(sources ?? {}).map(({ epochs }) => epochs),
    [1, 0.5, 2.25],
  )
  assert.equal(
    Object.values(sources ?? {}).reduce((all, { tokens }) => all + tokens, 0),
    tokens,
  )
  assert.equal(total, drawn.length)
  const { summary } = await kopipe(['pack', join(dir, 'out-0.jsonl'), '--tokenizer', TOKENIZER, '-o', out, '--quiet', '--json', ...flags])
  assert.deepEqual([summary.read.docs, summary.kept.docs, summary.dropped['not-drawn']?.docs], [1450, found.size, 1450 - found.size])

  // A shuffle moves them and changes none; more data moves none.
  assert.deepEqual(counts(documents(await packed(dir, 'shuffled', [lines], '--shuffle', '1', '--shard-size', '30KB', ...flags))), found)
  const more = counts(documents(await packed(dir, 'more', [linesOf({ news: 500, web: 10 }, 63), lines], ...flags)))
  assert.ok([...found].every(([document, count]) => (more.get(document) ?? 0) >= count))
  const parted = await packed(dir, 'parted', [lines], '--split', 'train=.8,valid=.1,test=.1', '--shuffle', '1', ...flags)
  const sides = await packed(dir, 'sides', [lines], '--split', 'train=.8,valid=.1,test=.1')
  for (const split of SPLITS) {
    const of = (artifact: string) =>
      manifest(artifact)
        .shards.filter((shard) => shard.split === split)
        .flatMap(({ prefix }) => documentsOf(join(artifact, prefix)))
    const side = new Set(of(sides))
    assert.ok(of(parted).length > 20 && of(parted).every((document) => side.has(document)))
  }
  assert.deepEqual(counts(documents(parted)), found)
  const verified = await kopipe(['pack', 'verify', out, parted, '--quiet'])
  assert.equal(verified.code, 0, verified.stderr)
})

test('--weights: tokens in these proportions, as many as the bounds allow', async (t) => {
  const dir = folder(t)
  const lines = linesOf({ wiki: 400, web: 6000 }, 64)
  const out = await packed(dir, 'out', [lines], '--weights', 'wiki=1', '--weights', 'web=3', '--epochs', 'wiki=2', '--shuffle', '3')
  const { sources } = manifest(out)
  const once = manifest(await packed(dir, 'once', [lines])).sources
  const ratio = (sources?.web?.tokens ?? 0) / (sources?.wiki?.tokens ?? 1)
  assert.ok(Math.abs(ratio - 3) < 0.15, `web has ${ratio} times the tokens of wiki`)
  assert.equal(sources?.wiki?.tokens, 2 * (once?.wiki?.tokens ?? 0))
  assert.equal(sources?.wiki?.epochs, 2)
  const expected = (6 * (once?.wiki?.tokens ?? 0)) / (once?.web?.tokens ?? 1)
  assert.ok(Math.abs((sources?.web?.epochs ?? 0) - expected) < 1e-9)
})

test('the largest blend within the bounds: every source at its weight, one of them at its bound', () => {
  const next = random(9)
  for (let round = 0; round < 1000; round++) {
    const names = Array.from({ length: 1 + Math.floor(6 * next()) }, (_, i) => `s${i}`)
    const of = (number: () => number) => new Map(names.map((name) => [name, number()]))
    const [tokens, weights, bounds] = [of(() => 1 + Math.floor(1e6 * next())), of(() => 0.1 + next()), of(() => 0.1 + 3 * next())]
    const drawn = drawnEpochs(tokens, weights, bounds)
    const each = names.map((name) => ((drawn.get(name) ?? 0) * (tokens.get(name) ?? 0)) / (weights.get(name) ?? 1))
    assert.ok(each.every((share) => Math.abs(share / (each[0] ?? 0) - 1) < 1e-8))
    assert.ok(names.every((name) => (drawn.get(name) ?? 0) <= (bounds.get(name) ?? 0)))
    assert.ok(names.some((name) => drawn.get(name) === bounds.get(name)))
  }
})

test('a cleaned document that does not say its source has that of the file it was cleaned from', async (t) => {
  const dir = folder(t)
  for (const name of ['wiki', 'web']) {
    const lines = linesOf({ x: 40 }, name.length).split('\n').filter(Boolean)
    writeFileSync(join(dir, `${name}.v2.jsonl`), lines.map((line) => `${JSON.stringify({ text: `${name} ${line}` })}\n`).join(''))
  }
  const clean = (out: string, ...inputs: string[]) =>
    kopipe(['clean', ...inputs, '-o', join(dir, out), '--recipe', 'none', '--dedupe', 'off', '--quiet'])
  assert.equal((await clean('once', join(dir, 'wiki.v2.jsonl'), join(dir, 'web.v2.jsonl'))).code, 0)
  assert.equal((await clean('twice', join(dir, 'once'))).code, 0)
  for (const from of ['once', 'twice']) {
    const out = join(dir, `packed-${from}`)
    const run = await kopipe(['pack', join(dir, from), '--tokenizer', TOKENIZER, '-o', out, '--quiet', '--epochs', 'wiki=2'])
    assert.equal(run.code, 0, run.stderr)
    const { sources } = manifest(out)
    assert.deepEqual([sources?.wiki?.documents, sources?.web?.documents], [80, 40])
  }
})

test('--repeat-by-cluster repeats by the size of the cluster, as FineWeb-2 does for Korean', async (t) => {
  const dir = folder(t)
  const sizes = [1, 2, 4, 5, 19, 20, 62, 63, 1000]
  const lines = sizes.map((size) => JSON.stringify({ text: `문서 ${size}`, kopipe: { masked: {}, cluster_size: size } }))
  const out = await packed(dir, 'out', [[...lines, JSON.stringify({ text: '홀로' })].join('\n')], '--repeat-by-cluster')
  const all = documents(await packed(dir, 'plain', [[...lines, JSON.stringify({ text: '홀로' })].join('\n')]))
  const found = counts(documents(out))
  assert.deepEqual(
    all.map((document) => found.get(document)),
    [1, 2, 2, 3, 3, 2, 2, 1, 1, 1],
  )
})

test('what cannot be drawn is refused, as early as it can be known', async (t) => {
  const dir = folder(t)
  writeFileSync(join(dir, 'in.jsonl'), linesOf({ wiki: 30, web: 30 }, 65))
  const pack = (out: string, ...more: string[]) =>
    kopipe(['pack', join(dir, 'in.jsonl'), '--tokenizer', TOKENIZER, '-o', join(dir, out), '--quiet', ...more])
  const refusals: [string, string[], RegExp][] = [
    ['number', ['--epochs', 'wiki=-1'], /--epochs.*expected SOURCE=NUMBER, epochs from 0 to 1000, got "wiki=-1"/],
    ['form', ['--weights', 'wiki'], /--weights.*expected SOURCE=NUMBER/],
    ['twice', ['--epochs', 'wiki=1', '--epochs', 'wiki=2'], /one number of source "wiki"/],
    ['name', ['--epochs', 'wkii=1'], /no document is of source "wkii"; did you mean "wiki"\?/],
    ['weight', ['--weights', 'wiki=1'], /source "web" has none/],
    ['nothing', ['--weights', 'wiki=0', '--weights', 'web=0'], /more than 0/],
    ['shuffle', ['--shuffle', '-1'], /--shuffle/],
  ]
  for (const [out, flags, message] of refusals) {
    const { code, stderr } = await pack(out, ...flags)
    assert.deepEqual([code, message.test(stderr)], [2, true], stderr)
  }
  const none = await pack('none', '--epochs', 'wiki=0', '--epochs', 'web=0')
  assert.deepEqual([none.code, /no document is left/.test(none.stderr)], [1, true], none.stderr)
  // An artifact of clean knows its sources.
  assert.equal(
    (await kopipe(['clean', join(dir, 'in.jsonl'), '-o', join(dir, 'clean'), '--recipe', 'none', '--dedupe', 'off', '--quiet'])).code,
    0,
  )
  const early = await kopipe([
    'pack',
    join(dir, 'clean'),
    '--tokenizer',
    TOKENIZER,
    '-o',
    join(dir, 'early'),
    '--quiet',
    '--epochs',
    'wkii=1',
  ])
  assert.deepEqual([early.code, /did you mean "wiki"/.test(early.stderr)], [2, true])
  // Looked at under another key, they are others.
  const keyed = ['--source-key', 'site', '--epochs', 'in=1']
  const under = await kopipe(['pack', join(dir, 'clean'), '--tokenizer', TOKENIZER, '-o', join(dir, 'keyed'), '--quiet', ...keyed])
  assert.equal(under.code, 0, under.stderr)
  const other = await pack('order', '--shuffle', '1')
  assert.equal(other.code, 0, other.stderr)
  assert.match((await pack('order', '--shuffle', '2')).stderr, /shuffle/)
})

test('a shuffle that a fault ended goes on to the same bytes', async (t) => {
  const dir = folder(t)
  const input = join(dir, 'in.jsonl')
  writeFileSync(input, `${linesOf({ wiki: 500, web: 700 }, 66)}${koreanLines(300, 67)}`)
  const flags = ['--shuffle', '4', '--epochs', 'wiki=2.5', '--shard-size', '30KB', '--split', 'train=.8,valid=.2,test=0']
  await resumesAnywhere((out) => ['pack', input, '--tokenizer', TOKENIZER, '-o', out, '--quiet', '--json', ...flags], dir, 1500, 12)
})
