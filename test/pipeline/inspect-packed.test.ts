/** `inspect` of what is packed: every document and sample is what was packed, however it is looked at, and none acts on a terminal. */

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { hasColours, tokenLines } from '../../cli/coloured.ts'
import type { Split } from '../../core/dataset.ts'
import { documentAt, openShards, overview } from '../../pipeline/explain/packed.ts'
import { shownTokens } from '../../tokenizer/shown.ts'
import { sampleAt } from '../../training/inspect.ts'
import { folder, kopipe, koreanLines } from '../kit.ts'
import { writeShard } from '../training/shards.ts'
import { manifest, packed, TOKENIZER, texts } from './shards-kit.ts'

const HOSTILE = '제목\u001b[2J\u001b]0;owned\u0007\u009b31m 앞\r뒤\t칸\n둘째 줄 │ 😀'

test('every document of a dataset, by its number, is the text that was packed', async (t) => {
  const dir = folder(t)
  const input = `${koreanLines(400, 5)}${JSON.stringify({ text: HOSTILE })}\n`
  const out = await packed(dir, 'packed', [input], '--shard-size', '20KB')
  const expected = texts(input)
  const [shards, { shards: listed, documents, tokens }] = [await openShards(out, undefined), manifest(out)]
  assert.ok(listed.length > 3)
  let at = 0
  const lengths: number[] = []
  for (const [number, text] of expected.entries()) {
    const found = await documentAt(shards, number)
    const shown = await shownTokens(shards.tokenizer, found.tokens, shards.endOfDocument?.id ?? null)
    assert.equal(shown.text, text)
    assert.equal(shown.tokens.at(-1)?.text, '<|endoftext|>')
    const whole = Buffer.from(shown.tokens.map(({ bytes }) => bytes).join(''), 'hex').toString()
    assert.equal(whole, `${text}<|endoftext|>`)
    if (found.inShard === 0) at = 0
    assert.deepEqual([found.offset, found.length], [at, found.tokens.length])
    at += 2 * found.length
    lengths.push(found.length)
  }
  const seen = await overview(shards)
  assert.deepEqual([seen.documents, seen.tokens, seen.bytes, seen.sequences], [documents, tokens, 2 * tokens, documents])
  const [longest, shortest] = [Math.max(...lengths), Math.min(...lengths)]
  assert.deepEqual(seen.longest, { document: lengths.indexOf(longest), tokens: longest })
  assert.deepEqual(seen.shortest, { document: lengths.indexOf(shortest), tokens: shortest })
  await assert.rejects(documentAt(shards, documents), { kind: 'usage', message: new RegExp(`has ${documents} documents, counted from 0`) })
})

test('every sample is made of the documents it names, in GPT-NeoX’s order', async (t) => {
  const dir = folder(t)
  for (const split of [[], ['--split', 'train=.6,valid=.2,test=.2']]) {
    const out = await packed(dir, `packed-${split.length}`, [koreanLines(200, 9)], '--shard-size', '10KB', ...split)
    const shards = await openShards(out, undefined)
    for (const part of ['train', 'valid'] as Split[]) {
      for (const wanted of [1, 300]) {
        const plan = { split: part, sequenceLength: 37, seed: 7, samples: wanted }
        const { samples, epochs } = await sampleAt(out, 0, plan)
        assert.ok(wanted === 1 ? epochs === 1 : samples >= 300)
        for (let number = 0; number < samples; number += 13) {
          const { tokens, parts } = await sampleAt(out, number, plan)
          const gathered: number[] = []
          for (const { document, inShard, prefix, offset, count, length } of parts) {
            const found = await documentAt(shards, document)
            assert.deepEqual([found.inShard, found.length, prefix.endsWith(found.shard)], [inShard, length, true])
            gathered.push(...found.tokens.subarray(offset, offset + count))
          }
          assert.deepEqual([...tokens], gathered)
          assert.equal(tokens.length, 38)
          // Only the first enters inside its document, and only the last leaves inside.
          for (const [i, { offset, count, length }] of parts.entries()) {
            if (i > 0) assert.equal(offset, 0)
            if (i < parts.length - 1) assert.equal(offset + count, length)
          }
        }
        await assert.rejects(sampleAt(out, samples, plan), { kind: 'usage', message: new RegExp(`there are ${samples} in`) })
      }
    }
  }
})

