/** The whole chain on a small sample: each command takes what the one before it left, and the report shows them all. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { folder, kopipe } from '../kit.ts'

test('sample → clean → tokenize → pack → train → stats', async (t) => {
  const dir = folder(t)
  const at = (name: string) => join(dir, name)
  const run = async (...args: string[]) => {
    const { code, stderr, summary } = await kopipe([...args, '--json', '--quiet'])
    assert.equal(code, 0, stderr)
    return summary
  }
  await run('sample', '-o', at('sample'), '--size', '4MB')
  const cleaned = await run('clean', at('sample'), '-o', at('clean'))
  const tokenized = await run('tokenize', at('clean'), '-o', at('tokenizer'), '--vocab-size', '600')
  assert.deepEqual(tokenized.read.docs, cleaned.kept.docs)
  const packed = await run('pack', at('clean'), '--tokenizer', join(at('tokenizer'), 'tokenizer.json'), '-o', at('dataset'))
  assert.equal(packed.documents, cleaned.kept.docs)
  const short = ['--steps', '3', '--sequence-length', '32', '--batch-size', '2']
  const trained = await run('train', at('dataset'), '-o', at('run'), ...short)
  assert.equal(trained.steps, 3)
  assert.ok((trained.loss as number) > 0 && (trained.unigram_loss as number) > 0)
  await run('stats', at('clean'), at('tokenizer'), at('dataset'), at('run'), '-o', at('report.html'))
  const page = readFileSync(at('report.html'), 'utf8')
  for (const kind of ['clean', 'tokenize', 'pack', 'train']) assert.match(page, new RegExp(`<h3>${kind}: `))
  assert.ok((page.match(/<svg/g)?.length ?? 0) >= 6)
})
