/** When the loss is lost: the way back, what is passed over, and that neither kills nor interruptions change it. */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { learningRate } from '../../training/schedule.ts'
import { campaign, folder, jsonLines, peer, tree } from '../kit.ts'
import { FakeEngine, type Faults } from './fake-engine.ts'
import { BATCH, fakeRun, type Options } from './fake-run.ts'

interface Line {
  step: number
  loss?: number
  val_loss?: number
  rollback?: { cause: string; since: number; at: number; attempt: number; skipped: [number, number]; loss: number | null }
}

const metrics = (output: string) => jsonLines<Line>(join(output, 'metrics.jsonl'))

/** Everything but the time that something took or was. */
function result(output: string): unknown {
  const timeless = (text: string) =>
    JSON.parse(text, (key, value) => (/^(seconds|time|tokens_per_second|mfu)$/.test(key) ? undefined : value))
  const at = join(output, 'checkpoints')
  const states = readdirSync(at).map((name) => timeless(readFileSync(join(at, name, 'state.json'), 'utf8')))
  const files = [...tree(at)].filter(([name]) => !name.endsWith('.json'))
  return { metrics: readFileSync(join(output, 'metrics.jsonl'), 'utf8').trim().split('\n').map(timeless), states, files }
}

/** Each step once, in order, and one validation every seventh and at the end. */
function assertWhole(output: string, steps: number): void {
  const lines = metrics(output)
  const numbers = (all: Line[]) => all.map(({ step }) => step)
  const counted = Array.from({ length: steps }, (_, i) => i + 1)
  assert.deepEqual(numbers(lines.filter(({ loss }) => loss !== undefined)), counted)
  const validated = counted.filter((step) => step % 7 === 0 || step === steps)
  assert.deepEqual(numbers(lines.filter(({ val_loss }) => val_loss !== undefined)), validated)
  for (const { loss = 0, val_loss = 0 } of lines) assert.ok(Number.isFinite(loss) && Number.isFinite(val_loss))
}

const rollbacksOf = (output: string) => metrics(output).flatMap(({ step, rollback }) => (rollback ? [{ to: step, ...rollback }] : []))

test('a loss that is no number: back to the checkpoint before, past the samples since, and the rest as without them', async (t) => {
  const output = folder(t)
  const { rollbacks, loss, notes } = await fakeRun(output, { faults: { loss: [51] } })
  assert.equal(rollbacks, 1)
  assertWhole(output, 60)
  // Sample 51 is of step 26; samples 40 to 51 are what steps 21 to 26 had.
  const [rollback, ...more] = rollbacksOf(output)
  assert.deepEqual(more, [])
  assert.partialDeepStrictEqual(rollback, { to: 20, cause: 'loss', since: 26, at: 26, attempt: 1, skipped: [40, 52], loss: null })
  assert.deepEqual(notes, ['the loss is no number at step 26: back to step 20, past what was read since (try 1 of 3)'])

  const page = readFileSync(join(output, 'report.html'), 'utf8')
  for (const text of ['<h2>Rollbacks</h2>', 'loss no number', '&lt;b&gt;', 'a/&lt;i&gt;.bin', '2 × none'])
    assert.ok(page.includes(text), text)
  assert.equal(page.match(/<div class="chart">/g)?.length, 5)
  assert.doesNotMatch(page, /NaN|undefined|Infinity/)

  // The same by hand: twenty steps, then forty with the samples from 52 on.
  const byHand = new FakeEngine()
  let last = 0
  for (let step = 1; step <= 60; step++) {
    const from = (step - 1) * BATCH + (step > 20 ? 12 : 0)
    last = (await byHand.step(step, [from, from + 1], learningRate(step, 60, 0.1), [])).loss
  }
  assert.equal(loss, last)
  const state = JSON.parse(readFileSync(join(output, 'checkpoints/step-000060/state.json'), 'utf8'))
  assert.deepEqual(state.order, { consumed: 132, plan: 'fake', skipped: [[40, 52]] })
})

test('a state whose samples do not add up is refused', async (t) => {
  const output = folder(t)
  await assert.rejects(fakeRun(output, { stopAfter: 12 }))
  const state = join(output, 'checkpoints/step-000012/state.json')
  writeFileSync(state, readFileSync(state, 'utf8').replace('"consumed":24', '"consumed":26'))
  await assert.rejects(fakeRun(output), { kind: 'corrupt', message: /step 12 says that 26 samples were consumed/, hint: /Remove this/ })
})