test('a document and a sample on the command line: │ between tokens, nothing that acts on a terminal', async (t) => {
  const dir = folder(t)
  const out = await packed(dir, 'packed', [`${JSON.stringify({ text: HOSTILE })}\n${koreanLines(50, 2)}`])
  const document = await kopipe(['inspect', out, '--document', '0', '--json'])
  assert.equal(document.code, 0, document.stderr)
  assert.equal(document.summary.text, HOSTILE)
  const shown = document.stdout.slice(0, document.stdout.lastIndexOf('{"read"'))
  assert.match(shown, /^document 0: \d+ tokens, in shards\/00000\.bin at byte 0\n\n│/)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  assert.ok(!/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/.test(shown), JSON.stringify(shown))
  assert.ok(shown.includes('\\x1b') && shown.includes('<c2>│<9b>') && shown.includes('→') && shown.includes('↵\n'))
  const sample = await kopipe(['inspect', out, '--sample', '3', '--sequence-length', '64', '--seed', '5', '--json'])
  assert.equal(sample.code, 0, sample.stderr)
  const { parts, tokens, epochs } = sample.summary as unknown as { parts: { count: number }[]; tokens: unknown[]; epochs: number }
  assert.deepEqual([tokens.length, parts.reduce((sum, { count }) => sum + count, 0), epochs], [65, 65, 1])
  assert.match(
    sample.stdout,
    /^sample 3 of [\d,]+ of train in one epoch, seed 5: 64 tokens and one that is only predicted\n\n── document \d+ \(shards\/00000, \d+\): /,
  )
  const all = await kopipe(['inspect', out])
  assert.match(all.stdout, /tokenizer .*a vocabulary of 700, xxh3-128 [0-9a-f]{32}\nend of document {3}<\|endoftext\|>, token 0\nlongest /)
})

