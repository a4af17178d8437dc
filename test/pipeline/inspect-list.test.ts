/** `inspect --list`: pages of documents, rejects and clusters are what stands in the artifact, in its order. */

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Listing } from '../../pipeline/explain/pages.ts'
import { folder, kopipe, koreanLines, lines, withNearDuplicates } from '../kit.ts'

async function cleaned(t: TestContext): Promise<string> {
  const dir = folder(t)
  const out = join(dir, 'clean')
  writeFileSync(join(dir, 'in.jsonl'), `${withNearDuplicates(koreanLines(3000, 61))}\n{"text": 3}\nno JSON\n`)
  await kopipe(['clean', join(dir, 'in.jsonl'), '-o', out, '--unit-size', '200KB', '--quiet'])
  return out
}

async function list(out: string, ...args: string[]): Promise<Listing> {
  const { code, stderr, summary } = await kopipe(['inspect', out, ...args, '--json', '--quiet'])
  assert.equal(code, 0, stderr)
  return summary as unknown as Listing
}

test('pages follow each other through all documents', async (t) => {
  const out = await cleaned(t)
  const all = lines(out, 'documents')
  const whole = await list(out, '--list', 'documents', '--count', '100000')
  assert.deepEqual(
    whole.listed.map(({ id, text }) => ({ id, text })),
    all.map(({ id, text }) => ({ id, text })),
  )
  assert.equal(whole.more, false)
  const page = await list(out, '--offset', '17', '--count', '5')
  assert.deepEqual(page.listed, whole.listed.slice(17, 22))
  assert.equal(page.more, true)
})

test('rejects by reason, documents by text and id', async (t) => {
  const out = await cleaned(t)
  const rejects = lines(out, 'rejects') as { id: unknown; kopipe: { reason: string; value?: number } }[]
  for (const reason of ['near-duplicate', 'malformed']) {
    const { listed } = await list(out, '--list', 'rejects', '--reason', reason, '--count', '100000')
    const expected = rejects.filter(({ kopipe }) => kopipe.reason === reason)
    assert.ok(expected.length > 0)
    assert.deepEqual(
      listed.map(({ id }) => id),
      expected.map(({ id }) => id),
      reason,
    )
    assert.ok(listed.every((found) => found.reason === reason))
  }
  const documents = lines(out, 'documents') as { id: string; text: string }[]
  const word = documents[40]?.text.split(/\s+/)[2] as string
  const found = await list(out, '--search', word, '--count', '100000')
  assert.deepEqual(
    found.listed.map(({ id }) => id),
    documents.filter(({ text, id }) => text.includes(word) || String(id).includes(word)).map(({ id }) => id),
  )
  const [first, ...others] = found.listed
  assert.ok(first && others.length > 1, `${found.listed.length} documents have ${word}`)
  assert.deepEqual((await list(out, '--search', word, '--offset', '1', '--count', '100000')).listed, others)
  assert.deepEqual((await list(out, '--search', word, '--id', String(first.id))).listed, [{ ...first, number: 0 }])
  const { id } = documents[7] as { id: string }
  assert.ok((await list(out, '--id', String(id))).listed.every((document) => document.id === id))
  const quoted = await list(out, '--search', '"\n')
  assert.deepEqual(quoted.listed, [])
})

test('clusters come by size, with the text of the one that stays', async (t) => {
  const out = await cleaned(t)
  const { listed } = await list(out, '--list', 'clusters', '--count', '100000')
  const sizes = lines(out, 'documents').flatMap(({ kopipe }) => (kopipe as { cluster_size?: number } | undefined)?.cluster_size ?? [])
  assert.deepEqual(
    listed.map(({ size }) => size),
    sizes.sort((a, b) => b - a),
  )
  const kept = new Map(lines(out, 'documents').map(({ id, text }) => [id, text]))
  for (const { id, text } of listed) assert.equal(text, kept.get(id))
})

test('what makes no sense together is refused', async (t) => {
  const out = await cleaned(t)
  for (const [args, said] of [
    [['--list', 'clusters', '--search', 'x'], /--list clusters takes --offset and --count alone/],
    [['--list', 'documents', '--reason', 'near-duplicate'], /--reason near-duplicate is for --list rejects/],
    [['--list', 'rejects', '--reason', 'none'], /nothing was dropped for "none"/],
    [['--list', 'rejects', '--drops', 'nearest'], /--drops is for --reason without --list/],
    [['--list', 'rejected'], /expected documents, rejects, clusters, got "rejected"/],
  ] as const) {
    const { code, stderr } = await kopipe(['inspect', out, ...args])
    assert.equal(code, 2, stderr)
    assert.match(stderr, said)
  }
})
