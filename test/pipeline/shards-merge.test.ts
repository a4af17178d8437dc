/** `pack merge`: what packing all inputs together would have given, whoever wrote them; what cannot be known is refused. */

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { folder, kopipe, koreanLines, peer, random } from '../kit.ts'
import { chains, writeShard } from '../training/shards.ts'
import { dataset, documentsOf, manifest, packed, resumesAnywhere, TOKENIZER } from './shards-kit.ts'

const merge = (out: string, inputs: readonly string[], ...more: string[]) =>
  kopipe(['pack', 'merge', ...inputs, '-o', out, '--quiet', '--json', ...more])

/** An index as GPT-NeoX's merge tool leaves it: sequences without a list of documents. */
function forgetDocuments(prefix: string): void {
  const index = readFileSync(`${prefix}.idx`)
  const sequences = Number(index.readBigUInt64LE(18))
  index.writeBigUInt64LE(1n, 26)
  writeFileSync(`${prefix}.idx`, index.subarray(0, 34 + 12 * sequences + 8))
}

test('merged is what packing all inputs together in that order gives, byte for byte, by any number of workers', async (t) => {
  const dir = folder(t)
  const parts = [koreanLines(700, 31), `{"text":""}\n${koreanLines(300, 32)}`, '{"text":"하나"}\n', koreanLines(500, 33)]
  const one = await packed(dir, 'one', parts.slice(0, 2), '--shard-size', '45KB')
  const two = await packed(dir, 'two', parts.slice(2, 3))
  const three = await packed(dir, 'three', parts.slice(3), '--shard-size', '100KB')
  for (const size of ['20KB', '73KB', '4GB']) {
    const together = dataset(await packed(dir, `together-${size}`, parts, '--shard-size', size))
    for (const workers of ['1', '3']) {
      const out = join(dir, `merged-${size}-${workers}`)
      const { code, stderr, summary } = await merge(out, [one, two, three], '--shard-size', size, '--workers', workers)
      assert.equal(code, 0, stderr)
      assert.deepEqual(dataset(out), together, `${size}, ${workers} workers`)
      const { documents, tokens, empty } = manifest(out)
      assert.deepEqual([summary.documents, summary.tokens, summary.kept.docs, empty > 0], [documents, tokens, documents, true])
    }
  }
  const other = await merge(join(dir, 'other'), [three, one, two], '--shard-size', '73KB')
  assert.equal(other.code, 0, other.stderr)
  assert.notDeepEqual(dataset(join(dir, 'other')), dataset(join(dir, 'merged-73KB-1')), 'the order of the inputs is the order')
  const verified = await kopipe(['pack', 'verify', join(dir, 'other'), join(dir, 'merged-73KB-1'), '--quiet'])
  assert.equal(verified.code, 0, verified.stderr)
})

test('splits are merged each by itself, as packing all with --split gives', async (t) => {
  const dir = folder(t)
  const parts = [koreanLines(500, 34), koreanLines(400, 35)] as const
  const shares = ['--split', 'train=.5,valid=.4,test=.1']
  const [one, two] = [await packed(dir, 'one', [parts[0]], ...shares), await packed(dir, 'two', [parts[1]], ...shares)]
  const together = await packed(dir, 'together', parts, ...shares, '--shard-size', '30KB')
  const run = await merge(join(dir, 'merged'), [one, two], '--shard-size', '30KB')
  assert.equal(run.code, 0, run.stderr)
  assert.deepEqual(dataset(join(dir, 'merged')), dataset(together))
  const whole = await packed(dir, 'whole', [parts[0]])
  const others = await packed(dir, 'others', [parts[0]], '--split', 'train=.9,valid=.1')
  for (const inputs of [
    [one, whole],
    [one, others],
  ]) {
    const refused = await merge(join(dir, 'x'), inputs)
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /not split alike: .*one by train=0\.5,valid=0\.4,test=0\.1, .* by (none|train=0\.9,valid=0\.1,test=0)/)
  }
})