test('before the first checkpoint it goes back to the first weights', async (t) => {
  const output = folder(t)
  await fakeRun(output, { faults: { loss: [9] } })
  assertWhole(output, 60)
  assert.partialDeepStrictEqual(rollbacksOf(output), [{ to: 0, at: 5, skipped: [0, 10] }])
  assert.equal(metrics(output)[0]?.step, 0)
})

for (const [fault, cause] of [
  ['gradient', 'gradient'],
  ['validation', 'validation'],
] as const) {
  test(`a ${fault} that is no number is a way back too`, async (t) => {
    const output = folder(t)
    await fakeRun(output, { faults: { [fault]: [27] } })
    assertWhole(output, 60)
    assert.deepEqual([rollbacksOf(output).length, rollbacksOf(output)[0]?.cause], [1, fault === 'validation' ? 'validation' : cause])
  })
}

test('without end it stops after as many tries as it was told, each further back, and says so again', async (t) => {
  const output = folder(t)
  const options = { faults: { loss: Array.from({ length: 9000 }, (_, i) => 51 + i) } }
  const message = 'the loss is no number at step 21, and going back 3 times did not help: training has diverged'
  // To 20, to 10 which is the one before, to 10 again since there is none before that; then step 11 is the one.
  await assert.rejects(fakeRun(output, options), { kind: 'invalid', message: message.replace('21', '11'), hint: /smaller --lr/ })
  assert.deepEqual(
    rollbacksOf(output).map(({ to, at, attempt }) => ({ to, at, attempt })),
    [
      { to: 20, at: 26, attempt: 1 },
      { to: 10, at: 21, attempt: 2 },
      { to: 10, at: 11, attempt: 3 },
    ],
  )
  await assert.rejects(fakeRun(output, options), { message: message.replace('21', '11') })
  const without = folder(t)
  await assert.rejects(fakeRun(without, { ...options, rollbacks: 0 }), {
    message: 'the loss is no number at step 26: training has diverged',
  })
  // What led to it is told.
  assert.equal(metrics(without).at(-1)?.step, 25)
  assert.match(readFileSync(join(without, 'report.html'), 'utf8'), /20 \/ 60/)
})

test('samples that are passed over may be more than there are: then the first come again', async (t) => {
  const output = folder(t)
  const { engine } = await fakeRun(output, { faults: { loss: [111] }, samples: 120 })
  assertWhole(output, 60)
  assert.deepEqual(engine.steps.at(-1)?.positions, [(2 * 59 + 12) % 120, (2 * 59 + 13) % 120])
  assert.deepEqual(engine.broken, [])
})

test('a loss that goes up and stays: back to before it went up, whatever was saved since', async (t) => {
  const output = folder(t)
  // From step 87 on; certain at step 106. Checkpoints 90 and 100 are of a spoilt model, and 80 has to be there still.
  await fakeRun(output, { steps: 130, faults: { spike: [173] } })
  assertWhole(output, 130)
  const [rollback, ...more] = rollbacksOf(output)
  assert.partialDeepStrictEqual(rollback, { to: 80, cause: 'spike', since: 87, at: 106, skipped: [160, 212] })
  assert.deepEqual(more, [])
  assert.ok(metrics(output).every(({ loss = 0 }) => loss < 4))
})

test('a loss that comes back by itself is let be, and so is a spike with --rollbacks 0', async (t) => {
  const output = folder(t)
  await fakeRun(output, { steps: 130, faults: { blip: [173] } })
  assert.deepEqual(rollbacksOf(output), [])
  const without = await fakeRun(folder(t), { steps: 130, faults: { spike: [173] }, rollbacks: 0 })
  assert.ok(without.loss > 5)
})

test('--keep many stay, the untrained weights not among them', async (t) => {
  const [output, one] = [folder(t), folder(t)]
  await fakeRun(output, { keep: 3 })
  assert.deepEqual(readdirSync(join(output, 'checkpoints')), ['step-000040', 'step-000050', 'step-000060'])
  await fakeRun(one, { keep: 1, steps: 65, saveEvery: 20 })
  assert.deepEqual(readdirSync(join(one, 'checkpoints')), ['step-000065'])
})

const TROUBLED: Options = { steps: 130, rollbacks: 9, faults: { loss: [51, 60, 230], spike: [183] } satisfies Faults }

