/** What engines say of tokens, against the slow reference, and that it does not depend on who goes with whom. */

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { loadLanguageModel } from '../../training/engines/language-models.ts'
import { namedPython } from '../../training/engines/torch-python.ts'
import { openModelFolder } from '../../training/model/folder.ts'
import { modelConfig } from '../../training/model/hugging-face.ts'
import { type LanguageModel, type ScoredRow, sharedInputs } from '../../training/model/language-model.ts'
import type { ModelShape } from '../../training/presets.ts'
import { writeSafetensors } from '../../training/safetensors.ts'
import { parameters, type Tensor } from '../../training/weights.ts'
import { folder, random } from '../kit.ts'
import { assertClose } from './model-kit.ts'
import { referenceLoss } from './reference.ts'

const SHAPE: ModelShape = { layers: 2, width: 16, feedForward: 40, heads: 2, rotary: 4, vocabulary: 40 }
const CONTEXT = 24

/** Weights far from their start, where no bias is 0 and no norm is 1. */
const WEIGHTS: Tensor[] = (() => {
  const next = random(7)
  return parameters(SHAPE).map(({ name, shape, start }) => {
    const values = new Float32Array(shape.reduce((a, b) => a * b, 1)).map(() => (start === 'one' ? 1 : 0) + next() - 0.5)
    return { name, shape, values }
  })
})()

async function models(t: TestContext): Promise<LanguageModel[]> {
  const path = folder(t)
  writeFileSync(join(path, 'config.json'), JSON.stringify(modelConfig(SHAPE, CONTEXT, { end: 0, padding: 1 })))
  writeFileSync(join(path, 'model.safetensors'), writeSafetensors(WEIGHTS))
  const engines = ['jax', ...(namedPython(undefined) ? ['torch'] : [])] as ('jax' | 'torch')[]
  const opened = await Promise.all(engines.map(async (engine) => loadLanguageModel(await openModelFolder(path), { engine, workers: 1 })))
  t.after(() => Promise.all(opened.map((model) => model.close())))
  return opened
}

const ROWS: ScoredRow[] = (() => {
  const next = random(8)
  const tokens = (length: number) => Array.from({ length }, () => Math.floor(next() * SHAPE.vocabulary))
  const lengths = [2, 5, 9, 17, 18, CONTEXT + 1, CONTEXT + 1, 3, 3, 12]
  return lengths.map((length, i) => ({ tokens: tokens(length), from: i % 3 === 0 ? 1 : Math.ceil(length / 2) }))
})()

/** The reference gives the mean loss of a whole row; that of a row's end is the difference of two sums. */
function referenceScore({ tokens, from }: ScoredRow): number {
  const weights = Object.fromEntries(WEIGHTS.map(({ name, values }) => [name, Float64Array.from(values)]))
  const sum = (row: readonly number[]) => (row.length < 2 ? 0 : -(row.length - 1) * referenceLoss(SHAPE, weights, [row]))
  return sum(tokens) - sum(tokens.slice(0, from))
}

test('scores are the log-probabilities of the plain reference, whatever goes with a row', async (t) => {
  const expected = ROWS.map(referenceScore)
  for (const model of await models(t)) {
    const together = await model.score(ROWS)
    assertClose(
      together.map(({ logprob }) => logprob),
      expected,
      2e-5,
      model.device,
    )
    for (const [i, row] of ROWS.entries()) {
      const [alone] = await model.score([row])
      assertClose([alone?.logprob ?? 0], [together[i]?.logprob ?? 0], 1e-5, `${model.device}, row ${i}`)
      assert.equal(alone?.greedy, together[i]?.greedy)
    }
    assert.deepEqual(await model.score([]), [])
  }
})

test('rows that begin another are read with it, and are scored as they are alone', async (t) => {
  const question = (ROWS[3] as ScoredRow).tokens.slice(0, 8)
  const rows: ScoredRow[] = [[5], [6], [5, 7], [5, 7, 9], [8, 7], [6]].map((choice) => ({ tokens: [...question, ...choice], from: 8 }))
  rows.push({ tokens: question, from: 1 }, { tokens: question.slice(0, 2), from: 1 }, { tokens: [question[0] as number, 39], from: 1 })
  const inputs = sharedInputs(rows)
  assert.deepEqual(
    inputs.map(({ tokens }) => tokens),
    [
      [...question, 8],
      [...question, 5, 7],
    ],
  )
  assert.equal(inputs.flatMap(({ asks }) => asks).length, rows.length)
  for (const model of await models(t)) {
    const together = await model.score(rows)
    for (const [i, row] of rows.entries()) {
      const [alone] = await model.score([row])
      assertClose([together[i]?.logprob ?? 0], [alone?.logprob ?? 1], 1e-5, `${model.device}, row ${i}`)
      assert.equal(together[i]?.greedy, alone?.greedy)
    }
    assertClose([together[0]?.logprob ?? 0], [referenceScore(rows[0] as ScoredRow)], 2e-5, model.device)
  }
})

test('the most likely next token, taken again and again, is a greedy row, and no other is', async (t) => {
  for (const model of await models(t)) {
    const row = [3, 1, 4]
    while (row.length <= CONTEXT) {
      const [logits] = await model.next([row])
      row.push((logits as Float32Array).indexOf(Math.max(...(logits as Float32Array))))
    }
    const changed = row.with(10, (row[10] as number) === 5 ? 6 : 5)
    const scores = await model.score([
      { tokens: row, from: 3 },
      { tokens: changed, from: 3 },
      { tokens: changed, from: 11 },
    ])
    assert.deepEqual(
      scores.slice(0, 2).map(({ greedy }) => greedy),
      [true, false],
      model.device,
    )
  }
})

test('logits of what comes next are the same in one step, token by token, and among others', async (t) => {
  const row = (ROWS[3] as ScoredRow).tokens
  for (const model of await models(t)) {
    const [whole] = await model.next([row])
    let stepwise: Float32Array | undefined
    for (let length = 1; length <= row.length; length++) stepwise = (await model.next([row.slice(0, length)]))[0]
    // Another row between, and one that begins otherwise.
    await model.next([[9, 9, 9]])
    const among = await model.next([[1], row, row.slice(0, 7)])
    const jumped = (await model.next([row.slice(0, 4)])).length + (await model.next([row])).length
    assert.equal(jumped, 2)
    assertClose(stepwise ?? [], whole ?? [], 1e-5, `${model.device}, token by token`)
    assertClose(among[1] ?? [], whole ?? [], 1e-5, `${model.device}, among others`)
    assert.equal(whole?.length, SHAPE.vocabulary)
  }
})
