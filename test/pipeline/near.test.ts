/** Near-duplicates as a user removes them: which document stays, what is told of it, and that nothing else decides. */

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { dd } from '../../bench/corpora.ts'
import type { Compared } from '../../pipeline/explain/pairs.ts'
import { corpusFile, folder, kopipe, koreanLines, lines, tree, withNearDuplicates } from '../kit.ts'

const NEAR = ['--recipe', 'none', '--json', '--quiet']

const PROSE =
  '대한민국의 수도는 서울이고, 한강이 도시의 한가운데를 흐른다. 강의 북쪽에는 옛 궁궐이 있고 남쪽에는 새로 지은 건물이 많다. ' +
  '봄이 오면 강가에 사람들이 모여 꽃을 보고, 가을에는 산에 올라 단풍을 본다. 겨울에는 눈이 내려 길이 미끄럽다.'

interface Told extends Omit<Compared, 'rule'> {
  rule: string
}

function write(path: string, documents: object[]): string {
  writeFileSync(path, documents.map((document) => `${JSON.stringify(document)}\n`).join(''))
  return path
}

test('of documents that are alike the longest stays and carries the size of its cluster; what is only similar stays too', async (t) => {
  const dir = folder(t)
  const half = PROSE.slice(0, PROSE.length / 2)
  const input = write(join(dir, 'in.jsonl'), [
    { id: 'first', text: PROSE },
    { id: 'longer', text: `${PROSE} 그래도 좋다.` },
    { id: 'copy', text: PROSE },
    { id: 'spaced', text: PROSE.replaceAll(', ', ',') },
    { id: 'similar', text: `${half} 그러나 나머지는 전혀 다른 이야기다. 배를 타고 바다로 나간 어부는 그날 저녁이 되어서야 돌아왔다.` },
    { id: 'short', text: '최고다' },
    { id: 'short too', text: '최고다' },
    { id: 'shorter', text: '최고' },
  ])
  const out = join(dir, 'out')
  const { code, summary, stderr } = await kopipe(['clean', input, '-o', out, ...NEAR])
  assert.equal(code, 0, stderr)
  assert.deepEqual(
    lines(out, 'documents').map(({ id, kopipe }) => [id, kopipe]),
    [
      ['longer', { cluster_size: 4 }],
      ['similar', undefined],
      ['short', { cluster_size: 2 }],
      ['shorter', undefined],
    ],
  )
  assert.deepEqual([summary.dropped['near-duplicate']?.docs, summary.dropped['exact-duplicate']?.docs], [2, 2])
  const at = (ordinal: number) => ({ unit: 0, ordinal })
  const told = lines(out, 'duplicates') as unknown as Told[]
  assert.deepEqual(
    told.map(({ ordinal, of, rule, cluster, size }) => [ordinal, of, rule, cluster, size]),
    [
      [0, at(1), 'jaccard', at(1), 4],
      [1, undefined, 'kept', at(1), 4],
      [2, at(0), 'exact', at(1), 4],
      [3, at(1), 'jaccard', at(1), 4],
      ...told.filter(({ ordinal }) => ordinal === 4).map(({ of, cluster }) => [4, of, 'different', cluster, 1]),
      [5, undefined, 'kept', at(5), 2],
      [6, at(5), 'exact', at(5), 2],
    ],
  )
  const near = lines(out, 'rejects').find(({ id }) => id === 'first')?.kopipe as { value: number; threshold: number; reason: string }
  assert.deepEqual([near.reason, near.threshold, near.value > 0.9 && near.value < 1], ['near-duplicate', 0.8, true])
  // The result is read as documents again, and its clusters grow.
  const again = join(dir, 'again')
  await kopipe(['clean', out, write(join(dir, 'more.jsonl'), [{ id: 'late', text: PROSE }]), '-o', again, ...NEAR])
  assert.deepEqual(lines(again, 'documents')[0]?.kopipe, { cluster_size: 5 })
})