test("GPT-NeoX's reader, in numpy, finds HF's ids in a merged dataset", async (t) => {
  const dir = folder(t)
  const texts = (seed: number) =>
    koreanLines(800, seed)
      .split('\n')
      .filter((line) => line.startsWith('{"id"') && !line.includes('"text":""'))
      .join('\n')
  const parts = [`${texts(36)}\n`, `${texts(37)}\n`]
  const [one, two] = [await packed(dir, 'one', parts.slice(0, 1)), await packed(dir, 'two', parts.slice(1))]
  assert.equal((await merge(join(dir, 'merged'), [one, two], '--shard-size', '50KB')).code, 0)
  writeFileSync(join(dir, 'all.jsonl'), parts.join(''))
  const found = await peer(t, ['check', join(dir, 'merged'), TOKENIZER, join(dir, 'all.jsonl')])
  if (!found) return
  const { documents, tokens, shards } = manifest(join(dir, 'merged'))
  assert.ok(shards.length > 2)
  assert.deepEqual(found, { documents, tokens, ids: 0, texts: 0 })
})

test("Megatron-core's IndexedDataset finds the documents of a packed, a merged and a split dataset", async (t) => {
  const dir = folder(t)
  const [one, two] = [await packed(dir, 'one', [koreanLines(300, 43)]), await packed(dir, 'two', [koreanLines(300, 44)])]
  const [merged, split] = [join(dir, 'merged'), join(dir, 'split')]
  assert.equal((await merge(merged, [one, two], '--shard-size', '50KB')).code, 0)
  const shares = ['--split', 'train=.6,valid=.3,test=.1']
  assert.equal((await kopipe(['pack', 'split', merged, '-o', split, ...shares, '--shard-size', '20KB', '--quiet'])).code, 0)
  const shuffled = await packed(dir, 'shuffled', [koreanLines(300, 45)], '--shuffle', '1', '--shard-size', '20KB', '--append-to', one)
  for (const at of [one, merged, split, shuffled]) {
    const found = await peer(t, [at], 'megatron.py')
    if (!found) return
    const hash = createHash('sha256')
    const { shards, documents, tokens } = manifest(at)
    for (const document of shards.flatMap(({ prefix }) => documentsOf(join(at, prefix)))) {
      const bytes = Buffer.from(document, 'hex')
      hash.update(JSON.stringify(Array.from({ length: bytes.length / 2 }, (_, i) => bytes.readUInt16LE(2 * i))))
    }
    assert.deepEqual(found, { documents, tokens, sha256: hash.digest('hex') })
  }
})

test('shards of GPT-NeoX and Megatron: listed documents, of several sequences, and none listed', async (t) => {
  const dir = folder(t)
  const [listed, unlisted, several] = ['listed', 'unlisted', 'several'].map((name) => join(dir, `${name}_text_document`)) as [
    string,
    string,
    string,
  ]
  const [a, b, c] = [chains(40, 300, 1), chains(30, 300, 2), chains(20, 300, 3)]
  writeShard(listed, a)
  writeShard(unlisted, b)
  forgetDocuments(unlisted)
  // Two sequences a document, as Megatron writes sentences.
  writeShard(
    several,
    c.flatMap((document) => [document.slice(0, 2), document.slice(2)]),
  )
  const index = readFileSync(`${several}.idx`)
  index.writeBigUInt64LE(21n, 26)
  const bounds = Buffer.from(BigInt64Array.from({ length: 21 }, (_, i) => BigInt(2 * i)).buffer)
  writeFileSync(`${several}.idx`, Buffer.concat([index.subarray(0, 34 + 12 * 40), bounds]))
  const mine = await packed(dir, 'mine', [koreanLines(100, 38)])
  const out = join(dir, 'out')
  const run = await merge(out, [listed, mine, `${unlisted}.idx`, `${several}.bin`], '--tokenizer', TOKENIZER)
  assert.equal(run.code, 0, run.stderr)
  const hex = (documents: number[][]) => documents.map((document) => Buffer.from(Uint16Array.from(document).buffer).toString('hex'))
  const expected = [...hex(a), ...documentsOf(join(mine, 'shards/00000')), ...hex(b), ...hex(c)]
  assert.deepEqual(documentsOf(join(out, 'shards/00000')), expected)
  const { code, stderr, summary } = await kopipe(['pack', 'verify', out, '--quiet', '--json'])
  assert.equal(code, 0, stderr)
  assert.equal(summary.documents, expected.length)
})

