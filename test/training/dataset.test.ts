import assert from 'node:assert/strict'
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openDataset, openSamples } from '../../training/dataset.ts'
import { folder, peer } from '../kit.ts'
import { chains, writeDataset, writeShard } from './shards.ts'

const PLAN = { split: 'train', sequenceLength: 16, samples: 40, seed: 1234 } as const

test('a folder of pack and its bare shards are the same dataset', async (t) => {
  const at = writeDataset(folder(t), chains(30, 50, 1), 60)
  const packed = await openDataset([at])
  const bare = await openDataset([join(at, 'shards/00000.bin'), join(at, 'shards/00001')])
  assert.deepEqual(bare.prefixes, packed.prefixes)
  assert.deepEqual([packed.vocabulary, bare.vocabulary], [60, 50])
  assert.deepEqual([packed.tokenizer, bare.tokenizer], ['a', null])
  const [a, b] = [await openSamples(packed, PLAN), await openSamples(bare, PLAN)]
  assert.deepEqual(await a.gather([0, 7, 39]), await b.gather([0, 7, 39]))
})

test('several datasets are one after the other', async (t) => {
  const [a, b] = [writeDataset(folder(t), chains(8, 50, 1), 60), writeDataset(folder(t), chains(9, 50, 2), 60)]
  const both = await openDataset([a, b])
  assert.equal(both.prefixes.length, 4)
  assert.equal(both.shards.documents, 17)
})

test('samples equal those of GPT-NeoX in numpy', async (t) => {
  const at = writeDataset(folder(t), chains(60, 50, 3), 60)
  const dataset = await openDataset([at])
  for (const [part, split] of (['train', 'valid'] as const).entries()) {
    for (const seed of [1, 1234]) {
      const samples = await openSamples(dataset, { ...PLAN, split, seed })
      const positions = Array.from({ length: samples.length }, (_, i) => i)
      const plan = { prefixes: dataset.prefixes, weights: [969, 30, 1], part, length: 16, samples: 40, seed, positions }
      writeFileSync(join(at, 'plan.json'), JSON.stringify(plan))
      const expected = await peer(t, ['gather', join(at, 'plan.json')], 'samples.py')
      if (!expected) return
      const { tokens: gathered } = await samples.gather(positions)
      const rows = positions.map((i) => [...gathered.subarray(17 * i, 17 * (i + 1))])
      assert.deepEqual(rows, expected, `${split}, seed ${seed}`)
    }
  }
})

test('a blend is that of GPT-NeoX in numpy', async (t) => {
  const paths = [writeDataset(folder(t), chains(60, 50, 3), 60), writeDataset(folder(t), chains(40, 50, 4), 60)]
  const dataset = await openDataset(paths, { weights: [3, 1] })
  const samples = await openSamples(dataset, { ...PLAN, samples: 200 })
  const plan = { weights: [969, 30, 1], part: 0, length: 16, seed: PLAN.seed }
  const parts = dataset.blend.map(({ prefixes }) => ({ ...plan, prefixes }))
  const file = join(folder(t), 'plan.json')
  writeFileSync(file, JSON.stringify({ weights: [3, 1], samples: 200, parts }))
  const expected = await peer(t, ['blend', file], 'samples.py')
  if (!expected) return
  const { tokens } = await samples.gather(Array.from({ length: 200 }, (_, i) => i))
  assert.deepEqual(
    Array.from({ length: 200 }, (_, i) => [...tokens.subarray(17 * i, 17 * (i + 1))]),
    expected,
  )
  await assert.rejects(openDataset(paths, { weights: [1] }), { kind: 'usage', message: /expected a weight a DATASET, that is 2, got 1/ })
})

test('a dataset that was split is trained on and validated by its own shards', async (t) => {
  const at = writeDataset(folder(t), chains(60, 50, 3), 60)
  const file = join(at, 'dataset.json')
  const manifest = JSON.parse(readFileSync(file, 'utf8'))
  const [first, second] = manifest.shards
  const bare = (prefix: string) => openDataset([join(at, prefix)])
  writeFileSync(
    file,
    JSON.stringify({
      ...manifest,
      shards: [
        { ...first, split: 'valid' },
        { ...second, split: 'train' },
      ],
    }),
  )
  const dataset = await openDataset([at])
  for (const [split, prefix] of [
    ['valid', first.prefix],
    ['train', second.prefix],
  ] as const) {
    const samples = await openSamples(dataset, { ...PLAN, split })
    assert.deepEqual(samples.prefixes, [join(at, prefix)])
    // All of the shard, in GPT-NeoX's order: as many samples as an epoch of it gives.
    const { tokens } = (await bare(prefix)).shards
    const epochs = Math.ceil((PLAN.samples * PLAN.sequenceLength + 1) / tokens)
    assert.equal(samples.length, Math.floor((epochs * tokens - 1) / PLAN.sequenceLength))
  }
  await assert.rejects(openSamples(dataset, { ...PLAN, split: 'test' }), { kind: 'invalid', message: /test split .* holds no document/ })
  await assert.rejects(openDataset([at, join(at, first.prefix)]), { kind: 'invalid', message: /belong to a split and others to none/ })
})

test('two tokenizers are not mixed', async (t) => {
  const [a, b] = [writeDataset(folder(t), chains(8, 50, 1), 60, 'a'), writeDataset(folder(t), chains(8, 50, 2), 60, 'b')]
  await assert.rejects(openDataset([a, b]), { kind: 'invalid', message: /packed with different tokenizers/ })
})

test('a token outside the vocabulary is found', async (t) => {
  const at = writeDataset(folder(t), chains(8, 50, 1), 20)
  const samples = await openSamples(await openDataset([at]), PLAN)
  await assert.rejects(samples.gather([0, 1, 2, 3]), { kind: 'invalid', message: /outside the vocabulary of 20/ })
  await assert.rejects(samples.gather([-1]), { kind: 'invalid', message: /was asked for/ })
})

test('a manifest that is none, or leads outside its folder, is refused', async (t) => {
  const at = writeDataset(folder(t), chains(8, 50, 1), 60)
  const manifest = JSON.parse(readFileSync(join(at, 'dataset.json'), 'utf8'))
  for (const prefix of ['../elsewhere/00000', '/etc/00000', 'shards/../../x']) {
    writeFileSync(join(at, 'dataset.json'), JSON.stringify({ ...manifest, shards: [{ ...manifest.shards[0], prefix }] }))
    await assert.rejects(openDataset([at]), { kind: 'invalid', message: /lies outside its folder/ })
  }
  writeFileSync(join(at, 'dataset.json'), '{"kind":"tokenizer"}')
  await assert.rejects(openDataset([at]), { kind: 'corrupt', message: /does not describe a dataset/ })
})

test('a cut-off shard is named with the byte where it ends', async (t) => {
  const prefix = join(folder(t), 'x')
  writeShard(prefix, chains(4, 50, 1))
  truncateSync(`${prefix}.bin`, 10)
  await assert.rejects(openDataset([prefix]), { kind: 'corrupt', path: `${prefix}.bin`, offset: 10, message: /the file has 10/ })
})

test('what is not there is said to be not there', async (t) => {
  await assert.rejects(openDataset(['nowhere/at-all']), { kind: 'not-found', message: 'no such dataset: nowhere/at-all' })
  await assert.rejects(openDataset(['nowhere/at-all.bin']), { kind: 'not-found', message: /cannot open .*nowhere\/at-all\.idx/ })
  const at = folder(t)
  await assert.rejects(openDataset([at]), { kind: 'not-found', message: `${at} is no dataset: it has no dataset.json` })
})
