/** The sample's truth against what `clean` makes of it, and the sample as an artifact. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { folder, kopipe, lines, tree } from '../kit.ts'

interface Truth {
  kind: string
  id: string
  of?: string
  junk?: string
  jaccard?: number
}

test('clean finds what the sample planted: duplicates, broken lines, NFD and zero-width', async (t) => {
  const dir = folder(t)
  const made = await kopipe(['sample', '-o', join(dir, 'sample'), '--size', '70MB', '--seed', '3', '--json', '--quiet'])
  assert.equal(made.code, 0, made.stderr)
  const truth = readFileSync(join(dir, 'sample/truth.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Truth)
  const of = (kind: string) => truth.filter((said) => said.kind === kind)

  const { code, summary, stderr } = await kopipe([
    'clean',
    join(dir, 'sample'),
    '-o',
    join(dir, 'clean'),
    '--json',
    '--quiet',
    '--memory',
    '1GB',
  ])
  assert.equal(code, 0, stderr)
  assert.equal(summary.read.docs, made.summary.documents)
  assert.equal(summary.malformed.docs, of('broken').length)
  const fates = new Map(lines(join(dir, 'clean'), 'rejects').map((r) => [r.id as string, (r.kopipe as { reason: string }).reason]))
  for (const { id } of of('exact-duplicate')) assert.equal(fates.get(id), 'exact-duplicate', id)
  // Of each pair the longer one stays, or a third.
  for (const { id, of: original = '', jaccard = 0 } of of('near-duplicate')) {
    const gone = [id, original].filter((one) => ['near-duplicate', 'exact-duplicate'].includes(fates.get(one) ?? ''))
    if (jaccard >= 0.9) assert.ok(gone.length > 0, `${id} ${jaccard}`)
    if (jaccard < 0.5) assert.deepEqual(gone, [], `${id} ${jaccard}`)
  }
  for (const { id, junk } of of('junk')) {
    if (junk !== 'repeated') assert.ok(fates.has(id), `${junk} ${id}`)
  }
  const planted = new Set(truth.flatMap(({ id, of: original = id }) => [id, original]))
  const kept = lines(join(dir, 'clean'), 'documents')
  const lost = [...fates].filter(([id, reason]) => !planted.has(id) && reason !== 'malformed')
  assert.deepEqual(lost, [], 'no plain document is dropped')
  const normalized = new Set([...of('nfd'), ...of('zero-width')].map(({ id }) => id))
  for (const { id, text } of kept) {
    if (normalized.has(id as string)) assert.ok(!/[\u1100-\u11ff\u200b\u2060\ufeff]/.test(text as string), id as string)
  }
})

test('the same seed gives the same bytes, whatever the workers; a killed run resumes to them', async (t) => {
  const dir = folder(t)
  const args = (out: string, ...more: string[]) => ['sample', '-o', join(dir, out), '--size', '66MB', '--quiet', ...more]
  assert.equal((await kopipe(args('a', '--workers', '1'))).code, 0)
  assert.equal((await kopipe(args('b', '--workers', '2'))).code, 0)
  await kopipe(args('c'), { started: (child) => setTimeout(() => child.kill('SIGKILL'), 400) })
  assert.equal((await kopipe(args('c'))).code, 0)
  assert.deepEqual(tree(join(dir, 'b')), tree(join(dir, 'a')))
  assert.deepEqual(tree(join(dir, 'c')), tree(join(dir, 'a')))
})
