/** GPT-NeoX configurations as settings: what pack writes comes back, what kopipe cannot do is refused by name, flags win. */

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { native } from '../../native/index.ts'
import { neoxConfiguration } from '../../pipeline/dataset.ts'
import { openNeoxDataset } from '../../training/neox/data.ts'
import { readNeox } from '../../training/neox/read.ts'
import { IGNORED, ONLY } from '../../training/neox/schema.ts'
import { paddedVocabulary, parameterCount } from '../../training/presets.ts'
import { resolveRun } from '../../training/resolve.ts'
import { annealedRate } from '../../training/schedule.ts'
import { folder, kopipe, koreanLines } from '../kit.ts'
import { manifest, packed, TOKENIZER } from '../pipeline/shards-kit.ts'
import { chains, writeShard } from './shards.ts'

/** A model and its training, in the keys of the published files. */
const MODEL = {
  num_layers: 2,
  'hidden-size': 16,
  num_attention_heads: 2,
  norm: 'layernorm',
  'pos-emb': 'rotary',
  rotary_pct: 0.25,
  no_weight_tying: true,
  gpt_j_residual: true,
  attention_config: [[['flash'], 2]],
  init_method: 'small_init',
  output_layer_init_method: 'wang_init',
  bias_gelu_fusion: true,
  optimizer: { type: 'Adam', params: { lr: 0.001, betas: [0.9, 0.95], eps: 1e-8 } },
  min_lr: 0.0001,
  train_micro_batch_size_per_gpu: 3,
  gradient_accumulation_steps: 2,
  gradient_clipping: 1.0,
  weight_decay: 0.01,
  hidden_dropout: 0.0,
  attention_dropout: 0,
  fp16: { enabled: true, loss_scale: 0 },
  zero_optimization: { stage: 1 },
  train_iters: 400,
  lr_decay_iters: 400,
  lr_decay_style: 'cosine',
  warmup: 0.01,
  checkpoint_factor: 100,
  log_interval: 10,
}

function write(dir: string, name: string, keys: object): string {
  const path = join(dir, name)
  writeFileSync(path, stringify(keys))
  return path
}

test('a configuration is the model, the optimizer and the schedule that it says', async (t) => {
  const dir = folder(t)
  const neox = await readNeox([write(dir, 'model.yml', MODEL), write(dir, 'data.yml', { seq_length: 64, seed: 5 })])
  const resolved = resolveRun({}, neox)
  assert.deepEqual(resolved, {
    preset: null,
    shape: { layers: 2, width: 16, heads: 2, feedForward: 64, rotary: 2 },
    vocabularyMultiple: 128,
    steps: 400,
    seed: 5,
    batchSize: 6,
    sequenceLength: 64,
    lr: 0.001,
    optimizer: { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.01, clip: 1 },
    schedule: { peak: 0.001, floor: 0.0001, warmUp: 0.01, style: 'cosine', end: 400 },
    byFlags: [],
  })
  assert.deepEqual(neox?.ignored, ['bias_gelu_fusion', 'fp16', 'zero_optimization', 'checkpoint_factor', 'log_interval'])
  const flags = resolveRun({ steps: 10, lr: 0.01, preset: 'tiny' }, neox)
  assert.deepEqual([flags.schedule?.end, flags.schedule?.peak, flags.preset, flags.shape.layers], [10, 0.01, 'tiny', 4])
  assert.deepEqual(flags.byFlags, ['--preset tiny for the model', '--steps 10 for train_iters', '--lr 0.01 for optimizer.params.lr'])
  assert.equal(await readNeox([]), null)
  // The shapes of the published files, by their numbers: 124M has one residual after the other, Pythia 70M both at once.
  for (const [layers, width, heads, parallel, pct, parameters] of [
    [12, 768, 12, false, 1, 162_322_944],
    [6, 512, 8, true, 0.25, 70_426_624],
  ] as const) {
    const keys = {
      ...MODEL,
      num_layers: layers,
      'hidden-size': width,
      num_attention_heads: heads,
      gpt_j_residual: parallel,
      rotary_pct: pct,
    }
    const shape = (await readNeox([write(dir, 'shape.yml', keys)]))?.shape
    assert.deepEqual([shape?.sequential === true, shape?.rotary], [!parallel, (width / heads) * pct])
    assert.equal(parameterCount({ ...(shape as NonNullable<typeof shape>), vocabulary: 50_304 }), parameters)
  }
})

