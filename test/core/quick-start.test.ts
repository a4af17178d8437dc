/** docs/quick-start.md prints what the program prints: its examples are run in their order, in a folder of their own. */

import assert from 'node:assert/strict'
import { readFileSync, rmSync } from 'node:fs'
import { test } from 'node:test'
import { agrees, examplesOf, needsPython, PAGE, played, playground, steady } from '../../scripts/quick-start-docs.ts'
import { peersPython } from '../kit.ts'

test('the examples of the quick start, one after the other', async (t) => {
  const folder = playground()
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const examples = examplesOf(readFileSync(PAGE, 'utf8'))
  assert.ok(examples.length > 15)
  for (const example of examples) {
    await t.test(example.command.split('\n')[0] as string, async (t) => {
      if (needsPython(example) && !peersPython(t)) return
      const came = await played(example, folder)
      if (agrees(example.output, came)) return
      assert.deepEqual(came.map(steady), example.output.map(steady), 'node scripts/quick-start-docs.ts writes what it prints')
      assert.fail('an output with … in it is another')
    })
  }
})

test('an output is held against the page but for what differs by machine', () => {
  const shown = ['clean: done, 0.4 s', '  read  12 documents', '…', 'write  904  3.64 MB    0.12   31.0 MB/s']
  const same = ['clean: done, 9.9 s', '  read  12 documents', 'x', 'y', 'write  904  3.64 MB    1.12   3.10 MB/s']
  assert.ok(agrees(shown, same))
  assert.ok(!agrees(shown, [...same, 'more']))
  assert.ok(!agrees(shown, ['clean: done, 9.9 s', '  read  13 documents', same.at(-1) as string]))
  assert.ok(!agrees(['loss  6.1391 nats a token'], ['loss  6.1392 nats a token']))
  assert.ok(!agrees(shown.slice(0, 2), same))
})