test('columns have the size of a cluster, and are read again as they were', async (t) => {
  const dir = folder(t)
  const input = write(join(dir, 'in.jsonl'), [
    { id: 'a', text: PROSE },
    { id: 'b', text: PROSE },
    { id: 'c', text: '이것은 혼자 있는 다른 글이다' },
  ])
  for (const format of ['parquet', 'arrow']) {
    const [out, again] = [join(dir, format), join(dir, `${format}-again`)]
    assert.equal((await kopipe(['clean', input, '-o', out, '--format', format, ...NEAR])).code, 0)
    assert.equal((await kopipe(['clean', out, '-o', again, '--dedupe', 'off', ...NEAR])).code, 0)
    assert.deepEqual(
      lines(again, 'documents').map(({ id, kopipe }) => [id, kopipe]),
      [
        ['a', { cluster_size: 2 }],
        ['c', undefined],
      ],
    )
  }
})

test('a source of higher priority stays, whatever the lengths', async (t) => {
  const dir = folder(t)
  const recipe = join(dir, 'recipe.yaml')
  writeFileSync(recipe, 'clean:\n  dedupe:\n    priority: [wiki, news]\n')
  const documents = ['blog', 'news', 'wiki'].map((source, i) => ({ id: source, source, text: PROSE + ' 끝.'.repeat(3 - i) }))
  const input = write(join(dir, 'in.jsonl'), [...documents, { id: 'copy', source: 'blog', text: documents[2]?.text }])
  const out = join(dir, 'out')
  assert.equal((await kopipe(['clean', input, '-o', out, '--recipe', recipe, '--quiet'])).code, 0)
  assert.deepEqual(
    lines(out, 'documents').map(({ id, kopipe }) => [id, kopipe]),
    [['wiki', { cluster_size: 4 }]],
  )
})

test('neither workers, memory, units nor formats decide', async (t) => {
  const dir = folder(t)
  const [a, b] = [join(dir, 'a.jsonl'), join(dir, 'b.jsonl.zst')]
  writeFileSync(a, withNearDuplicates(koreanLines(9000, 31)))
  writeFileSync(b, zstdCompressSync(withNearDuplicates(koreanLines(9000, 31) + koreanLines(3000, 32))))
  const outcome = async (name: string, ...more: string[]) => {
    const out = join(dir, name)
    const { code, summary, stderr } = await kopipe(['clean', a, b, '-o', out, ...NEAR, '--allow-loss', '--max-document', '1MB', ...more])
    assert.equal(code, 0, stderr)
    const near = summary.dropped['near-duplicate']?.docs ?? 0
    assert.ok(near > 1000, `${near} near-duplicates`)
    const documents = lines(out, 'documents').map(({ id, n, kopipe }) => [id, n, kopipe])
    return { files: new Map([...tree(out)].filter(([path]) => path !== 'kopipe.json')), documents, near }
  }
  const one = await outcome('one', '--workers', '1')
  for (const [name, ...more] of [
    ['two', '--workers', '2'],
    ['narrow', '--memory', '160MB'],
    ['three', '--workers', '3'],
  ]) {
    assert.deepEqual((await outcome(name as string, ...more)).files, one.files, name)
  }
  assert.deepEqual((await outcome('units', '--unit-size', '300KB')).documents, one.documents)
})

test('a source that loses most of its documents is told, and stops the run unless that is allowed', async (t) => {
  const dir = folder(t)
  const half = Array.from({ length: 150 }, (_, i) => ({
    id: `h${i}`,
    source: 'half',
    text: `${i % 60}번 문서. ${PROSE}`.repeat(1 + (i % 60)),
  }))
  const all = Array.from({ length: 150 }, (_, i) => ({ id: `a${i}`, source: 'all', text: `${PROSE} 다시.${' '.repeat(i)}.` }))
  const input = write(join(dir, 'in.jsonl'), [...half, ...all])
  const args = ['clean', input, '-o', join(dir, 'out'), '--recipe', 'none']
  const stopped = await kopipe(args)
  assert.equal(stopped.code, 2, stopped.stderr)
  assert.match(stopped.stderr, /over 95 % of a source would go:\s+"all" loses 1\d\d of 150 documents[\s\S]*--allow-loss/)
  const told = await kopipe([...args, '--allow-loss'])
  assert.equal(told.code, 0, told.stderr)
  assert.match(told.stderr, /warning: "half" loses \d+ of 150 documents as duplicates/)
})