test('interrupted after any steps and resumed, a run that goes back is the uninterrupted one', async (t) => {
  const whole = folder(t)
  assert.equal((await fakeRun(whole, TROUBLED)).rollbacks, 4)
  const expected = result(whole)
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 8 }), async (stops) => {
      const output = folder(t)
      for (const stopAfter of stops) {
        try {
          await fakeRun(output, { ...TROUBLED, stopAfter })
        } catch (error) {
          assert.match((error as Error).message, /^interrupted after step \d+ of 130; it is saved$/)
        }
      }
      await fakeRun(output, TROUBLED)
      assert.deepEqual(result(output), expected)
      rmSync(output, { recursive: true, force: true })
    }),
    { numRuns: 15 },
  )
})

/** Before (or, below 0, after) which disk operations a run is killed, one time after another; each of them has a dozen a checkpoint. */
const KILLS = [
  [3, -5],
  [-17],
  [40],
  [-48, 3],
  [53],
  [57, -9, 2],
  [-60],
  [64],
  [-75, 12],
  [83],
  [101, -4],
  [-122],
  [140],
  [-200, 1],
  [236],
  [286],
  [171],
]

test('killed at any disk operation, and again, it goes on to the same end', async (t) => {
  const whole = folder(t)
  await fakeRun(whole, TROUBLED)
  const expected = result(whole)
  const outputs = [whole]
  for (const kills of KILLS.filter((_, i) => i % campaign(2, 1) === 0)) {
    const output = folder(t)
    outputs.push(output)
    for (const at of kills) assert.equal((await runApart(output, TROUBLED, { at })).signal, 'SIGKILL', kills.join())
    assert.deepEqual(await runApart(output, TROUBLED), { code: 0, signal: null })
    assert.deepEqual(result(output), expected, kills.join())
  }
  await sameForTensorBoard(t, outputs)
})

test('without power at any disk operation, it goes on to the same end', async (t) => {
  const whole = folder(t)
  const options = { steps: 35 }
  await fakeRun(whole, options)
  for (const at of [2, 20, 47, 66, 90, ...campaign([], [9, 33, 58, 79])]) {
    const output = folder(t)
    assert.equal((await runApart(output, options, { fault: `crash@${at}` })).code, 137, String(at))
    assert.equal((await runApart(output, options)).code, 0)
    assert.deepEqual(result(output), result(whole), String(at))
  }
})

test('a TensorBoard that is watching goes on over a kill, a resume and rollbacks', async (t) => {
  const [output, earlier] = [folder(t), folder(t)]
  const events = join(output, 'tensorboard')
  await runApart(output, TROUBLED, { at: 150 })
  cpSync(events, earlier, { recursive: true })
  await fakeRun(output, TROUBLED)
  const seen = await peer(t, ['--watch', earlier, events], 'tensorboard_events.py')
  const all = await peer(t, [events], 'tensorboard_events.py')
  if (!seen || !all) return
  assert.deepEqual(seen, (all[events] as { scalars: unknown }).scalars)
})

/** The loop in a process of its own. */
function runApart(output: string, options: Options, { at = 0, fault = '' } = {}) {
  const script = join(import.meta.dirname, 'fake-run.ts')
  const env = { ...process.env, ...(fault && { KOPIPE_FAULT: fault }) }
  return new Promise<{ code: number | null; signal: string | null }>((done) => {
    const child = execFile(process.execPath, [script, output, JSON.stringify(options), String(at)], { env })
    child.on('close', (code, signal) => done({ code, signal }))
  })
}

/** What TensorBoard reads of each: every step once, and the same numbers. */
async function sameForTensorBoard(t: TestContext, outputs: readonly string[]): Promise<void> {
  const read = await peer(
    t,
    outputs.map((output) => join(output, 'tensorboard')),
    'tensorboard_events.py',
  )
  if (!read) return
  const [first, ...others] = Object.values(read) as { scalars: Record<string, [number, number, number][]> }[]
  const timeless = (one: typeof first) =>
    Object.entries(one?.scalars ?? {})
      .filter(([tag]) => !/second|mfu/.test(tag))
      .map(([tag, values]) => [tag, values.map(([step, value]) => [step, value])])
  const steps = Array.from({ length: 130 }, (_, i) => i + 1)
  assert.deepEqual(
    first?.scalars['train/loss']?.map(([step]) => step),
    steps,
  )
  for (const other of others) assert.deepEqual(timeless(other), timeless(first))
}
