/** Against the peers themselves on real documents: skipped, and said so, where corpus or peer is not there. */

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { zstdDecompressSync } from 'node:zlib'
import { Tokenizer as PeerTokenizer } from '@huggingface/tokenizers'
import { native } from '../../native/index.ts'
import { corpusFile, folder, kopipe, peer } from '../kit.ts'

/** File of the corpus and how many of its documents are taken: HF encodes 4 MB/s. */
const SAMPLES = [
  ['news-titles', 20_000],
  ['chat', 20_000],
  ['news-comments', 10_000],
  ['nfd', 300],
  ['colonial-magazines', 60],
  ['precedents', 60],
] as const

/** With GPT-2's pattern all of them, with each of the others a few. */
const PATTERNS = [
  ['gpt2', 1],
  ['cl100k', 10],
  ['o200k', 10],
  ['qwen2', 10],
] as const

for (const [pattern, part] of PATTERNS) {
  test(`${pattern}: trained, packed and decoded as HF does, on real documents`, (t) => equalsThePeer(t, pattern, part))
}

async function equalsThePeer(t: TestContext, pattern: string, part: number): Promise<void> {
  const dir = folder(t)
  const inputs: string[] = []
  for (const [name, documents] of SAMPLES) {
    const file = corpusFile(t, `${name}.jsonl.zst`)
    if (!file) return
    const lines = zstdDecompressSync(readFileSync(file))
      .toString()
      .split('\n')
      .slice(0, documents / part)
    inputs.push(join(dir, `${name}.jsonl`))
    writeFileSync(join(dir, `${name}.jsonl`), lines.filter(Boolean).join('\n'))
  }
  const [trained, packed, theirs] = [join(dir, 'trained'), join(dir, 'packed'), join(dir, 'theirs.json')]
  if (!(await peer(t, ['train', '8000', pattern, theirs, ...inputs]))) return
  const trainedRun = await kopipe(['tokenize', ...inputs, '-o', trained, '--pattern', pattern, '--vocab-size', '8000', '--quiet'])
  assert.equal(trainedRun.code, 0, trainedRun.stderr)
  assert.ok(readFileSync(join(trained, 'tokenizer.json')).equals(readFileSync(theirs)), 'tokenizer.json differs from what HF saves')

  const tokenizer = join(trained, 'tokenizer.json')
  const packing = ['pack', ...inputs, '--tokenizer', tokenizer, '-o', packed, '--shard-size', '1MB', '--json', '--quiet']
  const { code, stderr, summary } = await kopipe(packing)
  assert.equal(code, 0, stderr)
  const found = await peer(t, ['check', packed, theirs, ...inputs])
  assert.deepEqual(found, { documents: summary.documents, tokens: summary.tokens, ids: 0, texts: 0 })

  const ours = await native.loadTokenizer(tokenizer)
  const javascript = new PeerTokenizer(JSON.parse(readFileSync(tokenizer, 'utf8')), {})
  for (const input of inputs) {
    for (const line of readFileSync(input, 'utf8').split('\n').slice(0, 100)) {
      const { text } = JSON.parse(line) as { text: string }
      if (text.length < 20_000) assert.deepEqual(ours.encode(text), javascript.encode(text).ids)
    }
  }
}
