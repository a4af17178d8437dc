/** `pack verify`: a good dataset passes, and a damaged byte, wherever it is, does not. */

import assert from 'node:assert/strict'
import { copyFileSync, cpSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Fault } from '../../pipeline/shards/findings.ts'
import { folder, kopipe, koreanLines, random } from '../kit.ts'
import { chains, writeShard } from '../training/shards.ts'

const TOKENIZER = join(import.meta.dirname, '..', 'golden', 'tokenizer', 'korean.json')

async function packed(dir: string, name: string, lines: string, ...more: string[]): Promise<string> {
  writeFileSync(join(dir, `${name}.jsonl`), lines)
  const out = join(dir, name)
  const run = await kopipe(['pack', join(dir, `${name}.jsonl`), '--tokenizer', TOKENIZER, '-o', out, '--quiet', ...more])
  assert.equal(run.code, 0, run.stderr)
  return out
}

async function verify(
  ...args: string[]
): Promise<{ code: number | null; stderr: string; faults: Fault[]; summary: Record<string, unknown> }> {
  const { code, stderr, summary } = await kopipe(['pack', 'verify', ...args, '--quiet', '--json'])
  return { code, stderr, summary, faults: (summary.faults ?? []) as Fault[] }
}

async function good(t: TestContext): Promise<{ dir: string; at: string }> {
  const dir = folder(t)
  return { dir, at: await packed(dir, 'good', koreanLines(600, 21), '--shard-size', '60KB') }
}

/** XOR with a byte that is not 0 always gives another. */
function damage(path: string, at: number, by = 0x41): void {
  const bytes = readFileSync(path)
  bytes[at] = (bytes[at] as number) ^ by
  writeFileSync(path, bytes)
}

test('a good dataset passes, split, with special tokens in documents, and several at once', async (t) => {
  const { dir, at } = await good(t)
  const split = await packed(dir, 'split', koreanLines(600, 22), '--shard-size', '30KB', '--split', 'train=.6,valid=.3,test=.1')
  const specials = await packed(dir, 'specials', '{"text":"문서 안의 <|endoftext|> 표시"}\n', '--parse-specials')
  const { code, stderr, summary } = await verify(at, split, specials)
  assert.equal(code, 0, stderr)
  const datasets = [at, split, specials].map((path) => JSON.parse(readFileSync(join(path, 'dataset.json'), 'utf8')))
  const sum = (key: string) => datasets.reduce((sum, dataset) => sum + dataset[key], 0)
  assert.deepEqual([summary.documents, summary.tokens], [sum('documents'), sum('tokens')])
  assert.deepEqual(summary.packed, [at, split, specials])
  assert.deepEqual(summary.faults, [])
})

test('a damaged byte in any region of .bin and .idx is found, with its file', async (t) => {
  const { dir, at } = await good(t)
  const { shards } = JSON.parse(readFileSync(join(at, 'dataset.json'), 'utf8'))
  const next = random(5)
  const anywhere = (from: number, to: number) => from + Math.floor(next() * (to - from))
  const { documents, bin } = shards[1] as { documents: number; bin: { bytes: number } }
  const [sizes, pointers, bounds, end] = [34, 34 + 4 * documents, 34 + 12 * documents, 42 + 20 * documents]
  const regions: [string, string, number][] = [
    ['magic', 'idx', anywhere(0, 9)],
    ['version', 'idx', anywhere(9, 17)],
    ['dtype', 'idx', 17],
    ['sequences', 'idx', anywhere(18, 26)],
    ['documents', 'idx', anywhere(26, 34)],
    ['sizes', 'idx', anywhere(sizes, pointers)],
    ['pointers', 'idx', anywhere(pointers, bounds)],
    ['doc_idx', 'idx', anywhere(bounds, end)],
    ['first token', 'bin', 0],
    ['a token', 'bin', anywhere(2, bin.bytes - 2)],
    ['last end of a document', 'bin', bin.bytes - 1],
  ]
  for (const [region, extension, byte] of regions) {
    const copy = join(dir, 'copy')
    rmSync(copy, { recursive: true, force: true })
    cpSync(at, copy, { recursive: true })
    const path = join(copy, `shards/00001.${extension}`)
    damage(path, byte)
    const { code, faults, stderr } = await verify(copy)
    assert.equal(code, 1, `${region}, byte ${byte}`)
    assert.ok(
      faults.some((fault) => fault.path === path && /expected the xxh3-128 [0-9a-f]{32}, .* have [0-9a-f]{32}/.test(fault.what)),
      `${region}: ${stderr}`,
    )
    assert.ok(extension === 'bin' || faults.some(({ offset }) => offset !== undefined), `${region} breaks a rule at a place`)
    assert.ok(
      faults.every((fault) => fault.path === path),
      'and nothing else is',
    )
  }
})