test('bare shards, with their tokenizer and without, listed or not', async (t) => {
  const dir = folder(t)
  const out = await packed(dir, 'packed', [koreanLines(30, 4)])
  const bare = join(dir, 'bare')
  for (const extension of ['bin', 'idx']) writeFileSync(`${bare}.${extension}`, readFileSync(join(out, `shards/00000.${extension}`)))
  const own = await kopipe(['inspect', out, '--document', '7', '--json'])
  for (const name of [bare, `${bare}.idx`, `${bare}.bin`]) {
    const seen = await kopipe(['inspect', name, '--tokenizer', TOKENIZER, '--document', '7', '--json'])
    assert.equal(seen.code, 0, seen.stderr)
    assert.deepEqual([seen.summary.tokens, seen.summary.text], [own.summary.tokens, own.summary.text])
  }
  const ids = await kopipe(['inspect', bare, '--document', '7', '--json'])
  assert.equal(ids.summary.text, null)
  const [first] = own.summary.tokens as { id: number }[]
  assert.match(ids.stdout, new RegExp(`\n│#${first?.id}│`))
  // GPT-NeoX's merge tool lists no document: each sequence is one.
  const idx = readFileSync(`${bare}.idx`)
  const sequences = Number(idx.readBigUInt64LE(18))
  idx.writeBigUInt64LE(1n, 26)
  writeFileSync(`${bare}.idx`, idx.subarray(0, 34 + 12 * sequences + 8))
  const merged = await kopipe(['inspect', bare, '--tokenizer', TOKENIZER, '--document', '7', '--json'])
  assert.equal(merged.summary.text, own.summary.text, merged.stderr)
  const overviewed = await kopipe(['inspect', bare, '--json'])
  assert.equal(overviewed.summary.documents, sequences)
  // Ids that no tokenizer explains are shown as such.
  writeShard(join(dir, 'stray'), [[5, 60_000, 0]])
  const stray = await kopipe(['inspect', join(dir, 'stray'), '--tokenizer', TOKENIZER, '--document', '0'])
  assert.match(stray.stdout, /│#60000│/)
})

test('numbers that there are not, and options that do not belong together, end with 2 and say so', async (t) => {
  const dir = folder(t)
  const out = await packed(dir, 'packed', [koreanLines(30, 4)])
  const clean = join(dir, 'clean')
  writeFileSync(join(dir, 'in.jsonl'), koreanLines(50, 1))
  await kopipe(['clean', join(dir, 'in.jsonl'), '-o', clean, '--quiet'])
  for (const [args, message] of [
    [[out, '--document', '30000'], /--document 30000: .* has \d+ documents, counted from 0/],
    [[out, '--document', '-1'], /--document: expected a whole number from 0, got "-1"/],
    [[out, '--document', 'x'], /--document: expected a whole number from 0/],
    [[out, '--sample', '1000000'], /--sample 1000000: there are \d+ in one epoch of train, counted from 0\n--samples N/],
    [[out, '--sample', '0', '--document', '0'], /expected --document or --sample, got both/],
    [[out, '--split', 'valid'], /--split says which --sample, and there is none/],
    [[out, '--document', '0', '--seed', '3'], /--seed says which --sample/],
    [[out, '--reason', 'spam'], /--reason is for an artifact of clean; .*packed is a packed dataset/],
    [[out, '--tokenizer', TOKENIZER], /--tokenizer is for bare shards/],
    [[out, clean], /expected one ARTIFACT, PACKED or MODEL, got 2/],
    [[clean, '--document', '0'], /--document is for a packed dataset; .*clean is an artifact of clean/],
    [[TOKENIZER, '글', '--sample', '0'], /--sample is for a packed dataset; .* is a tokenizer/],
    [[], /expected one ARTIFACT, PACKED, MODEL or TOKENIZER, got none/],
  ] as const) {
    const { code, stderr } = await kopipe(['inspect', ...args])
    assert.equal(code, 2, `${args.join(' ')}: ${stderr}`)
    assert.match(stderr, message)
  }
  // A tokenizer that is not the one it was packed with would show other text.
  const own = readFileSync(join(out, 'tokenizer.json'))
  writeFileSync(join(out, 'tokenizer.json'), `${own}\n`)
  for (const args of [[], ['--document', '0'], ['--sample', '0']]) {
    const { code, stderr } = await kopipe(['inspect', out, ...args])
    assert.equal(code, 1)
    assert.match(stderr, /tokenizer\.json is not the tokenizer that dataset\.json names: [0-9a-f]{32} there, it is [0-9a-f]{32}/)
  }
  writeFileSync(join(out, 'tokenizer.json'), own)
  const missing = await kopipe(['inspect', join(dir, 'none.idx')])
  assert.equal(missing.code, 1)
  const index = readFileSync(join(out, 'shards/00000.idx'))
  writeFileSync(join(out, 'shards/00000.idx'), index.subarray(0, -8))
  const damaged = await kopipe(['inspect', out, '--document', '0'])
  assert.equal(damaged.code, 1)
  assert.match(damaged.stderr, /00000\.idx is damaged at byte 18/)
})

test('colours take turns, wrap no line break, and are for a terminal that wants them', () => {
  const seen = (text: string) => ({ id: 1, text, bytes: Buffer.from(text).toString('hex') })
  assert.deepEqual(tokenLines([seen('가'), seen(' 나\n'), { id: 3, text: null, bytes: 'ea b0'.replace(' ', '') }], true), [
    '\x1b[30;46m가\x1b[0m\x1b[30;43m 나↵\x1b[0m',
    '\x1b[30;42m<ea b0>\x1b[0m',
  ])
  assert.deepEqual(tokenLines([seen('가'), seen('\n\n'), seen('나')], false), ['│가│↵', '↵', '│나│'])
  assert.deepEqual(
    [hasColours({ isTTY: true }, {}), hasColours({ isTTY: true }, { NO_COLOR: '1' }), hasColours({}, {})],
    [true, false, false],
  )
})
