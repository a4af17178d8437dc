/** What the report reads in an artifact of `clean`: drops, documents that just passed, clusters and pairs, as they are. */

import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { silent } from '../../core/progress.ts'
import { native } from '../../native/index.ts'
import { readArtifact } from '../../pipeline/report/artifact.ts'
import { folder, kopipe, koreanLines, lines, withNearDuplicates } from '../kit.ts'

native.startWorkers(2)

async function cleaned(t: TestContext, input: string, recipe: string, ...more: string[]) {
  const dir = folder(t)
  const [file, yaml, out] = [join(dir, 'in.jsonl'), join(dir, 'recipe.yaml'), join(dir, 'clean')]
  writeFileSync(file, input)
  writeFileSync(yaml, recipe)
  const { code, stderr } = await kopipe(['clean', file, '-o', out, '--recipe', yaml, '--quiet', ...more])
  assert.equal(code, 0, stderr)
  return { file, out, read: async () => readArtifact(out, { progress: silent, signal: new AbortController().signal }) }
}

test('of a rule: its drops, what just passed, and what a threshold a tenth off would do', async (t) => {
  const text = (length: number, i: number) => `${'가나다라마바사아자차'.repeat(4)}`.slice(i, i + length)
  const of = (length: number, count: number) =>
    Array.from({ length: count }, (_, i) => ({ id: `${length}-${i}`, source: 's', text: text(length, i % 10) }))
  const documents = [...of(9, 3), ...of(5, 2), ...of(10, 4), ...of(11, 1), ...of(25, 8)]
  const input = `${documents.map((document) => JSON.stringify(document)).join('\n')}\nnot json\n`
  const { read } = await cleaned(t, input, 'clean: {filters: {length: {min: 10}}}', '--dedupe', 'off')
  const { evidence } = await read()
  assert.deepEqual([evidence?.parts, evidence?.measured], [{ looked: 1, all: 1 }, 13])
  const short = evidence?.reasons.find(({ reason }) => reason === 'length-short')
  assert.equal(short?.threshold, 10)
  assert.equal(short.count.docs, 5)
  assert.deepEqual(short.loosened, { looked: 5, pass: 3 })
  assert.deepEqual(short.tightened, { looked: 13, go: 4 })
  assert.deepEqual(short.dropped.map(({ id }) => id).sort(), ['5-0', '5-1', '9-0', '9-1', '9-2'])
  for (const { value, chars, text } of short.dropped) assert.deepEqual([value, [...text].length], [chars, chars])
  assert.deepEqual(
    short.kept.map(({ value }) => value),
    [10, 10, 10, 10, 11, 25, 25, 25, 25, 25],
  )
  assert.ok(short.kept.every(({ source }) => source === 's'))
  const malformed = evidence?.reasons.find(({ reason }) => reason === 'malformed')
  assert.equal(malformed?.dropped[0]?.text, 'not json')
  // Nothing is longer than its threshold, nor nearly so.
  const long = evidence?.reasons.find(({ reason }) => reason === 'length-long')
  assert.deepEqual([long?.count.docs, long?.tightened.go, long?.kept], [0, 0, []])
})

test('clusters hold every document that was held against others, and pairs say what differs', async (t) => {
  const { file, out, read } = await cleaned(t, withNearDuplicates(koreanLines(900, 77)), 'clean: {}')
  const { evidence, record } = await read()
  const { clusters } = evidence as NonNullable<typeof evidence>
  const { totals } = record as unknown as { totals: { kept: { docs: number }; dropped: Record<string, { docs: number }> } }
  const duplicates = ['exact-duplicate', 'near-duplicate'].reduce((sum, reason) => sum + (totals.dropped[reason]?.docs ?? 0), 0)
  const sum = (what: 'docs' | 'clusters') => clusters.sizes.reduce((n, size) => n + size[what], 0)
  assert.ok(duplicates > 100)
  assert.equal(sum('docs'), totals.kept.docs + duplicates)
  assert.equal(sum('clusters'), totals.kept.docs)
  const written = lines(out, 'duplicates') as unknown as { rule: string; size: number; score?: number }[]
  const sizes = written.filter(({ rule, size }) => rule === 'kept' || (rule === 'different' && size > 1)).map(({ size }) => size)
  assert.deepEqual(
    clusters.largest.map(({ size }) => size),
    sizes.sort((a, b) => b - a).slice(0, 10),
  )
  assert.ok(clusters.largest.every(({ size, members }) => members.length === Math.min(3, size - 1)))
  assert.equal(clusters.went.length, 10)
  const texts = new Map(
    [...lines(out, 'documents'), ...lines(out, 'rejects')].map(({ id, text }): [string, string] => [String(id), String(text)]),
  )
  for (const { id, other, score, pieces } of clusters.went) {
    assert.ok((score ?? 0) >= 0.8)
    if (pieces.some(({ text }) => text.includes(' … '))) continue
    const side = (without: string) => pieces.flatMap(({ text, of }) => (of === without ? [] : [text])).join('')
    assert.equal(side('other'), texts.get(String(id)))
    assert.equal(side('this'), texts.get(String(other)))
    assert.notEqual(side('other'), side('this'))
  }
  for (const { score } of clusters.stayed) assert.ok((score ?? 1) < 0.8)
  // Without the input there are no texts to show beside each other; what the artifact has is still told.
  rmSync(file)
  const alone = (await read()).evidence
  assert.deepEqual([alone?.clusters.largest, alone?.clusters.went], [[], []])
  assert.equal(
    alone?.clusters.sizes.reduce((n, { docs }) => n + docs, 0),
    sum('docs'),
  )
  assert.ok(alone?.reasons.some(({ dropped }) => dropped.length > 0))
})
