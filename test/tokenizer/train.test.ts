/** `tokenize` as a user runs it: what it accounts for, refuses and resumes, and that nothing else decides its bytes. */

import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { native } from '../../native/index.ts'
import { campaign, folder, kopipe, koreanLines, lines, random, tree } from '../kit.ts'

const QUIET = ['--quiet', '--json', '--vocab-size', '1000']

const REJECTS = 'rejects/00000.jsonl.zst'
/** What names files of the input: they are sources where a record has none. */
const NAMING = [REJECTS, 'report.html', 'report.json', 'sample.jsonl.zst']
const FILES = [
  'kopipe.json',
  'merges.txt',
  'special_tokens_map.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'vocab.json',
  ...NAMING,
].sort()

/** Digests of everything but kopipe.json, which names the inputs. */
function result(artifact: string): Map<string, string> {
  return new Map([...tree(artifact)].filter(([path]) => path !== 'kopipe.json'))
}

/** None of a folder that is not there, or goes while it is looked at. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

test('workers, memory, compression and the cut into files decide nothing', async (t) => {
  const dir = folder(t)
  const text = koreanLines(20_000, 1)
  const half = text.indexOf('\n', text.length / 2) + 1
  writeFileSync(join(dir, 'all.jsonl'), text)
  writeFileSync(join(dir, 'all.jsonl.zst'), zstdCompressSync(text))
  writeFileSync(join(dir, '1.jsonl'), text.slice(0, half))
  writeFileSync(join(dir, '2.jsonl'), text.slice(half))
  const reference = await kopipe(['tokenize', join(dir, 'all.jsonl'), '-o', join(dir, 'reference'), ...QUIET, '--workers', '1'])
  assert.equal(reference.code, 0, reference.stderr)
  assert.deepEqual([...tree(join(dir, 'reference')).keys()], FILES)
  const runs: [string, string[]][] = [
    ['workers', [join(dir, 'all.jsonl'), '--workers', '4']],
    ['memory', [join(dir, 'all.jsonl'), '--memory', '700MB', '--workers', '3']],
    ['zst', [join(dir, 'all.jsonl.zst')]],
    ['files', [join(dir, '2.jsonl'), join(dir, '1.jsonl')]],
  ]
  for (const [name, args] of runs) {
    const run = await kopipe(['tokenize', ...args, '-o', join(dir, name), ...QUIET])
    assert.equal(run.code, 0, run.stderr)
    const [found, expected] = [result(join(dir, name)), result(join(dir, 'reference'))]
    for (const files of args[0]?.endsWith('all.jsonl') ? [] : [found, expected]) for (const name of NAMING) files.delete(name)
    assert.deepEqual(found, expected, name)
    assert.deepEqual(
      [run.summary.read, run.summary.kept, run.summary.malformed],
      [reference.summary.read, reference.summary.kept, reference.summary.malformed],
    )
  }
})

test('every document is accounted for, and broken ones do not count', async (t) => {
  const dir = folder(t)
  writeFileSync(join(dir, 'in.jsonl'), '{"text":"가나다 가나다"}\nbroken\n{"text":""}\n{"other":1}\n{"text":"길어서 버려지는 문서"}\n')
  const args = (out: string) => ['tokenize', join(dir, 'in.jsonl'), '-o', join(dir, out), ...QUIET]
  const { code, summary } = await kopipe([...args('out'), '--max-document', '20'])
  assert.equal(code, 0)
  assert.deepEqual([summary.read.docs, summary.kept.docs, summary.malformed.docs], [5, 2, 2])
  assert.equal(summary.dropped['too-long']?.docs, 1)
  // 가나다 with and without its blank: nine merges, and nothing is left to merge. These two occur.
  assert.deepEqual(summary.pretokens, { types: 2, once: 2, occurrences: 2 })
  assert.deepEqual(summary.vocabulary, { size: 258 + 9, merges: 9, unused: 267 - 2 - 2 })
  const place = { file: join(dir, 'in.jsonl'), unit: 0 }
  assert.deepEqual(
    lines(join(dir, 'out'), 'rejects').map(({ raw, text, kopipe }) => [raw ?? text, kopipe]),
    [
      [
        'broken',
        {
          reason: 'malformed',
          why: 'not a JSON object: Invalid JSON value at line 1 column 1',
          ...place,
          offset: 31,
          bytes: 7,
          ordinal: 1,
        },
      ],
      ['{"other":1}', { reason: 'malformed', why: 'no key "text"', ...place, offset: 50, bytes: 12, ordinal: 3 }],
      ['길어서 버려지는 문서', { reason: 'too-long', value: 29, threshold: 20, ...place, offset: 62, bytes: 29, ordinal: 4 }],
    ],
  )
  const record = JSON.parse(readFileSync(join(dir, 'out', 'kopipe.json'), 'utf8'))
  const rejects = readFileSync(join(dir, 'out', 'rejects', '00000.jsonl.zst'))
  assert.equal(record.files['rejects/00000.jsonl.zst'].bytes, rejects.length)
  writeFileSync(join(dir, 'in.jsonl'), '{"text":"가나다"}\n')
  assert.equal((await kopipe(args('good'))).code, 0)
  assert.deepEqual(
    [...tree(join(dir, 'good')).keys()],
    FILES.filter((name) => name !== REJECTS),
  )
})

test('what cannot be trained on is refused', async (t) => {
  const dir = folder(t)
  writeFileSync(join(dir, 'empty.jsonl'), '{"text":""}\n')
  writeFileSync(join(dir, 'in.jsonl'), '{"text":"가나다"}\n')
  const empty = await kopipe(['tokenize', join(dir, 'empty.jsonl'), '-o', join(dir, 'a')])
  assert.equal(empty.code, 1)
  assert.match(empty.stderr, /there is no text to train on/)
  const small = await kopipe(['tokenize', join(dir, 'in.jsonl'), '-o', join(dir, 'b'), '--vocab-size', '100'])
  assert.equal(small.code, 2)
  assert.match(small.stderr, /--vocab-size: expected at least 258/)
  const lossy = await kopipe(['tokenize', join(dir, 'in.jsonl'), '-o', join(dir, 'b'), '--limit-alphabet', '200'])
  assert.equal(lossy.code, 2)
  assert.match(lossy.stderr, /--limit-alphabet 200 would lose 56 of the 256 bytes/)
  const blank = await kopipe(['tokenize', join(dir, 'in.jsonl'), '-o', join(dir, 'b'), '--special', ''])
  assert.equal(blank.code, 2)
  assert.equal((await kopipe(['tokenize', join(dir, 'in.jsonl'), '-o', join(dir, 'c'), ...QUIET])).code, 0)
  const changed = await kopipe(['tokenize', join(dir, 'in.jsonl'), '-o', join(dir, 'c'), '--vocab-size', '999'])
  assert.equal(changed.code, 1)
  assert.match(changed.stderr, /vocabSize: 1000 then, 999 now/)
})

test('a fault at any operation stops clearly; the same command finishes, from the counts where they are sealed', async (t) => {
  const dir = folder(t)
  writeFileSync(join(dir, 'in.jsonl'), koreanLines(3000, 2))
  const args = (out: string) => ['tokenize', join(dir, 'in.jsonl'), '-o', join(dir, out), ...QUIET]
  assert.equal((await kopipe(args('reference'))).code, 0)
  const reference = tree(join(dir, 'reference'))
  let [failed, resumed] = [0, 0]
  for (const fault of ['enospc', 'crash']) {
    for (let at = 1; ; at += campaign(9, 3)) {
      const out = `${fault}-${at}`
      const broken = await kopipe(args(out), { env: { KOPIPE_FAULT: `${fault}@${at}` } })
      if (broken.code === 0) break
      failed += 1
      if (fault === 'enospc') assert.match(broken.stderr, /kopipe: cannot \w+ \//)
      if (existsSync(join(dir, out, 'scratch', 'counts.done.json'))) resumed += 1
      const again = await kopipe(args(out))
      assert.equal(again.code, 0, `${fault}@${at}: ${again.stderr}`)
      assert.deepEqual(tree(join(dir, out)), reference, `${fault}@${at}`)
    }
  }
  assert.ok(failed > 10 && resumed > 2, `${failed} faults hit, ${resumed} with sealed counts`)
})

test('merging goes on from sealed counts: the documents are not read again', async (t) => {
  const dir = folder(t)
  const [input, out] = [join(dir, 'in.jsonl'), join(dir, 'out')]
  const text = koreanLines(3000, 3)
  const write = (content: string | Buffer) => {
    writeFileSync(input, content)
    utimesSync(input, 1e9, 1e9)
  }
  write(text)
  assert.equal((await kopipe(['tokenize', input, '-o', join(dir, 'reference'), ...QUIET])).code, 0)
  for (let at = 1; !existsSync(join(out, 'scratch', 'counts.done.json')); at += 3) {
    const { code } = await kopipe(['tokenize', input, '-o', out, ...QUIET, '--overwrite'], { env: { KOPIPE_FAULT: `crash@${at}` } })
    assert.notEqual(code, 0, 'no crash came between counting and merging')
  }
  // What only looks like the input: of its length and time.
  write(Buffer.alloc(Buffer.byteLength(text), '\n'))
  const resumed = await kopipe(['tokenize', input, '-o', out, ...QUIET])
  assert.equal(resumed.code, 0, resumed.stderr)
  assert.deepEqual(result(out), result(join(dir, 'reference')))
})

test('what does not fit into --memory is on disk while counting and while merging, and the tokenizer is the same', async (t) => {
  const dir = folder(t)
  const next = random(7)
  const syllable = () => String.fromCharCode(0xac00 + Math.floor(next() * 11172))
  // Nearly every eojeol is one of its own: a table of one of 16 workers has room for few of the 800,000, and all of them
  // take more than training may.
  const line = () => JSON.stringify({ text: Array.from({ length: 100 }, () => syllable() + syllable() + syllable()).join(' ') })
  writeFileSync(join(dir, 'in.jsonl'), Array.from({ length: 8000 }, () => `${line()}\n`).join(''))
  const spilled = new Set<string>()
  const run = async (out: string, ...more: string[]) => {
    const { code, stderr } = await kopipe(
      ['tokenize', join(dir, 'in.jsonl'), '-o', join(dir, out), ...QUIET, '--max-document', '100KB', ...more],
      {
        started: (child) => {
          const watch = setInterval(() => {
            for (const name of namesIn(join(dir, out, 'scratch'))) if (/^(run|words)-\d+$/.test(name)) spilled.add(`${out}/${name}`)
          }, 5)
          child.on('close', () => clearInterval(watch))
        },
      },
    )
    assert.equal(code, 0, stderr)
  }
  await run('large', '--memory', '4GB')
  assert.equal(spilled.size, 0, 'four gigabytes hold everything')
  await run('small', '--memory', '151MB', '--workers', '16')
  const seen = (what: string) => [...spilled].filter((name) => name.includes(`/${what}-`)).length
  assert.ok(seen('run') >= 2, `${seen('run')} runs of counts`)
  assert.ok(seen('words') >= 1, 'words were on disk between two segments')
  assert.deepEqual(result(join(dir, 'small')), result(join(dir, 'large')))
})

test('decode ∘ encode is the identity on any text', async () => {
  const path = join(import.meta.dirname, '..', 'golden', 'tokenizer', 'korean.json')
  const tokenizer = await native.loadTokenizer(path)
  const syllable = fc.integer({ min: 0xac00, max: 0xd7a3 }).map((c) => String.fromCodePoint(c))
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: syllable }),
    fc.string({ unit: fc.constantFrom(' ', '\n', '가', 'a', '<|', '|>') }),
  )
  const check = fc.property(text, (text) => assert.equal(tokenizer.decode(tokenizer.encode(text)), text))
  fc.assert(check, { numRuns: 2000 })
  assert.equal(tokenizer.vocabularySize, Object.keys(JSON.parse(readFileSync(path, 'utf8')).model.vocab).length)
  assert.throws(() => tokenizer.decode([700]), /there is no token of id 700/)
})