test('all faults are told, those of other files too', async (t) => {
  const { at } = await good(t)
  damage(join(at, 'shards/00000.bin'), 10)
  truncateSync(join(at, 'shards/00001.bin'), 1000)
  rmSync(join(at, 'shards/00002.idx'))
  damage(join(at, 'tokenizer.json'), readFileSync(join(at, 'tokenizer.json')).length - 1, 0x2a)
  copyFileSync(join(at, 'shards/00000.idx'), join(at, 'shards/99999.idx'))
  const dataset = JSON.parse(readFileSync(join(at, 'dataset.json'), 'utf8'))
  dataset.shards[3].bin.digest = '0'.repeat(32)
  writeFileSync(join(at, 'dataset.json'), JSON.stringify({ ...dataset, tokens: dataset.tokens + 1 }))
  const { code, faults, stderr } = await verify(at)
  assert.equal(code, 1)
  const told = (name: string) => faults.filter(({ path }) => path === join(at, name)).map(({ what }) => what)
  assert.match(told('shards/00000.bin').join(), /expected the xxh3-128/)
  assert.match(told('shards/00001.bin').join(), /promises \d+ tokens in \d+ bytes, the file has 1000/)
  assert.match(told('shards/00002.idx').join(), /cannot open/)
  assert.match(told('shards/00003.bin').join(), /expected the xxh3-128 0{32}/)
  assert.match(told('tokenizer.json').join(), /expected the xxh3-128|expected a tokenizer\.json/)
  assert.match(told('shards/99999').join(), /does not list this shard/)
  assert.match(told('dataset.json').join(), /kopipe\.json's tokens, \d+, got \d+/)
  assert.match(told('dataset.json').join(), /shards\/00003\.bin as it was sealed, \d+ bytes, [0-9a-f]{32}, got/)
  assert.match(stderr, /things are wrong:\n/)
})

test('a manifest that cannot be read, an unfinished artifact, and what is none', async (t) => {
  const { dir, at } = await good(t)
  renameSync(join(at, 'dataset.json'), join(dir, 'away.json'))
  const without = await verify(at)
  assert.equal(without.code, 1)
  assert.match(without.stderr, /dataset\.json/)
  assert.equal(without.summary.shards, readdirSync(join(at, 'shards')).length / 2, 'shards are read all the same')
  copyFileSync(join(dir, 'away.json'), join(at, 'dataset.json'))
  const record = readFileSync(join(at, 'kopipe.json'), 'utf8')
  writeFileSync(join(at, 'kopipe.json'), record.replace('"status": "done"', '"status": "running"'))
  assert.match((await verify(at)).stderr, /expected an artifact of `pack`, got an unfinished one/)
  for (const [args, code, expected] of [
    [[join(dir, 'nothing')], 1, /no such dataset/],
    [[], 2, /expected at least one PACKED[\s\S]*kopipe pack verify --help/],
    [[at, '--shard-size', '3GB'], 2, /unknown option '--shard-size'[\s\S]*See: kopipe pack verify --help/],
  ] as const) {
    const run = await verify(...args)
    assert.equal(run.code, code)
    assert.match(run.stderr, expected)
  }
})

test('bare shards: the format alone, and with a tokenizer their tokens', async (t) => {
  const dir = folder(t)
  const prefix = join(dir, 'old_text_document')
  writeShard(prefix, chains(50, 300, 1))
  for (const args of [[prefix], [`${prefix}.bin`], [`${prefix}.idx`, `${prefix}.bin`]]) {
    const { code, stderr, summary } = await verify(...args, '--tokenizer', TOKENIZER)
    assert.equal(code, 0, stderr)
    assert.deepEqual([summary.shards, summary.documents], [1, 50])
  }
  writeShard(prefix, [
    [5, 6, 0, 7, 0],
    [5, 60_000, 0],
    [8, 9],
  ])
  assert.equal((await verify(prefix)).code, 0, 'no tokenizer, no rules of one')
  const { faults } = await verify(prefix, '--tokenizer', TOKENIZER)
  assert.deepEqual(
    faults.map(({ offset, count, what }) => [offset, count, what.replace(/vocabulary of \d+/, 'V')]),
    [
      [4, 1, 'document 0 has token 0, which ends documents, inside'],
      [12, 1, 'token 60000, where ids are below the V'],
      [18, 1, 'document 2 ends in token 9, not in 0, which ends documents'],
    ],
  )
  assert.equal((await verify(prefix, '--tokenizer', TOKENIZER, '--parse-specials')).faults.length, 2)
  // As GPT-NeoX's merge tool leaves an index.
  const index = readFileSync(`${prefix}.idx`)
  index.writeBigUInt64LE(1n, 26)
  writeFileSync(`${prefix}.idx`, index.subarray(0, 34 + 12 * 3 + 8))
  assert.match((await verify(prefix)).stderr, /old_text_document\.idx at byte 70: its documents end at sequence 0, its sequences at 3/)
})

test('`verify` is a command; a file of that name is ./verify', async (t) => {
  const dir = folder(t)
  writeFileSync(join(dir, 'verify'), koreanLines(20, 1))
  const { code, stderr } = await kopipe([
    'pack',
    join(dir, 'verify'),
    '--document-per',
    'line',
    '--tokenizer',
    TOKENIZER,
    '-o',
    join(dir, 'o'),
    '--quiet',
  ])
  assert.equal(code, 0, stderr)
  const help = await kopipe(['pack', 'verify', '--help'])
  assert.match(help.stdout, /Usage: kopipe pack verify[\s\S]*Examples:\n {2}kopipe pack verify packed/)
  assert.match((await kopipe(['pack', '--help'])).stdout, /kopipe pack verify/)
})

test('interrupted, it ends with 130 and says nothing is known', async (t) => {
  const dir = folder(t)
  const prefix = join(dir, 'large')
  writeShard(prefix, [[5, 0]])
  // 64 GiB of nothing, which takes no disk.
  truncateSync(`${prefix}.bin`, 2 ** 36)
  const run = await kopipe(['pack', 'verify', prefix, '--workers', '1'], {
    started: (child) => setTimeout(() => child.kill('SIGINT'), 1500),
  })
  assert.equal(run.code, 130, run.stderr)
  assert.match(run.stderr, /interrupted; what is wrong is told when all is read/)
})
