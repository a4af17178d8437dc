/** `train-filter`: the same bytes for any workers, numbers that hold, a model fastText reads, refusals, interrupts. */

import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { corpusFile, folder, kopipe, koreanLines, lines, peer, random, type Summary, tree } from '../kit.ts'

const WORDS = {
  good: ['조선은', '나라이다', '역사를', '연구한다', '서울의', '문서에', '기록되었다', '과학은'],
  bad: ['무료', '클릭', '할인', '쿠폰', '지금', '대박', '이벤트', '가입'],
}

/** Documents of a class: its words, one in ten of the other's. */
function documents(path: string, of: keyof typeof WORDS, count: number, seed: number): string {
  const next = random(seed)
  const pick = (words: string[]) => words[Math.floor(next() * words.length)]
  const word = () => pick(next() < 0.1 ? WORDS[of === 'good' ? 'bad' : 'good'] : WORDS[of])
  const text = () => Array.from({ length: 4 + Math.floor(next() * 12) }, word).join(next() < 0.2 ? '\n' : ' ')
  const all = Array.from({ length: count }, (_, i) => JSON.stringify({ id: `${of}${i}`, text: text() }))
  writeFileSync(path, `${all.join('\n')}\n`)
  return path
}

function classes(t: TestContext, counts: [number, number] = [400, 400]): { dir: string; good: string; bad: string } {
  const dir = folder(t)
  const [good, bad] = [join(dir, 'good.jsonl'), join(dir, 'bad.jsonl')]
  return { dir, good: documents(good, 'good', counts[0], 1), bad: documents(bad, 'bad', counts[1], 2) }
}

async function train(...args: string[]): Promise<Summary> {
  const { code, summary, stderr } = await kopipe(['train-filter', ...args, '--json', '--quiet'])
  assert.equal(code, 0, stderr)
  return summary
}

interface Quality {
  label: string
  least: number
  overall: Record<string, number>
  documents: Record<'good' | 'bad', { docs: number; bytes: number }> & { inBoth: number }
  folds: Record<string, number>[]
  thresholds: Record<string, number>[]
}

const quality = (out: string) => JSON.parse(readFileSync(join(out, 'quality.json'), 'utf8')) as Quality

test('a model is the same for any number of workers, and tells good from bad', async (t) => {
  const { dir, good, bad } = classes(t)
  const [one, two] = [join(dir, 'one'), join(dir, 'two')]
  const summary = await train(good, bad, '-o', one, '--workers', '1')
  await train(good, bad, '-o', two, '--workers', '2')
  assert.deepEqual(tree(one), tree(two))
  const { overall, folds, thresholds, least, documents } = quality(one)
  assert.ok((overall.f1 as number) > 0.95, JSON.stringify(overall))
  assert.deepEqual([folds.length, summary.read.docs, summary.least], [5, 800, least])
  assert.equal(
    folds.reduce((sum, fold) => sum + (fold.good as number) + (fold.bad as number), 0),
    documents.good.docs + documents.bad.docs,
  )
  const recalls = thresholds.map(({ recall }) => recall as number)
  assert.deepEqual(
    recalls,
    [...recalls].sort((a, b) => b - a),
  )
  const before = readFileSync(join(one, 'model.bin'))
  await train(good, bad, '-o', join(dir, 'other'), '--seed', '9')
  assert.notDeepEqual(readFileSync(join(dir, 'other', 'model.bin')), before)
})

test('the same command is done at once; another configuration, or another artifact, is refused', async (t) => {
  const { dir, good, bad } = classes(t)
  const out = join(dir, 'out')
  const first = await train(good, bad, '-o', out)
  const again = await train(good, bad, '-o', out)
  assert.deepEqual({ ...again, seconds: 0 }, { ...first, seconds: 0 })
  const refused = await kopipe(['train-filter', good, bad, '-o', out, '--folds', '4'])
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /folds: 5 then, 4 now/)
  const swapped = await kopipe(['train-filter', bad, good, '-o', out])
  assert.match(swapped.stderr, /begun with other inputs/)
})

