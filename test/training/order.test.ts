import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Order, type OrderState } from '../../training/order.ts'

test('any interruptions give the same order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5)), fc.integer({ min: 1, max: 12 }), (sessions, batch) => {
      let state: OrderState | undefined
      const read: number[] = []
      for (const steps of sessions) {
        // Each session begins from what was written down.
        const order = new Order('a', state && (JSON.parse(JSON.stringify(state)) as OrderState))
        for (let step = 0; step < steps; step++) read.push(...order.next(batch))
        state = order.state()
      }
      assert.deepEqual(
        read,
        read.map((_, i) => i),
      )
    }),
  )
})

test('a state of another plan is refused', () => {
  assert.throws(() => new Order('b', { consumed: 8, plan: 'a' }), { kind: 'invalid', message: /of another order of samples/ })
})
