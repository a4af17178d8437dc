/** Signatures against datatrove's own on real documents: skipped, and said so, where corpus or peer is not there. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asShipped } from '../../scripts/rust.ts'
import { campaign, corpusFile, peer } from '../kit.ts'

const FILES = ['kowiki-2023', 'nsmc-reviews', 'precedents', 'web-docs', 'ms-docs-2021']
/** Of each file: datatrove does 2 MB/s. */
const DOCUMENTS = campaign(200, 1000)

test('signatures equal those of datatrove, on real documents', async (t) => {
  const inputs: string[] = []
  for (const name of FILES) {
    const file = corpusFile(t, `${name}.jsonl.zst`)
    if (!file) return
    inputs.push(file)
  }
  const found = await peer(t, ['compare', `${DOCUMENTS}`, ...inputs, '--', ...asShipped()], 'minhash.py')
  if (!found) return
  assert.deepEqual(found.differing, [])
  assert.equal(found.documents, FILES.length * DOCUMENTS)
  assert.ok(Number(found.signed) > 3.5 * DOCUMENTS, `${found.signed} with a signature`)
})