test('equal texts count once, those of both classes not at all, and too few are refused', async (t) => {
  const { dir, good, bad } = classes(t)
  const both = join(dir, 'both.jsonl')
  writeFileSync(both, readFileSync(good, 'utf8').split('\n').slice(0, 50).join('\n'))
  writeFileSync(join(dir, 'bad2.jsonl'), `${readFileSync(bad, 'utf8').repeat(2)}${readFileSync(both, 'utf8')}\n`)
  const out = join(dir, 'out')
  const { read } = await train(good, join(dir, 'bad2.jsonl'), '-o', out)
  const { documents } = quality(out)
  assert.deepEqual([read.docs, documents.inBoth], [400 + 850, 50])
  assert.ok(documents.bad.docs <= 400 && documents.good.docs === 350, JSON.stringify(documents))
  const few = await kopipe(['train-filter', good, both, '-o', join(dir, 'few')])
  assert.equal(few.code, 1)
  assert.match(few.stderr, /0 different bad documents are too few for 5 folds/)
  const one = await kopipe(['train-filter', good, '-o', join(dir, 'none')])
  assert.equal(one.code, 2)
  assert.match(one.stderr, /expected GOOD and BAD, got 1 arguments/)
})

test('--limit takes a sample, and a class that is rare is learnt too', async (t) => {
  const { dir, good, bad } = classes(t, [3000, 60])
  const out = join(dir, 'out')
  await train(good, bad, '-o', out, '--limit', '100kB')
  const { documents, folds, overall } = quality(out)
  assert.ok(documents.good.bytes <= 100_000 && documents.good.bytes > 95_000, JSON.stringify(documents))
  assert.equal(documents.bad.docs, 60)
  assert.ok(folds.every(({ bad }) => bad === 12))
  assert.ok((overall.recall as number) > 0.95, JSON.stringify(overall))
})

test('fastText reads the model and predicts the same; so does the filter, by the lines to paste', async (t) => {
  const { dir, good, bad } = classes(t)
  const [out, cleaned, texts] = [join(dir, 'filter'), join(dir, 'clean'), join(dir, 'texts.jsonl')]
  const { code, stdout } = await kopipe(['train-filter', good, bad, '-o', out, '--quiet'])
  assert.equal(code, 0)
  assert.equal(stdout, '')
  const told = await kopipe(['train-filter', good, bad, '-o', out])
  const line = told.stdout.trimEnd().split('\n').at(-1) as string
  assert.match(line, /^quality: \{model: .*model\.bin, label: __label__good, least: 0\.\d+\}$/)
  writeFileSync(texts, `${readFileSync(bad, 'utf8')}${koreanLines(60, 3).replaceAll(/^(?!\{"id").*\n/gm, '')}`)
  writeFileSync(
    join(dir, 'recipe.yaml'),
    `clean:\n  normalize: {mojibake: keep, clean-up: false, spaces: keep, nfc: false}\n  filters:\n    ${line.replace(/least: .*\}/, 'least: 1}')}\n`,
  )
  const args = ['clean', texts, '-o', cleaned, '--recipe', join(dir, 'recipe.yaml'), '--mask', 'off', '--dedupe', 'off', '--quiet']
  const run = await kopipe(args)
  assert.equal(run.code, 0, run.stderr)
  const rejects = lines(cleaned, 'rejects')
  assert.ok(rejects.length > 400)
  const judged = join(dir, 'judged.jsonl')
  writeFileSync(judged, rejects.map(({ id, text }) => `${JSON.stringify({ id, text })}\n`).join(''))
  const answers = await peer(t, [join(out, 'model.bin'), judged], 'linear_peer.py')
  if (!answers) return
  const predicted = answers.predicted as Record<string, Record<string, number>>
  for (const { id, kopipe } of rejects) {
    const [value, expected] = [(kopipe as { value: number }).value, predicted[id as string]?.__label__good ?? 0]
    assert.ok(Math.abs(value - expected) < 1e-4, `${id}: ${value}, fastText ${expected}`)
  }
})

test('an interrupt stops the training; the same command does it all', async (t) => {
  const [good, bad] = [corpusFile(t, 'kowiki-2023.jsonl.zst'), corpusFile(t, 'nsmc-reviews.jsonl.zst')]
  if (!good || !bad) return
  const out = join(folder(t), 'out')
  const stopped = await kopipe(['train-filter', good, bad, '-o', out, '--limit', '4MB'], {
    started: (child) => {
      setTimeout(() => child.kill('SIGINT'), 4000)
    },
  })
  assert.equal(stopped.code, 130, stopped.stderr)
  assert.equal(JSON.parse(readFileSync(join(out, 'kopipe.json'), 'utf8')).status, 'running')
  assert.ok(!existsSync(join(out, 'quality.json')))
  const { overall } = (await train(good, bad, '-o', out, '--limit', '4MB')) as unknown as Quality
  assert.ok((overall.f1 as number) > 0.8, JSON.stringify(overall))
})
