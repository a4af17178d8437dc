/** Both sides of a filter agree: ids and reasons in TypeScript are those of the native core, in the same order. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { native } from '../../native/index.ts'
import { FILTERS } from '../../pipeline/filters/index.ts'

test('filter ids and reasons equal the native ones', () => {
  const here = FILTERS.flatMap((filter) => Object.keys(filter.reasons).map((reason) => [filter.id, reason]))
  assert.deepEqual(here, native.filterReasons())
})

test('every filter is documented, and its reasons begin with its id', () => {
  for (const { id, what, why, source, reasons, example } of FILTERS) {
    for (const text of [what, why, source, example.kept, example.dropped]) assert.ok(text.length > 1, id)
    for (const [reason, of] of Object.entries(reasons)) assert.ok(reason.startsWith(id) && of.length > 3, reason)
  }
})
