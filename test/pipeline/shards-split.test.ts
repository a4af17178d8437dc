/** Splits: by a hash of each document's tokens, the same in both commands, whatever else is in the dataset. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { SPLITS, type Split } from '../../core/dataset.ts'
import { parseShares } from '../../pipeline/shards/shares.ts'
import { folder, kopipe, koreanLines, peer } from '../kit.ts'
import { dataset, documentsOf, manifest, packed, resumesAnywhere, TOKENIZER } from './shards-kit.ts'

const SHARES = 'train=.7,valid=.2,test=.1'

/** Documents of each split, in order. */
function splitsOf(artifact: string): Record<Split, string[]> {
  const splits: Record<Split, string[]> = { train: [], valid: [], test: [] }
  for (const { prefix, split } of manifest(artifact).shards) splits[split as Split].push(...documentsOf(join(artifact, prefix)))
  return splits
}

const split = (from: string, out: string, ...more: string[]) => kopipe(['pack', 'split', from, '-o', out, '--quiet', '--json', ...more])

test('pack --split and pack split give the same shards, by any number of workers', async (t) => {
  const dir = folder(t)
  const lines = koreanLines(3000, 51)
  const whole = await packed(dir, 'whole', [lines], '--shard-size', '130KB')
  for (const size of ['40KB', '4GB']) {
    const reference = await packed(dir, `reference-${size}`, [lines], '--split', SHARES, '--shard-size', size, '--workers', '1')
    const more = await packed(dir, `more-${size}`, [lines], '--split', SHARES, '--shard-size', size, '--workers', '4')
    assert.deepEqual(dataset(more), dataset(reference))
    for (const workers of ['1', '3']) {
      const out = join(dir, `out-${size}-${workers}`)
      const { code, stderr, summary } = await split(whole, out, '--split', SHARES, '--shard-size', size, '--workers', workers)
      assert.equal(code, 0, stderr)
      assert.deepEqual(dataset(out), dataset(reference), `${size}, ${workers} workers`)
      assert.equal(summary.documents, manifest(whole).documents)
    }
    const { shards } = manifest(reference)
    const order = shards.map((shard) => SPLITS.indexOf(shard.split as Split))
    assert.deepEqual(order, [...order].sort(), 'shards of one split are side by side')
    const numbers = order.map((split, i) => order.slice(0, i).filter((before) => before === split).length)
    assert.deepEqual(
      shards.map(({ prefix }) => prefix),
      shards.map(({ split }, i) => `shards/${split}-${String(numbers[i]).padStart(5, '0')}`),
    )
    assert.ok(size === '4GB' ? shards.length === 3 : shards.every(({ bin }) => bin.bytes <= 40e3) && shards.length > 6)
  }
  const verified = await kopipe(['pack', 'verify', join(dir, 'out-40KB-3'), join(dir, 'reference-4GB'), '--quiet'])
  assert.equal(verified.code, 0, verified.stderr)
})

test('every document is in one split, in input order; another order, other neighbours and other shards move none', async (t) => {
  const dir = folder(t)
  const [a, b] = [koreanLines(1200, 52), koreanLines(800, 53)]
  const whole = documentsOf(join(await packed(dir, 'whole', [a]), 'shards/00000'))
  const before = splitsOf(await packed(dir, 'before', [a], '--split', SHARES))
  const side = new Map(SPLITS.flatMap((name) => before[name].map((document) => [document, name] as const)))
  for (const name of SPLITS) {
    assert.deepEqual(
      before[name],
      whole.filter((document) => side.get(document) === name),
      'copies are on one side, and the order is that of the input',
    )
  }
  assert.ok(side.size < whole.length, 'there are copies')
  const reversed = a.trimEnd().split('\n').reverse().join('\n')
  const after = splitsOf(await packed(dir, 'after', [b, reversed], '--split', SHARES, '--shard-size', '50KB'))
  const found = new Map(SPLITS.flatMap((name) => after[name].map((document) => [document, name] as const)))
  for (const [document, name] of side) assert.equal(found.get(document), name)
  assert.ok(found.size > side.size)
})

test('shares are met: within four standard deviations of what was asked, over 20,000 documents', async (t) => {
  const dir = folder(t)
  const texts = Array.from({ length: 20_000 }, (_, n) => JSON.stringify({ text: `문서 ${n}` })).join('\n')
  for (const shares of ['train=.98,valid=.01,test=.01', 'train=.4,valid=.35,test=.25']) {
    const out = await packed(dir, shares, [texts], '--split', shares)
    const asked = parseShares(shares)
    const splits = splitsOf(out)
    for (const name of SPLITS) {
      const [expected, deviation] = [20_000 * asked[name], Math.sqrt(20_000 * asked[name] * (1 - asked[name]))]
      assert.ok(Math.abs(splits[name].length - expected) < 4 * deviation, `${name}: ${splits[name].length} for ${expected}`)
    }
  }
})

