/** `kopipe train` as a user meets it. */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { readSafetensors } from '../../training/safetensors.ts'
import { campaign, folder, kopipe, tree } from '../kit.ts'
import { chains, writeDataset } from './shards.ts'

const SMALL = ['--engine', 'jax', '--sequence-length', '16', '--batch-size', '2', '--steps', '6', '--json']

function dataset(t: TestContext): string {
  return writeDataset(folder(t), chains(60, 50, 1), 60)
}

test('a run says its losses, leaves a model, and the same command again does nothing', async (t) => {
  const [data, out] = [dataset(t), join(folder(t), 'model')]
  const run = await kopipe(['train', data, '-o', out, ...SMALL])
  assert.equal(run.code, 0, run.stderr)
  const { steps, loss, val_loss, unigram_loss, tokens, artifact } = run.summary
  assert.deepEqual({ steps, tokens, artifact }, { steps: 6, tokens: 6 * 2 * 16, artifact: out })
  for (const value of [loss, val_loss, unigram_loss, run.summary.seconds]) assert.ok(Number.isFinite(value))
  const metrics = readFileSync(join(out, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  // The embedded engine's device says no peak, so there is no utilisation.
  assert.deepEqual(Object.keys(metrics[0]), ['step', 'loss', 'lr', 'tokens', 'seconds', 'grad_norm', 'tokens_per_second', 'time'])
  assert.equal(metrics.at(-2).loss, loss)
  assert.deepEqual({ ...metrics.at(-1), time: 0 }, { step: 6, val_loss, time: 0 })
  assert.deepEqual(readdirSync(join(out, 'checkpoints')), ['step-000006'])
  const model = join(out, 'checkpoints/step-000006/model.safetensors')
  assert.equal(readSafetensors(readFileSync(model), model).length, 4 * 12 + 4)

  const before = tree(out)
  const again = await kopipe(['train', data, '-o', out, ...SMALL])
  assert.equal(again.code, 0, again.stderr)
  assert.deepEqual({ ...again.summary, seconds: 0 }, { ...run.summary, seconds: 0 })
  assert.deepEqual(tree(out), before)
})

test('the losses do not depend on the number of workers', async (t) => {
  const data = dataset(t)
  const losses = []
  for (const workers of ['1', '2']) {
    const run = await kopipe(['train', data, '-o', join(folder(t), 'model'), ...SMALL, '--workers', workers])
    losses.push([run.summary.loss, run.summary.val_loss])
  }
  assert.deepEqual(losses[0], losses[1])
})

test('interrupted, it saves and ends with 130; the same command gives the uninterrupted run', async (t) => {
  const data = dataset(t)
  const args = (out: string) => ['train', data, '-o', out, ...SMALL, '--steps', '20']
  const [whole, out] = [join(folder(t), 'a'), join(folder(t), 'b')]
  const expected = await kopipe(args(whole))
  const stopped = await kopipe(args(out), {
    started: (child) => {
      const poll = setInterval(() => {
        try {
          if (!readFileSync(join(out, 'metrics.jsonl'), 'utf8').includes('"step":3')) return
        } catch {
          return
        }
        clearInterval(poll)
        child.kill('SIGINT')
      }, 5)
    },
  })
  assert.equal(stopped.code, 130, stopped.stderr)
  assert.match(stopped.stderr, /interrupted after step \d+ of 20; it is saved/)
  const resumed = await kopipe(args(out))
  assert.equal(resumed.code, 0, resumed.stderr)
  assert.deepEqual([resumed.summary.loss, resumed.summary.val_loss], [expected.summary.loss, expected.summary.val_loss])
  const weights = (at: string) => readFileSync(join(at, 'checkpoints/step-000020/model.safetensors'))
  assert.ok(weights(out).equals(weights(whole)))
})

test('killed at any disk operation, or met by any failure of one, it names the path and resumes to the same model', async (t) => {
  const data = dataset(t)
  const args = (out: string) => ['train', data, '-o', out, ...SMALL]
  const whole = join(folder(t), 'whole')
  await kopipe(args(whole))
  const weights = (at: string) => readFileSync(join(at, 'checkpoints/step-000006/model.safetensors'))
  for (const fault of ['crash@7', 'enospc@16', 'eio@33', 'crash@41', ...campaign([], ['crash@24', 'enospc@46'])]) {
    const out = join(folder(t), 'model')
    const failed = await kopipe(args(out), { env: { KOPIPE_FAULT: fault } })
    assert.equal(failed.code, fault.startsWith('crash') ? 137 : 1, `${fault}: ${failed.stdout}${failed.stderr}`)
    if (failed.code === 1) assert.match(failed.stderr, /^kopipe: cannot \S.* \//m, fault)
    const resumed = await kopipe(args(out))
    assert.equal(resumed.code, 0, `${fault}: ${resumed.stderr}`)
    assert.ok(weights(out).equals(weights(whole)), fault)
  }
})

test('best-fit and blends train, and say what became of each dataset', async (t) => {
  const [first, second] = [dataset(t), dataset(t)]
  const best = await kopipe(['train', first, '-o', join(folder(t), 'model'), ...SMALL, '--packing', 'best-fit'])
  assert.equal(best.code, 0, best.stderr)
  const [packed] = best.summary.packed as unknown as { cut: number; utilisation: number }[]
  assert.ok(packed && packed.cut > 0 && packed.utilisation > 0.8 && packed.utilisation < 1, JSON.stringify(packed))
  const blend = await kopipe(['train', first, second, '-o', join(folder(t), 'model'), ...SMALL, '--weights', '3,1'])
  assert.equal(blend.code, 0, blend.stderr)
  assert.equal((blend.summary.packed as unknown as unknown[]).length, 2)
  const wrong = await kopipe(['train', first, second, '-o', join(folder(t), 'model'), ...SMALL, '--weights', '3'])
  assert.equal(wrong.code, 2)
  assert.match(wrong.stderr, /expected a weight a DATASET, that is 2, got 1/)
})

test('another configuration or changed shards are refused, --overwrite begins anew', async (t) => {
  const [data, out] = [dataset(t), join(folder(t), 'model')]
  await kopipe(['train', data, '-o', out, ...SMALL])
  const other = await kopipe(['train', data, '-o', out, ...SMALL, '--seed', '7'])
  assert.equal(other.code, 1)
  assert.match(other.stderr, /seed: 1234 then, 7 now/)
  const anew = await kopipe(['train', data, '-o', out, ...SMALL, '--seed', '7', '--overwrite'])
  assert.equal(anew.code, 0, anew.stderr)
  utimesSync(join(data, 'shards/00000.bin'), 1, 1)
  const changed = await kopipe(['train', data, '-o', out, ...SMALL, '--seed', '7'])
  assert.equal(changed.code, 1)
  assert.match(changed.stderr, /00000\.bin changed since the run was planned/)
})

test('usage errors end with 2 and say what was expected', async (t) => {
  const [data, out] = [dataset(t), join(folder(t), 'model')]
  for (const [args, message] of [
    [['train', data], /-o/],
    [['train', '-o', out], /expected at least one DATASET/],
    [['train', data, '-o', out, '--steps', 'many'], /--steps: expected a whole number from 1, got "many"/],
    [['train', data, '-o', out, '--lr', '0'], /--lr: expected a number above 0, got "0"/],
    [['train', data, '-o', out, '--preset', 'huge'], /--preset: expected tiny/],
    [['train', data, '-o', out, '--seed', '4294967296'], /--seed: expected a number below 2\^32/],
  ] as const) {
    const run = await kopipe(args)
    assert.equal(run.code, 2, `${args.join(' ')}: ${run.stderr}`)
    assert.match(run.stderr, message)
  }
})

test('damaged shards end with 1 and are named', async (t) => {
  const data = dataset(t)
  const index = join(data, 'shards/00001.idx')
  const bytes = readFileSync(index)
  writeFileSync(index, bytes.subarray(0, bytes.length - 8))
  const run = await kopipe(['train', data, '-o', join(folder(t), 'model'), ...SMALL])
  assert.equal(run.code, 1)
  assert.match(run.stderr, /shards\/00001\.idx is damaged at byte 18: 30 sequences and 31 document bounds take \d+ bytes/)
})

test('few documents leave no validation, and that is said', async (t) => {
  const data = writeDataset(folder(t), chains(5, 50, 1), 60)
  const run = await kopipe(['train', data, '-o', join(folder(t), 'model'), ...SMALL])
  assert.equal(run.code, 0, run.stderr)
  assert.equal(run.summary.val_loss, null)
  assert.match(run.stdout, /validation +no sample/)
})