test('what kopipe cannot do, or GPT-NeoX does not know, is refused by name and file', async (t) => {
  const dir = folder(t)
  for (const [keys, message] of [
    [{ norm: 'rmsnorm' }, /case\.yml: norm: "rmsnorm", and kopipe does layernorm only/],
    [{ 'pos-emb': 'alibi' }, /pos_emb: "alibi", and kopipe does rotary only/],
    [{ 'pos-emb': null }, /pos_emb is not said, and by default GPT-NeoX's is learned/],
    [{ activation: 'swiglu' }, /activation: "swiglu"/],
    [{ moe_num_experts: 8 }, /moe_num_experts: 8/],
    [{ sparse_attention: { block: 16 } }, /sparse_attention: .*kopipe does not do that/],
    [{ hidden_dropout: 0.1 }, /hidden_dropout: 0\.1, and kopipe does 0 only/],
    [{ no_weight_tying: false }, /no_weight_tying: false/],
    [{ attention_config: [[['mamba'], 2]] }, /attention_config: mamba/],
    [{ num_kv_heads: 1 }, /num_kv_heads: 1/],
    [{ optimizer: { type: 'Lion' } }, /optimizer\.type: Lion/],
    [{ optimizer: { params: { momentum: 0.9 } } }, /optimizer\.params.*momentum/],
    [{ num_layres: 3 }, /GPT-NeoX has no key num_layres; did you mean num_layers\?/],
    [{ num_layers: 'two' }, /num_layers: expected a whole number, got "two"/],
    [{ rotary_pct: 0.2 }, /rotary_pct 0\.2 turns 1 of the 8 dimensions/],
    [{ train_batch_size: 7 }, /train_batch_size 7 is not 3 × 2/],
    [{ split: '0,0,0', data_path: 'x' }, /split: expected shares such as 969,30,1/],
    [{ train_data_paths: ['x'] }, /expected train_data_paths, valid_data_paths and test_data_paths together/],
  ] as const) {
    await assert.rejects(readNeox([write(dir, 'case.yml', { ...MODEL, ...keys })]), { kind: 'usage', message })
  }
  const twice = [write(dir, 'a.yml', MODEL), write(dir, 'b.yml', { num_layers: 3 })]
  await assert.rejects(readNeox(twice), { kind: 'usage', message: /b\.yml: num_layers stands in .*a\.yml, too/ })
  writeFileSync(join(dir, 'torn.yml'), '{ "num_layers": [')
  await assert.rejects(readNeox([join(dir, 'torn.yml')]), { kind: 'usage', message: /torn\.yml: / })
  writeFileSync(join(dir, 'list.yml'), '- a')
  await assert.rejects(readNeox([join(dir, 'list.yml')]), { kind: 'usage', message: /expected keys and values/ })
  for (const key of Object.keys(ONLY)) assert.ok(!IGNORED.has(key), key)
})

test('the learning rate is GPT-NeoX’s', () => {
  const schedule = { peak: 1, floor: 0.1, warmUp: 0.1, end: 100, style: 'cosine' } as const
  const rates = [1, 2, 3, 11, 12, 56, 101, 150].map((step) => annealedRate(step, schedule))
  // AnnealingLR.get_lr for num_iters 0, 1, 2, 10, 11, 55, 100, 149, computed by hand from its formula.
  const cosine = (n: number) => 0.1 + 0.45 * (Math.cos((Math.PI * (n - 10)) / 90) + 1)
  const expected = [0.1, 0.1, 0.2, 1, cosine(11), cosine(55), cosine(100), Math.max(0.1, cosine(149))]
  for (const [i, rate] of rates.entries()) assert.ok(Math.abs(rate - (expected[i] as number)) < 1e-12, `${i}: ${rate}`)
  assert.equal(annealedRate(56, { ...schedule, style: 'linear' }), 0.5)
  assert.equal(annealedRate(56, { ...schedule, style: 'constant' }), 1)
  assert.ok(Math.abs(annealedRate(101, { ...schedule, style: 'exponential' }) - 0.5000735956) < 1e-9)
})

test('any neox.yml that pack would write says its shards, their weights and the tokenizer', async (t) => {
  const dir = folder(t)
  const shard = fc.record({ split: fc.constantFrom('train', 'valid', 'test'), tokens: fc.integer({ min: 1, max: 1e9 }) })
  await fc.assert(
    fc.asyncProperty(fc.array(shard, { minLength: 1, maxLength: 6 }), fc.boolean(), async (parts, isSplit) => {
      const sealed = { bytes: 0, digest: '0'.repeat(32) }
      const shards = parts
        .map(({ split, tokens }, i) => ({
          prefix: `shards/${i}`,
          tokens,
          documents: 1,
          bin: sealed,
          idx: sealed,
          ...(isSplit && { split: split as 'train' }),
        }))
        .sort((a, b) => ['train', 'valid', 'test'].indexOf(a.split ?? 'train') - ['train', 'valid', 'test'].indexOf(b.split ?? 'train'))
      const tokens = parts.reduce((sum, part) => sum + part.tokens, 0)
      const dataset = {
        format: 'kopipe-dataset' as const,
        version: 1 as const,
        tokenizer: { path: 'tokenizer.json', digest: 'x', vocabulary: 600 },
        endOfDocument: { text: '<|endoftext|>', id: 0 },
        dtype: 'u16' as const,
        documents: parts.length,
        tokens,
        empty: 0,
        shards,
      }
      const path = join(dir, 'neox.yml')
      writeFileSync(path, neoxConfiguration(dataset))
      const neox = await readNeox([path])
      assert.deepEqual([neox?.tokenizer, neox?.sequenceLength, neox?.seed, neox?.vocabularyMultiple], ['tokenizer.json', 2048, 1234, 128])
      const { data } = neox ?? {}
      if (data && 'path' in data) assert.deepEqual([data, shards.length], [{ path: 'shards/0', splitWeights: [969, 30, 1] }, 1])
      else {
        const known = new Map(shards.map(({ prefix, tokens }) => [prefix, tokens]))
        for (const { path, weight } of data?.train ?? []) assert.equal(known.get(path), weight)
        const named = new Set(Object.values(data ?? {}).flatMap((parts) => parts.map(({ path }: { path: string }) => path)))
        assert.deepEqual([...named].sort(), [...known.keys()].sort())
      }
    }),
    { numRuns: 60 },
  )
})

test('trained by neox.yml, a dataset is read as it is trained by its folder', async (t) => {
  const dir = folder(t)
  const out = await packed(dir, 'packed', [koreanLines(300, 8)], '--shard-size', '40KB', '--split', 'train=.7,valid=.2,test=.1')
  const before = process.cwd()
  process.chdir(out)
  t.after(() => process.chdir(before))
  const neox = await readNeox(['neox.yml'])
  const opened = await openNeoxDataset(neox as NonNullable<typeof neox>)
  const { shards, tokenizer } = manifest(out)
  const of = (split: string) => shards.filter((shard) => shard.split === split).map(({ prefix }) => join(out, prefix))
  assert.deepEqual(opened.splits, { train: of('train'), valid: of('valid'), test: of('test') })
  assert.deepEqual([opened.vocabulary, opened.tokenizer], [tokenizer.vocabulary, tokenizer.digest])
  assert.equal(paddedVocabulary(opened.vocabulary, 128) % 128, 0)
  process.chdir(before)

  const small = ['--steps', '2', '--batch-size', '2', '--sequence-length', '32', '--engine', 'jax', '--json']
  const model = write(dir, 'model.yml', MODEL)
  const run = (args: string[]) => kopipe(['train', ...args, ...small])
  const byFolder = await run([out, '--neox', model, '-o', join(dir, 'a')])
  assert.equal(byFolder.code, 0, byFolder.stderr)
  // The file's paths are from the current folder on; given from elsewhere, they are named from there.
  const moved = join(dir, 'moved.yml')
  writeFileSync(
    moved,
    readFileSync(join(out, 'neox.yml'), 'utf8')
      .replaceAll('shards/', `${out}/shards/`)
      .replace('tokenizer.json', TOKENIZER)
      .replace(/train_iters.*\n/, ''),
  )
  const byFile = await run(['--neox', model, '--neox', moved, '-o', join(dir, 'b')])
  assert.equal(byFile.code, 0, byFile.stderr)
  assert.deepEqual([byFile.summary.loss, byFile.summary.val_loss], [byFolder.summary.loss, byFolder.summary.val_loss])
  assert.match(byFile.stdout, /^from model\.yml: num_layers 2, hidden_size 16/m)
  assert.match(byFile.stdout, /^instead, from the command line: --steps 2 for train_iters/m)
  assert.match(byFile.stdout, /^ignored: bias_gelu_fusion, fp16/m)
  // And what it leaves for GPT-NeoX is the same run.
  const back = await kopipe(['train', '--neox', join(dir, 'a', 'neox.yml'), '-o', join(dir, 'd'), '--engine', 'jax', '--json'])
  assert.equal(back.code, 0, back.stderr)
  assert.deepEqual([back.summary.loss, back.summary.val_loss], [byFolder.summary.loss, byFolder.summary.val_loss])
  const none = await run(['--neox', model, '-o', join(dir, 'c')])
  assert.equal(none.code, 2)
  assert.match(none.stderr, /expected at least one DATASET: the GPT-NeoX configuration names no data/)
})

test('shards that weigh something else than their tokens are refused', async (t) => {
  const dir = folder(t)
  for (const name of ['a', 'b']) writeShard(join(dir, name), chains(20, 50, name.charCodeAt(0)))
  const [a, b] = await Promise.all(['a', 'b'].map(async (name) => (await native.Dataset.open([join(dir, name)])).tokens))
  const part = (name: string, weight = 1) => ({ path: join(dir, name), weight })
  const data = (weights: [number, number]) => ({
    train: [part('a', weights[0]), part('b', weights[1])],
    valid: [part('a')],
    test: [part('b')],
  })
  const opened = await openNeoxDataset({ data: data([(a as number) / 100, (b as number) / 100]), tokenizer: null, otherTokenizer: null })
  assert.equal(opened.splits?.train.length, 2)
  await assert.rejects(openNeoxDataset({ data: data([1, 1]), tokenizer: null, otherTokenizer: 'GPT2BPETokenizer' }), {
    kind: 'usage',
    message: /tokenizer_type: GPT2BPETokenizer/,
  })
  await assert.rejects(openNeoxDataset({ data: data([1, 9]), tokenizer: null, otherTokenizer: null }), {
    kind: 'usage',
    message: /train_data_weights: .*a has a weight of 1 of 10/,
  })
})
