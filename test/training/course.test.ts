/** The parts that tell of a run: lines and rollbacks in one file, the curve, utilisation, the encoding of events. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Curve } from '../../training/curve.ts'
import { flopsPerToken, utilisation } from '../../training/flops.ts'
import { type Line, linesUpTo, type Told, textOf } from '../../training/metrics.ts'
import { Order, skippedSamples, skipTo } from '../../training/order.ts'
import { attemptAt, kept, type Rollback, wayBack } from '../../training/rollback.ts'
import { crc32c, record } from '../../training/tensorboard/record.ts'
import { random } from '../kit.ts'

const step = (n: number, loss = 1): Line => ({
  ...{ step: n, loss, lr: 1, tokens: n, seconds: n, grad_norm: 1, tokens_per_second: 10, mfu: 0.5, time: n },
})

function rollback(to: number, at: number): Rollback {
  return { cause: 'loss', since: at, at, loss: null, gradNorm: null, to, attempt: 1, skipped: [to, at], time: at }
}

/** Steps, and rollbacks as `<to`. */
const shown = (lines: Iterable<Told>) => [...lines].map(({ line }) => ('rollback' in line ? `<${line.step}` : String(line.step))).join(' ')

test('lines after the checkpoint go, rollbacks are those of its state, each before the steps that came after it', () => {
  const content = textOf([step(1), step(2), { step: 2, val_loss: 2, time: 2 }, step(3), step(4)])
  assert.equal(shown(linesUpTo(content, 3, [])), '1 2 2 3')
  assert.equal(shown(linesUpTo(content, 3, [rollback(2, 5)])), '1 2 2 <2 3')
  assert.equal(shown(linesUpTo(content, 2, [rollback(2, 5)])), '1 2 2 <2')
  assert.equal(shown(linesUpTo(content, 4, [rollback(0, 1), rollback(3, 4)])), '<0 1 2 2 3 <3 4')
  // The second went back behind the first, and so took away the steps between.
  assert.equal(shown(linesUpTo(content, 4, [rollback(3, 4), rollback(1, 4)])), '1 <3 <1 2 2 3 4')
  const once = Buffer.concat([...linesUpTo(content, 4, [rollback(2, 5)])].map(({ text }) => text))
  const twice = linesUpTo(once, 4, [rollback(2, 5)])
  assert.equal(shown(twice), '1 2 2 <2 3 4')
  assert.equal(shown(linesUpTo(Buffer.concat([content, Buffer.from('{"step":5,"lo')]), 9, [])), '1 2 2 3 4')
})

test('the way back: the newest before the trouble, one further back with each try, and none behind the first', () => {
  const trouble = rollback(0, 250)
  assert.equal(wayBack(trouble, 1, [100, 200, 300]), 200)
  assert.equal(wayBack(trouble, 2, [100, 200, 300]), 100)
  assert.equal(wayBack(trouble, 3, [100, 200, 300]), 100)
  assert.equal(wayBack({ ...trouble, since: 100 }, 1, [100, 200]), undefined)
  assert.equal(attemptAt(trouble, []), 1)
  assert.equal(attemptAt(trouble, [rollback(100, 240), rollback(100, 230)]), 3)
  assert.equal(attemptAt(rollback(0, 5000), [rollback(100, 240), rollback(4900, 4990)]), 2)
})

test('as many checkpoints stay as asked for, and one from before a rise; the first weights until there is another', () => {
  assert.deepEqual(kept([0], 2, null), [0])
  assert.deepEqual(kept([0, 100], 2, null), [100])
  assert.deepEqual(kept([0, 100], 2, 90), [0, 100])
  assert.deepEqual(kept([100, 200, 300], 2, null), [200, 300])
  assert.deepEqual(kept([100, 200, 300], 1, 195), [100, 300])
})

test('what is passed over adds up, and what touches is one', () => {
  let state = new Order('a').state()
  const take = (count: number) => {
    const order = new Order('a', state)
    order.next(count)
    state = order.state()
  }
  take(10)
  state = skipTo(30, state)
  state = skipTo(35, state)
  take(5)
  state = skipTo(50, state)
  assert.deepEqual(state, {
    consumed: 50,
    plan: 'a',
    skipped: [
      [10, 35],
      [40, 50],
    ],
  })
  assert.equal(skippedSamples(state), 35)
  assert.deepEqual(new Order('a', state, 52).next(4), [50, 51, 0, 1])
})

test('a curve is the same read back or told step by step, is small, and keeps means and extremes', () => {
  const next = random(4)
  const lines = Array.from({ length: 5000 }, (_, i) => step(i + 1, next()))
  const whole = new Curve()
  for (const line of lines) whole.add(line)
  for (let n = 100; n <= 5000; n += 100) whole.add({ step: n, val_loss: n, time: n })
  const points = whole.points()
  assert.ok(points.length > 250 && points.length <= 600)
  assert.equal(points.at(-1)?.step, 5000)
  const [width] = [points[0]?.step as number]
  const first = lines.slice(0, width).map((line) => (line as { loss: number }).loss)
  assert.ok(Math.abs((points[0]?.loss ?? 0) - first.reduce((a, b) => a + b) / width) < 1e-12)
  assert.deepEqual([points[0]?.lowest, points[0]?.highest], [Math.min(...first), Math.max(...first)])
  assert.deepEqual([points[7]?.tokensPerSecond?.toFixed(6), points[7]?.mfu, points[7]?.gradNorm], ['10.000000', 0.5, 1])
  assert.equal(whole.validations().length, 50)
  const many = new Curve()
  for (let n = 1; n <= 3001; n++) many.add({ step: n, val_loss: n, time: n })
  assert.ok(many.validations().length <= 602)
  assert.equal(many.validations().at(-1)?.step, 3001)
})

test('operations of a token are those of PaLM, and utilisation is of all devices', () => {
  // Polyglot-Ko's 1.3B by hand: 24 layers of 2048, a vocabulary of 30,080, samples of 2,048 tokens.
  const shape = { layers: 24, width: 2048, feedForward: 8192, heads: 16, rotary: 64, vocabulary: 30_080 }
  const layer = 12 * 2048 ** 2 + 13 * 2048
  const parameters = 24 * layer + 30_080 * 2048 + 2 * 2048
  assert.equal(flopsPerToken(shape, 2048), 6 * parameters + 12 * 24 * 2048 * 2048)
  assert.equal(utilisation(1000, 1e9, { count: 4, peakFlops: 1e12 }), 0.25)
  assert.equal(utilisation(1000, 1e9, { count: 4, peakFlops: null }), null)
})

test("CRC-32C is RFC 3720's, and a record's is of what is in it", () => {
  const bytes = (all: Iterable<number>) => Uint8Array.from(all)
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa)
  assert.equal(crc32c(new Uint8Array(32).fill(255)), 0x62a8ab43)
  assert.equal(crc32c(bytes(Array(32).keys())), 0x46dd794e)
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }), fc.nat(), (content, at) => {
      const framed = record(content)
      assert.equal(framed.length, content.length + 16)
      const other = content.map((byte, i) => (i === at % content.length ? byte ^ 1 : byte))
      assert.notEqual(record(other).readUInt32LE(12 + content.length), framed.readUInt32LE(12 + content.length))
    }),
  )
})
