/** The same tokenizer.json and the same ids as HF tokenizers 0.23.3, which made the golden files (test/golden/tokenizer.py). */

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Tokenizer as PeerTokenizer } from '@huggingface/tokenizers'
import { native } from '../../native/index.ts'
import { folder, kopipe } from '../kit.ts'

interface Case {
  name: string
  documents: string[]
  vocabSize: number
  minFrequency: number
  special: string[]
  pattern: string
  /** Further settings, by the names of HF's trainer. */
  more?: { max_token_length?: number; initial_alphabet?: []; limit_alphabet?: number }
  /** None where the vocabulary loses bytes. */
  encoded: { text: string; ids: number[] }[]
}

const golden = join(import.meta.dirname, '..', 'golden', 'tokenizer')
const cases = JSON.parse(readFileSync(join(golden, 'cases.json'), 'utf8')) as Case[]

for (const { name, documents, vocabSize, minFrequency, special, pattern, more = {}, encoded } of cases) {
  test(`${name}: tokenizer.json is what HF saves, byte for byte`, async (t) => {
    const dir = folder(t)
    const input = join(dir, 'in.jsonl')
    writeFileSync(input, documents.map((text) => `${JSON.stringify({ text })}\n`).join(''))
    const sizes = ['--vocab-size', `${vocabSize}`, '--min-frequency', `${minFrequency}`]
    const flags = ['--pattern', pattern, ...sizes, ...special.flatMap((s) => ['--special', s])]
    if (more.max_token_length) flags.push('--max-token-length', `${more.max_token_length}`)
    if (more.initial_alphabet) flags.push('--initial-alphabet', 'found')
    if (more.limit_alphabet) flags.push('--limit-alphabet', `${more.limit_alphabet}`)
    const { code, stderr, summary } = await kopipe(['tokenize', input, '-o', join(dir, 'out'), ...flags, '--quiet', '--json'])
    assert.equal(code, 0, stderr)
    assert.equal(summary.kept.docs, documents.length)
    const [ours, theirs] = [join(dir, 'out', 'tokenizer.json'), join(golden, `${name}.json`)].map((path) => readFileSync(path, 'utf8'))
    assert.equal(ours, theirs)
  })

  if (encoded.length === 0) continue

  test(`${name}: the same ids, and decoding gives the text back`, async () => {
    const tokenizer = await native.loadTokenizer(join(golden, `${name}.json`))
    for (const { text, ids } of encoded) {
      assert.deepEqual(tokenizer.encode(text), ids, JSON.stringify(text))
      assert.equal(tokenizer.decode(ids), text)
    }
  })

  test(`${name}: @huggingface/tokenizers gives the same ids`, async () => {
    const tokenizer = await native.loadTokenizer(join(golden, `${name}.json`))
    const peer = new PeerTokenizer(JSON.parse(readFileSync(join(golden, `${name}.json`), 'utf8')), {})
    // It has no switch that reads special strings as text, and its letters are those of this Node, which may know newer ones.
    const isText = (text: string) => !['<|', '\u{323b0}', ...special].some((token) => text.includes(token))
    for (const { text } of encoded.filter(({ text }) => isText(text))) {
      assert.deepEqual(tokenizer.encode(text), peer.encode(text).ids, JSON.stringify(text))
    }
  })
}