test('what does not belong together, or cannot be known, is refused by name', async (t) => {
  const dir = folder(t)
  const mine = await packed(dir, 'mine', [koreanLines(50, 39)])
  const bare = (name: string, documents: number[][]) => {
    writeShard(join(dir, name), documents)
    return join(dir, name)
  }
  const json = readFileSync(TOKENIZER, 'utf8')
  writeFileSync(join(dir, 'other.json'), `${json} `)
  const refusals: [string, string[], RegExp, number?][] = [
    [
      'another tokenizer',
      [mine, '--tokenizer', join(dir, 'other.json')],
      /mine was packed with another tokenizer: [0-9a-f]{32}, that of .*other\.json is/,
    ],
    ['none for a bare shard', [mine, bare('plain', [[5, 0]])], /plain is a bare shard[\s\S]*--tokenizer FILE/, 2],
    ['no end', [bare('no-end', [[5, 0], [6]]), '--tokenizer', TOKENIZER], /no-end\.bin is damaged at byte 4: document 1 ends in token 6/],
    ['an end inside', [bare('inside', [[5, 0, 6, 0]]), '--tokenizer', TOKENIZER], /document 0 has token 0, which ends documents, inside/],
    ['a stray id', [bare('stray', [[65_000, 0]]), '--tokenizer', TOKENIZER], /stray\.bin .*token 65000, where ids are below/],
    ['nothing', [bare('nothing', []), '--tokenizer', TOKENIZER], /there is no document to merge/],
    ['not there', [join(dir, 'absent')], /no such dataset: .*absent/],
    ['an artifact of another kind', [dir], /expected an artifact of `pack`, got no kopipe\.json/],
  ]
  for (const [what, args, expected, code] of refusals) {
    const run = await merge(join(dir, `out ${what}`), args)
    assert.equal(run.code, code ?? 1, what)
    assert.match(run.stderr, expected, what)
  }
  for (const own of [mine, dir]) {
    const run = await merge(own, [mine], '--overwrite')
    assert.equal(run.code, 2)
    assert.match(run.stderr, /is where .*mine.* is read from/)
  }
  const little = await merge(join(dir, 'little'), [mine], '--memory', '10MB')
  assert.match(little.stderr, /--memory 10MB is too small: at least 150MB is needed/)
  const unlisted = bare('unlisted', [
    [5, 0],
    [6, 7],
  ])
  forgetDocuments(unlisted)
  assert.match((await merge(join(dir, 'u'), [unlisted, '--tokenizer', TOKENIZER])).stderr, /where they begin and end cannot be known/)
  const inside = await merge(join(dir, 'i'), [join(dir, 'inside'), '--tokenizer', TOKENIZER, '--parse-specials'])
  assert.equal(inside.code, 0, inside.stderr)
  assert.equal((await kopipe(['pack', 'verify', join(dir, 'i'), '--quiet'])).code, 0)
  const wide = readFileSync(join(dir, 'plain.idx'))
  wide[17] = 4
  writeFileSync(join(dir, 'plain.idx'), wide)
  assert.match(
    (await merge(join(dir, 'w'), [join(dir, 'plain'), '--tokenizer', TOKENIZER])).stderr,
    /plain\.idx holds I32 tokens, its tokenizer's are U16/,
  )
})

test('a damaged byte of an input is not merged', async (t) => {
  const dir = folder(t)
  const mine = await packed(dir, 'mine', [koreanLines(300, 40)])
  const path = join(mine, 'shards/00000.bin')
  const bytes = readFileSync(path)
  const next = random(2)
  for (let round = 0; round < 5; round++) {
    const damaged = Buffer.from(bytes)
    const at = Math.floor(next() * bytes.length)
    damaged[at] = (damaged[at] as number) ^ 1
    writeFileSync(path, damaged)
    const run = await merge(join(dir, `out-${round}`), [mine])
    assert.equal(run.code, 1, `byte ${at}`)
    assert.match(run.stderr, /00000\.bin is damaged at byte/)
  }
})

test('killed anywhere, the same command goes on to the same bytes', async (t) => {
  const dir = folder(t)
  const one = await packed(dir, 'one', [koreanLines(900, 41)], '--shard-size', '50KB')
  const two = await packed(dir, 'two', [koreanLines(900, 42)])
  await resumesAnywhere((out) => ['pack', 'merge', one, two, '-o', out, '--shard-size', '40KB', '--quiet', '--json'], dir, 220, 6)
  const again = await kopipe(['pack', 'merge', two, one, '-o', join(dir, 'whole'), '--shard-size', '40KB'])
  assert.equal(again.code, 1)
  assert.match(again.stderr, /begun with other inputs/)
})
