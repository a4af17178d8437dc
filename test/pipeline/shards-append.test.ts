/** `--append-to`: a dataset goes on in another folder; what is there keeps its bytes, its order and its side. */

import assert from 'node:assert/strict'
import { rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Dataset } from '../../core/dataset.ts'
import { folder, kopipe, koreanLines } from '../kit.ts'
import { dataset, documentsOf, manifest, packed, resumesAnywhere, TOKENIZER } from './shards-kit.ts'

const IMPORTED = join(import.meta.dirname, '..', 'golden', 'imported', 'qwen.json')

for (const flags of [[], ['--split', 'train=.7,valid=.2,test=.1'], ['--shuffle', '3']]) {
  test(`a new crawl stands behind the old one ${flags.join(' ')}`, async (t) => {
    const dir = folder(t)
    const [a, b, c] = [koreanLines(900, 71), koreanLines(700, 72), koreanLines(200, 73)]
    const size = ['--shard-size', '50KB']
    const old = await packed(dir, 'old', [a], ...flags, ...size)
    const before = dataset(old)
    const alone = await packed(dir, 'alone', [b], ...flags, ...size)
    const both = await packed(dir, 'both', [b], ...flags, ...size, '--append-to', old)
    assert.deepEqual(dataset(old), before)
    const third = await packed(dir, 'third', [c], ...flags, ...size, '--append-to', both)
    const documents = (artifact: string, split: string | undefined) =>
      manifest(artifact)
        .shards.filter((shard) => shard.split === split)
        .flatMap(({ prefix }) => documentsOf(join(artifact, prefix)))
    const splits = flags[0] === '--split' ? ['train', 'valid', 'test'] : [undefined]
    for (const split of splits) {
      assert.deepEqual(documents(both, split), [...documents(old, split), ...documents(alone, split)])
      const numbers = manifest(both).shards.filter((shard) => shard.split === split)
      assert.deepEqual(
        numbers.map(({ prefix }) => prefix),
        numbers.map((_, i) => `shards/${split ? `${split}-` : ''}${String(i).padStart(5, '0')}`),
      )
    }
    for (const [path, digest] of before) if (path.startsWith('shards/')) assert.equal(dataset(both).get(path), digest)
    const [fresh, whole] = [manifest(alone), manifest(both)]
    assert.deepEqual([whole.documents, whole.tokens], [manifest(old).documents + fresh.documents, manifest(old).tokens + fresh.tokens])
    const tokens = ({ sources = {} }: Dataset, name: string) => sources[name]?.tokens ?? 0
    assert.equal(tokens(whole, 'news'), tokens(manifest(old), 'news') + tokens(fresh, 'news'))
    assert.equal(statSync(join(both, `${whole.shards[0]?.prefix}.bin`)).nlink, 3, 'no copy was made')
    rmSync(old, { recursive: true })
    rmSync(both, { recursive: true })
    const verified = await kopipe(['pack', 'verify', third, '--quiet'])
    assert.equal(verified.code, 0, verified.stderr)
  })
}

test('what would not be packed alike is refused; a fault leaves what was there, and the same command goes on', async (t) => {
  const dir = folder(t)
  const old = await packed(dir, 'old', [koreanLines(300, 74)], '--shard-size', '40KB')
  const input = join(dir, 'in.jsonl')
  writeFileSync(input, koreanLines(400, 75))
  const append = (out: string, ...more: string[]) => ['pack', input, '-o', out, '--quiet', '--json', '--append-to', old, ...more]
  const refusals: [string[], RegExp, number][] = [
    [['--tokenizer', IMPORTED], /packed with another tokenizer/, 1],
    [['--tokenizer', TOKENIZER, '--split', 'train=.9,valid=.1,test=0'], /--split: expected none, as .*old was packed/, 2],
    [['--tokenizer', TOKENIZER, '--parse-specials'], /--parse-specials: expected none/, 2],
    [['--tokenizer', TOKENIZER, '--append-to', join(dir, 'nowhere')], /nowhere/, 1],
  ]
  for (const [more, message, expected] of refusals) {
    const { code, stderr } = await kopipe(append(join(dir, 'refused'), ...more))
    assert.deepEqual([code, message.test(stderr)], [expected, true], stderr)
  }
  const before = dataset(old)
  await resumesAnywhere((out) => append(out, '--tokenizer', TOKENIZER, '--shard-size', '40KB'), dir, 150, 12)
  assert.deepEqual(dataset(old), before)
})