test('shares that are none are refused', async (t) => {
  const dir = folder(t)
  for (const [shares, expected] of [
    ['train=.9,valid=.2', /--split: expected shares whose sum is 1, theirs is 1\.1, got "train=\.9,valid=\.2"/],
    ['train=.333,valid=.333,test=.333', /theirs is 0\.999/],
    ['train=.9,dev=.1', /expected shares of train, valid, test/],
    ['train=.9,train=.1', /expected one share of train/],
    ['train=1.5,valid=-.5', /the share of train to be a number from 0 to 1/],
    ['train,valid=1', /the share of train/],
    ['valid=1', /a share of train that is more than 0/],
    ['969,30,1', /expected shares of train, valid, test/],
  ] as const) {
    const run = await split(dir, join(dir, 'x'), '--split', shares)
    assert.equal(run.code, 2, shares)
    assert.match(run.stderr, expected, shares)
  }
  assert.match((await split(dir, join(dir, 'x'))).stderr, /--split/)
  const third = 1 / 3
  assert.equal(parseShares(`train=${third},valid=${third},test=${third}`).test, third)
})

test('neox.yml names the shards of each split; train=1 has all', async (t) => {
  const dir = folder(t)
  const out = await packed(dir, 'out', [koreanLines(800, 54)], '--split', SHARES, '--shard-size', '60KB')
  const { shards } = manifest(out)
  const yaml = parse(readFileSync(join(out, 'neox.yml'), 'utf8')) as Record<string, unknown>
  for (const name of SPLITS) {
    const own = shards.filter(({ split }) => split === name)
    assert.ok(own.length > 0)
    assert.deepEqual(
      yaml[`${name}_data_paths`],
      own.map(({ prefix }) => prefix),
    )
    assert.deepEqual(
      yaml[`${name}_data_weights`],
      own.map(({ tokens }) => tokens),
    )
  }
  assert.ok(!('split' in yaml || 'data_path' in yaml))
  const all = await packed(dir, 'all', [koreanLines(100, 54)], '--split', 'train=1')
  assert.deepEqual(
    manifest(all).shards.map(({ prefix, split }) => [prefix, split]),
    [['shards/train-00000', 'train']],
  )
  const held = parse(readFileSync(join(all, 'neox.yml'), 'utf8')) as Record<string, unknown>
  assert.deepEqual(held.valid_data_paths, ['shards/train-00000'], 'GPT-NeoX wants all three')
})

test("a reader with GPT-NeoX's semantics, in numpy, finds HF's ids in each split", async (t) => {
  const dir = folder(t)
  const lines = Array.from({ length: 400 }, (_, n) => `${JSON.stringify({ text: `${n}번째 문서이다. `.repeat(1 + (n % 9)) })}\n`)
  const only = { train: 'train=1', valid: 'train=.01,valid=.99', test: 'train=.01,test=.99' }
  for (const [name, shares] of Object.entries(only)) {
    // Of documents that are all in one split, the input is the split.
    const kept = lines.join('')
    const out = await packed(dir, name, [kept], '--split', shares, '--shard-size', '9KB')
    const mine = new Set(splitsOf(out)[name as Split])
    const whole = documentsOf(join(await packed(dir, `${name}-whole`, [kept]), 'shards/00000'))
    const own = lines.filter((_, i) => mine.has(whole[i] as string)).join('')
    const alone = await packed(dir, `${name}-own`, [own], '--split', shares, '--shard-size', '9KB')
    const found = await peer(t, ['check', alone, TOKENIZER, join(dir, `${name}-own-0.jsonl`)])
    if (!found) return
    const { documents, tokens } = manifest(alone)
    assert.deepEqual(found, { documents, tokens, ids: 0, texts: 0 }, name)
  }
})

test('killed anywhere, pack --split goes on to the same bytes', async (t) => {
  const dir = folder(t)
  await packed(dir, 'in', [koreanLines(2000, 55)])
  const command = (out: string) => ['pack', join(dir, 'in-0.jsonl'), '--tokenizer', TOKENIZER, '-o', out]
  await resumesAnywhere(
    (out) => [...command(out), '--split', 'train=.5,valid=.4,test=.1', '--shard-size', '40KB', '--quiet', '--json'],
    dir,
    300,
    8,
  )
})

test('killed anywhere, pack split goes on to the same bytes', async (t) => {
  const dir = folder(t)
  const from = await packed(dir, 'from', [koreanLines(2000, 56)], '--shard-size', '100KB')
  const args = ['--split', 'train=.5,valid=.4,test=.1', '--shard-size', '40KB', '--quiet', '--json']
  await resumesAnywhere((out) => ['pack', 'split', from, '-o', out, ...args], dir, 300, 8)
})

test('train trains on train and validates on valid', async (t) => {
  const dir = folder(t)
  const out = await packed(dir, 'out', [koreanLines(300, 57)], '--split', SHARES)
  const small = ['--sequence-length', '16', '--batch-size', '2', '--steps', '3', '--quiet', '--json']
  const run = await kopipe(['train', out, '-o', join(dir, 'model'), ...small])
  assert.equal(run.code, 0, run.stderr)
  assert.ok(Number.isFinite(run.summary.val_loss))
  const alone = await packed(dir, 'alone', [koreanLines(300, 57)], '--split', 'train=1')
  const without = await kopipe(['train', alone, '-o', join(dir, 'without'), ...small])
  assert.equal(without.code, 0, without.stderr)
  assert.equal(without.summary.val_loss, null, 'there is nothing to validate on')
})
