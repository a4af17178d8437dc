/** `inspect` of a trained model: its checkpoints, and what its files hold, read by their headers. */

import assert from 'node:assert/strict'
import { cpSync, globSync, readFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { ModelInspection } from '../../training/model/inspect.ts'
import { readSafetensors } from '../../training/safetensors.ts'
import { folder, kopipe } from '../kit.ts'
import { sharedModel } from './model-kit.ts'

const model = sharedModel()

async function inspected(...args: string[]): Promise<ModelInspection> {
  const { code, stderr, summary } = await kopipe(['inspect', ...args, '--json', '--quiet'])
  assert.equal(code, 0, stderr)
  return summary as unknown as ModelInspection
}

test('checkpoints and tensors are those on the disk', async () => {
  const { checkpoints, model: shown, parameters, tensors } = await inspected(model.run)
  assert.equal(checkpoints.length, globSync(join(model.run, 'checkpoints/step-*')).length)
  assert.equal(shown, model.checkpoint)
  const newest = checkpoints.at(-1)
  const lines = readFileSync(join(model.run, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, number>)
  assert.equal(newest?.loss, lines.find(({ step, loss }) => step === newest?.step && loss !== undefined)?.loss)
  const file = join(model.checkpoint, 'model.safetensors')
  const read = readSafetensors(readFileSync(file), file)
  assert.deepEqual(
    tensors.map(({ name, shape }) => ({ name, shape })),
    read.map(({ name, shape }) => ({ name, shape })),
  )
  assert.equal(
    parameters,
    read.reduce((sum, { values }) => sum + values.length, 0),
  )
  // A checkpoint alone is a model, too.
  assert.deepEqual((await inspected(model.checkpoint)).tensors, tensors)
})

test('the numbers of a tensor are counted', async () => {
  const file = join(model.checkpoint, 'model.safetensors')
  const [first] = readSafetensors(readFileSync(file), file)
  assert.ok(first)
  const { tensor } = await inspected(model.run, '--tensor', first.name)
  const values = [...first.values]
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  assert.ok(tensor && Math.abs(tensor.mean - mean) < 1e-9)
  assert.deepEqual([tensor.least, tensor.most, tensor.notFinite], [Math.min(...values), Math.max(...values), 0])
  assert.deepEqual(tensor.first, values.slice(0, 8))
  const { stdout } = await kopipe(['inspect', model.run, '--tensor', first.name])
  assert.match(stdout, /^deviation +\d/m)
})

test('what is not there is told with what is', async (t) => {
  const wrong = await kopipe(['inspect', model.run, '--tensor', 'gpt_neox.embed_inn.weight'])
  assert.equal(wrong.code, 2)
  assert.match(wrong.stderr, /Did you mean gpt_neox\.embed_in\.weight\?/)
  const none = await kopipe(['inspect', model.run, '--checkpoint', '99999'])
  assert.match(none.stderr, /--checkpoint 99999: .* has none of that step\nIt has those of steps \d+/)
  assert.match(
    (await kopipe(['inspect', model.run, '--reason', 'x'])).stderr,
    /--reason is for an artifact of clean; .* is a trained model/,
  )
  const torn = join(folder(t), 'torn')
  cpSync(model.checkpoint, torn, { recursive: true, dereference: true })
  truncateSync(join(torn, 'model.safetensors'), 2000)
  assert.match((await kopipe(['inspect', torn])).stderr, /is no good safetensors file/)
})
