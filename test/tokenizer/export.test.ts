/** What stands beside tokenizer.json is read by the tools that it is for. */

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { folder, kopipe, peer } from '../kit.ts'

test("transformers, GPT-NeoX and readers of vocab.json load what was trained, with HF's own files", async (t) => {
  const dir = folder(t)
  const input = join(dir, 'in.jsonl')
  const texts = [
    '서울은 대한민국의 수도이다. 1234',
    '전화 <|tel|> 12 "따옴표" \\ 3',
    'it\'s 0 1 2 3 4 5 6 7 8 9 {"a": 1}',
    '<|endoftext|>가나다',
  ]
  writeFileSync(
    input,
    texts
      .map((text) => `${JSON.stringify({ text })}\n`)
      .join('')
      .repeat(20),
  )
  const trained = join(dir, 'trained')
  const { code, stderr } = await kopipe(['tokenize', input, '-o', trained, '--vocab-size', '400', '--special', '<|tel|>', '--quiet'])
  assert.equal(code, 0, stderr)
  const found = await peer(t, ['load', trained, input])
  if (!found) return
  assert.deepEqual(found, { documents: 80, auto: 0, old: 40, saved_alike: true, eos: 0, pad: 1, neox_eod: 0, neox_pad: 1, mask: true })
})

test('inspect shows the tokens of a text, parts of characters as bytes', async () => {
  const tokenizer = join(import.meta.dirname, '..', 'golden', 'tokenizer', 'korean.json')
  const shown = await kopipe(['inspect', tokenizer, ' 한국어\u001b[31m 뷁'])
  assert.equal(shown.code, 0, shown.stderr)
  assert.match(shown.stdout, /│한국어│/)
  assert.match(shown.stdout, /│\\x1b│/)
  assert.match(shown.stdout, /<20 eb>/)
  assert.match(shown.stdout, /tokens of 11 characters/)
  const { summary } = await kopipe(['inspect', tokenizer, '가나', '--json', '--quiet'])
  const { tokens } = summary as unknown as { tokens: { bytes: string }[] }
  assert.equal(Buffer.from(tokens.map(({ bytes }) => bytes).join(''), 'hex').toString(), '가나')
  const none = await kopipe(['inspect', tokenizer])
  assert.equal(none.code, 2)
})
