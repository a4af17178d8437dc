/** The floor that every room stands on. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import PQueue from 'p-queue'
import { KopipeError } from '../../core/errors.ts'
import { inOrder } from '../../core/flow.ts'
import { addLedger, checkIdentity, dropKept, type Ledger, noCounts, sorted, total } from '../../core/ledger.ts'
import { formatSize, leastSize, parseSize, sizeFlag } from '../../core/sizes.ts'
import { planStreams } from '../../core/units.ts'

test('sizes are read as people write them', () => {
  for (const [text, bytes] of [
    ['256MB', 256e6],
    ['4GB', 4e9],
    ['1.5TB', 1.5e12],
    ['300KiB', 300 * 1024],
    ['12', 12],
    ['4g', 4e9],
    [' 7 mb ', 7e6],
  ] as const) {
    assert.equal(parseSize(text), bytes)
  }
  for (const text of ['', 'GB', '-1GB', '0', '4XB', '1e9', '99999999TB']) assert.throws(() => parseSize(text), KopipeError)
  assert.equal(formatSize(1_234_567), '1.23 MB')
  for (const text of ['1', '1000001', '64MB', '1500KB', '3TB', '1GiB', '2MiB']) assert.equal(sizeFlag(parseSize(text)), text)
  assert.equal(leastSize(661_000_001), '662MB')
})

test('inOrder keeps the order, the bounds, and closes its source when the consumer stops', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(6)),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 6 }),
      fc.nat(30),
      async (delays, workers, items, stopAt) => {
        let [running, most, closed, pulled] = [0, 0, false, 0]
        async function* source() {
          try {
            for (const [i, delay] of delays.entries()) {
              pulled += 1
              yield { i, delay }
            }
          } finally {
            closed = true
          }
        }
        const queue = new PQueue({ concurrency: workers })
        const seen: number[] = []
        const work = async ({ delay }: { delay: number }) => {
          running += 1
          most = Math.max(most, running)
          for (let tick = 0; tick < delay; tick++) await Promise.resolve()
          running -= 1
        }
        for await (const { i } of inOrder(source(), queue, work, { items, bytes: Infinity })) {
          seen.push(i)
          assert.ok(pulled - seen.length < items, 'no more in flight than allowed')
          if (i === stopAt) break
        }
        assert.deepEqual(seen, delays.map((_, i) => i).slice(0, stopAt + 1))
        assert.ok(most <= workers)
        assert.ok(closed)
      },
    ),
  )
})

test('inOrder throws what an item threw when its turn comes', async () => {
  async function* source() {
    yield* [1, 2, 3, 4]
  }
  const seen: number[] = []
  const work = async (n: number) => {
    if (n === 3) throw new Error('three')
  }
  await assert.rejects(async () => {
    for await (const n of inOrder(source(), new PQueue({ concurrency: 4 }), work, { items: 4, bytes: Infinity })) seen.push(n)
  }, /three/)
  assert.deepEqual(seen, [1, 2])
})

test('inOrder pulls the next items while the consumer has one, and what came before a failure of the source comes out', async () => {
  let pulled = 0
  async function* source() {
    for (; pulled < 3; pulled++) yield pulled
    throw new Error('unreadable')
  }
  const seen: number[] = []
  await assert.rejects(async () => {
    for await (const n of inOrder(source(), new PQueue({ concurrency: 1 }), async () => {}, { items: 3, bytes: Infinity })) {
      seen.push(n)
      await new Promise((done) => setTimeout(done, 5))
      if (n === 0) assert.equal(pulled, 2)
    }
  }, /unreadable/)
  assert.deepEqual(seen, [0, 1, 2])
})

test('the ledger adds up, by source, whatever the sources are called', () => {
  const ledger: Ledger = {}
  const counts = noCounts()
  counts.read = { docs: 3, bytes: 30 }
  counts.kept = { docs: 2, bytes: 20 }
  counts.dropped['length-short'] = { docs: 1, bytes: 10 }
  const hostile = Object.fromEntries([
    ['__proto__', counts],
    ['constructor', counts],
  ]) as Ledger
  addLedger(ledger, hostile)
  addLedger(ledger, hostile)
  dropKept(ledger, { 'exact-duplicate': Object.fromEntries([['__proto__', { docs: 1, bytes: 10 }]]) })
  const sum = total(ledger)
  assert.deepEqual(sum.read, { docs: 12, bytes: 120 })
  assert.deepEqual(sum.kept, { docs: 7, bytes: 70 })
  assert.deepEqual(sum.dropped['exact-duplicate'], { docs: 1, bytes: 10 })
  checkIdentity(sum)
  sum.kept.bytes += 1
  assert.throws(() => checkIdentity(sum), /does not add up: 120 bytes read, 121 accounted for/)
})

test('a file that can be entered is a stream for each of its units, any other is one', () => {
  const file = (path: string, bytes: number) => ({ path, bytes, mtime: 0 })
  const entries = [0, 200].map((file) => ({ file, decoded: 3 * file }))
  const cuts = [
    { units: 2, entries: [] },
    { units: null, entries: [] },
    { units: 2, entries },
  ]
  const streams = planStreams([file('a', 25), file('b', 25), file('c', 0)], cuts)
  assert.deepEqual(
    streams.map(({ fileNumber, firstUnit, endUnit, entry }) => [fileNumber, firstUnit, endUnit, entry?.file]),
    [
      [0, 0, 1, undefined],
      [0, 1, 2, undefined],
      [1, 0, undefined, undefined],
      [2, 0, 1, 0],
      [2, 1, 2, 200],
    ],
  )
})

test('a written ledger does not tell in which order its batches came', () => {
  const batch = (source: string, reason: string): Ledger => {
    const counts = noCounts()
    counts.dropped[reason] = { docs: 1, bytes: 1 }
    return { [source]: counts }
  }
  const batches = [batch('b', 'y'), batch('a', 'x'), batch('b', 'x'), batch('a', 'y')]
  const written = (order: Ledger[]) => {
    const ledger: Ledger = {}
    for (const more of order) addLedger(ledger, more)
    return JSON.stringify(sorted(ledger))
  }
  assert.equal(written(batches), written(batches.toReversed()))
})
