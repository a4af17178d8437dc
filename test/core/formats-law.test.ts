/** What reads docs/formats.md as law: it tells what is missing, not described, or of another type. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faults, keysOf, lawOf, matches, unmet } from './formats-law.ts'

const PAGE = `## x

### \`a.json\`

| key | type | what it is |
|---|---|---|
| \`n\` | integer | |
| \`of?\` | string or null | |
| \`by\` | object | |
| \`by.{name}\` | T[] | |

## Types

### \`T\`

| key | type | what it is |
|---|---|---|
| \`k\` | string | |
`

test('the law tells what is missing, not described, or of another type', () => {
  const law = lawOf(PAGE)
  const keys = keysOf(law, ['x'], 'a.json')
  assert.ok(keys)
  const told = (value: unknown) => faults(value, law, keys)
  assert.deepEqual(told({ n: 1, by: {} }), [])
  assert.deepEqual(unmet(law), ['a.json.of', 'a.json.by.{}', 'T.k'])
  assert.deepEqual(told({ n: 1, of: null, by: { z: [{ k: 'v' }] } }), [])
  assert.deepEqual(unmet(law), [])
  assert.deepEqual(told({ by: {} }), ['.n is missing'])
  assert.deepEqual(told({ n: 1.5, by: {}, more: 1 }), ['.n: expected integer, got 1.5', '.more is not described'])
  assert.deepEqual(told({ n: 1, of: 2, by: { z: [{}] } }), ['.of: expected string, got 2', '.by.z[].k is missing'])
})

test('names of files are patterns', () => {
  assert.ok(matches('shards/SPLIT-NNNNN.bin', 'shards/train-00000.bin'))
  assert.ok(!matches('shards/NNNNN.bin', 'shards/00000.binx'))
  assert.ok(!matches('shards/NNNNN.bin', 'shards/train-00000.bin'))
  assert.ok(matches('clean/', 'clean/documents/00000.jsonl'))
})