test('inspect shows a near-duplicate beside what stays for it, and what differs; why tells it', async (t) => {
  const dir = folder(t)
  const other = PROSE.replace('겨울에는 눈이 내려', '여름에는 비가 내려')
  const input = write(join(dir, 'in.jsonl'), [
    { id: 'stays', text: PROSE },
    { id: 'goes', text: other },
    { id: 'differs', text: `${PROSE.slice(0, 112)} 배를 타고 바다로 나간다.` },
  ])
  const out = join(dir, 'out')
  assert.equal((await kopipe(['clean', input, '-o', out, '--quiet'])).code, 0)
  const { stdout, code } = await kopipe(['inspect', out, '--reason', 'near-duplicate'])
  assert.equal(code, 0)
  const gone = stdout.includes('beside stays')
    ? /goes {2}\[in\] {2}beside stays\n.*\[-겨울-\]\{\+여름\+\}에는 \[-눈이-\]\{\+비가\+\}/
    : /beside goes/
  assert.match(stdout, gone)
  assert.match(stdout, /just kept\n {2}0\.\d+ {2}differs/)
  const why = await kopipe(['why', out, stdout.includes('beside stays') ? 'goes' : 'stays'])
  assert.match(why.stdout, /dropped, near-duplicate: 0\.[89]\d* like (stays|goes), record \d of part 0/)
})

test('the profile datatrove makes exactly the clusters of datatrove', async (t) => {
  if (!corpusFile(t, 'kowiki-2023.jsonl.zst')) return
  const dir = folder(t)
  const input = join(dir, 'dd.jsonl')
  writeFileSync(input, dd().join('\n'))
  const out = join(dir, 'out')
  const { code, stderr } = await kopipe(['clean', input, '-o', out, ...NEAR, '--near-profile', 'datatrove', '--unit-size', '1GB'])
  assert.equal(code, 0, stderr)
  const clusters = new Map<number, number[]>()
  for (const { ordinal, cluster } of lines(out, 'duplicates') as unknown as Told[]) {
    clusters.set(cluster.ordinal, [...(clusters.get(cluster.ordinal) ?? []), ordinal])
  }
  const partition = [...clusters.values()].sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0))
  // Made by test/golden/minhash_clusters.py.
  const golden = JSON.parse(readFileSync(resolve(import.meta.dirname, '../golden/minhash_clusters.json'), 'utf8')) as number[][]
  assert.deepEqual(partition, golden)
})

test('real editions of one page: what goes is alike, character by character', async (t) => {
  const older = corpusFile(t, 'ms-docs-2018.jsonl.zst')
  const newer = corpusFile(t, 'ms-docs-2021.jsonl.zst')
  if (!older || !newer) return
  const out = join(folder(t), 'out')
  const { code, summary, stderr } = await kopipe(['clean', older, newer, '-o', out, ...NEAR])
  assert.equal(code, 0, stderr)
  assert.ok((summary.dropped['near-duplicate']?.docs ?? 0) > 100)
  const texts = [older, newer].map((path) => zstdDecompressSync(readFileSync(path)).toString().split('\n').filter(Boolean))
  const textAt = ({ unit, ordinal }: { unit: number; ordinal: number }) =>
    (JSON.parse(texts[unit]?.[ordinal] ?? '{}') as { text: string }).text
  const gone = (lines(out, 'duplicates') as unknown as Told[]).filter(({ rule }) => rule === 'jaccard').filter((_, i) => i % 10 === 0)
  for (const { unit, ordinal, of, score = 0 } of gone) {
    const [a, b] = [shingles(textAt({ unit, ordinal })), shingles(textAt(of ?? { unit: 0, ordinal: 0 }))]
    const both = [...a].filter((shingle) => b.has(shingle)).length
    const truth = both / (a.size + b.size - both)
    // Sketches of long texts are samples.
    assert.ok(Math.abs(truth - score) < (Math.max(a.size, b.size) > 1024 ? 0.07 : 0.002), `${truth} ${score}`)
  }
})

function shingles(text: string): Set<string> {
  const characters = [...text]
  return new Set(characters.slice(4).map((_, i) => characters.slice(i, i + 5).join('')))
}
