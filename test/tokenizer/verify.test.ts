/** `tokenize --verify`: HF's own tokenizers beside kopipe on the kept sample. */

import assert from 'node:assert/strict'
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { zstdCompressSync } from 'node:zlib'
import type { Compared, Verified } from '../../tokenizer/verify.ts'
import { folder, kopipe, koreanLines, peersPython } from '../kit.ts'

const QUIET = ['--quiet', '--json', '--vocab-size', '1000']

/** No Python at all, so that a test does not depend on which one the machine has. */
const NO_PYTHON = { KOPIPE_PYTHON: '/nowhere/python3' }

/** The Python that has the peers; skips the test, saying so, where there is none. */
function pythonWithPeers(t: TestContext): { KOPIPE_PYTHON: string } | undefined {
  const python = peersPython(t)
  return python === undefined ? undefined : { KOPIPE_PYTHON: python }
}

test('both peers give the same ids, special strings read and as text', async (t) => {
  const env = pythonWithPeers(t)
  if (!env) return
  const dir = folder(t)
  const [input, out] = [join(dir, 'in.jsonl'), join(dir, 'out')]
  writeFileSync(input, `${koreanLines(500, 9)}${JSON.stringify({ text: '앞<|endoftext|>뒤 <|tel|>12', source: 'specials' })}\n`)
  const { code, stderr, summary } = await kopipe(['tokenize', input, '-o', out, ...QUIET, '--special', '<|tel|>', '--verify'], { env })
  assert.equal(code, 0, stderr)
  const { javascript, python } = summary.verified as { javascript: Compared; python: Compared }
  assert.deepEqual([javascript.version, python.version], ['0.2.0', '0.23.3'])
  for (const { docs, tokens, differ, differences } of [javascript, python]) {
    assert.ok(docs > 100 && tokens > docs)
    assert.deepEqual([differ, differences], [0, []])
  }
  assert.deepEqual([javascript.docs, javascript.tokens], [python.docs, python.tokens])
})

test('a peer that gives other ids fails the command, with document, place and ids; the other peer does not', async (t) => {
  const dir = folder(t)
  const [input, out] = [join(dir, 'in.jsonl'), join(dir, 'out')]
  // A letter since Unicode 17: this Node may know it. HF's engine has 16, where it is a sign like the one behind it.
  if (!/\p{L}/u.test('\u{323b0}')) return t.skip('SKIPPED: this Node knows no letter that HF does not')
  const text = '가나다 라마바 \u{323b0}! 사아자'
  writeFileSync(input, `${JSON.stringify({ id: 'later', text, source: '새\u202e것' })}\n`.repeat(50))
  const args = ['tokenize', input, '-o', out, '--json', '--vocab-size', '400', '--verify']
  const { code, stderr, stdout, summary } = await kopipe(args, { env: NO_PYTHON })
  assert.equal(code, 1)
  const { javascript, python } = summary.verified as { javascript: Compared; python: { missing: string; hint: string } }
  assert.deepEqual([javascript.docs, javascript.differ], [1, 1])
  const [difference] = javascript.differences
  const { id, reading, character, around } = difference ?? {}
  assert.deepEqual({ id, reading, character }, { id: 'later', reading: 'parsed', character: 7 })
  assert.ok(around?.includes('\u{323b0}!'))
  assert.notDeepEqual(difference?.ours, difference?.theirs)
  assert.match(stderr, /@huggingface\/tokenizers 0\.2\.0 gives other ids for 1 of 1 documents/)
  assert.match(stderr, /later \[.*\], character 7, special tokens read/)
  assert.match(stdout, /not compared: there is no \/nowhere\/python3\n {2}Install Python 3/)
  assert.match(python.missing, /no \/nowhere\/python3/)

  // The tokenizer is finished all the same; on the finished artifact Python's is asked alone.
  const env = pythonWithPeers(t)
  if (!env) return
  const before = statSync(join(out, 'kopipe.json')).mtimeMs
  const again = await kopipe(args, { env })
  assert.equal(again.code, 1)
  assert.equal((again.summary.verified as Verified & { python: Compared }).python.differ, 0)
  assert.doesNotMatch(again.stderr, /Python/)
  assert.equal(statSync(join(out, 'kopipe.json')).mtimeMs, before)
})

test('a Python without tokenizers is said, with what to do', async (t) => {
  const dir = folder(t)
  const python = join(dir, 'python3')
  // Answers as one without the package does; which Pythons this machine has does not matter.
  writeFileSync(python, '#!/bin/sh\necho \'{"missing": "No module named tokenizers"}\'\n', { mode: 0o755 })
  writeFileSync(join(dir, 'in.jsonl'), koreanLines(50, 3))
  const args = ['tokenize', join(dir, 'in.jsonl'), '-o', join(dir, 'out'), '--vocab-size', '300', '--verify']
  const without = await kopipe(args, { env: { KOPIPE_PYTHON: python } })
  assert.equal(without.code, 0, without.stderr)
  assert.match(
    without.stdout,
    /not compared: .*python3 has no tokenizers: No module named tokenizers\n {2}.*python3 -m pip install tokenizers/,
  )
  // And one that dies.
  writeFileSync(python, '#!/bin/sh\necho \'{"version": "9"}\'\necho oh no >&2\nexit 3\n', { mode: 0o755 })
  const dead = await kopipe(args, { env: { KOPIPE_PYTHON: python } })
  assert.equal(dead.code, 1)
  assert.match(dead.stderr, /python3 failed at comparing .*oh no/)
})

test('a sample that is not there, or is none, is an error', async (t) => {
  const dir = folder(t)
  writeFileSync(join(dir, 'in.jsonl'), koreanLines(50, 3))
  const args = ['tokenize', join(dir, 'in.jsonl'), '-o', join(dir, 'out'), ...QUIET, '--verify']
  assert.equal((await kopipe(args, { env: NO_PYTHON })).code, 0)
  const sample = join(dir, 'out', 'sample.jsonl.zst')
  for (const [content, expected] of [
    [readFileSync(sample).subarray(0, 100), /is not a sample that tokenize kept/],
    [zstdCompressSync('not json\n'), /is not a sample that tokenize kept/],
    [zstdCompressSync(Buffer.alloc(2 ** 28 + 1)), /is not a sample that tokenize kept/],
    [undefined, /holds no sample\.jsonl\.zst[\s\S]*--overwrite/],
  ] as const) {
    if (content) writeFileSync(sample, content)
    else rmSync(sample)
    const { code, stderr } = await kopipe(args, { env: NO_PYTHON })
    assert.equal(code, 1)
    assert.match(stderr, expected)
  }
})
