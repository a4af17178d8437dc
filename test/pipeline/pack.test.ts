/** `pack` as a user runs it: shards by the format's table, every document accounted for, resumed to the same bytes. */

import assert from 'node:assert/strict'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { zstdCompressSync } from 'node:zlib'
import { parse } from 'yaml'
import type { Dataset } from '../../core/dataset.ts'
import { native } from '../../native/index.ts'
import { folder, kopipe, koreanLines, lines, peer, random, tree } from '../kit.ts'
import { texts } from './shards-kit.ts'

const TOKENIZER = join(import.meta.dirname, '..', 'golden', 'tokenizer', 'korean.json')
const QUIET = ['--tokenizer', TOKENIZER, '--quiet', '--json']

/** The sequences of a dataset, read by the table of the format. */
function sequences(artifact: string): { dataset: Dataset; ids: number[][] } {
  const dataset = JSON.parse(readFileSync(join(artifact, 'dataset.json'), 'utf8')) as Dataset
  const ids = dataset.shards.flatMap(({ prefix, documents, tokens }) => {
    const [bin, idx] = ['bin', 'idx'].map((extension) => readFileSync(join(artifact, `${prefix}.${extension}`))) as [Buffer, Buffer]
    const width = dataset.dtype === 'u16' ? 2 : 4
    assert.equal(idx.toString('latin1', 0, 9), 'MMIDIDX\0\0')
    assert.deepEqual([idx.readBigUInt64LE(9), idx[17]], [1n, width === 2 ? 8 : 4])
    assert.deepEqual([idx.readBigUInt64LE(18), idx.readBigUInt64LE(26)], [BigInt(documents), BigInt(documents + 1)])
    assert.deepEqual([idx.length, bin.length], [34 + 12 * documents + 8 * (documents + 1), tokens * width])
    return Array.from({ length: documents }, (_, i) => {
      const [size, pointer] = [idx.readInt32LE(34 + 4 * i), Number(idx.readBigInt64LE(34 + 4 * documents + 8 * i))]
      assert.equal(idx.readBigInt64LE(34 + 12 * documents + 8 * (i + 1)), BigInt(i + 1))
      return Array.from({ length: size }, (_, at) => bin.readUIntLE(pointer + at * width, width))
    })
  })
  return { dataset, ids }
}

/** Digests of everything but kopipe.json, which names the inputs. */
function result(artifact: string): Map<string, string> {
  return new Map([...tree(artifact)].filter(([path]) => path !== 'kopipe.json'))
}

test('every document is one sequence that decodes to it, with the end-of-document token last', async (t) => {
  const dir = folder(t)
  const lines = `${koreanLines(3000, 11)}{"text":""}\n{"text":"문서 안의 <|endoftext|> 표시"}\n{"text":"끝"}`
  writeFileSync(join(dir, 'in.jsonl'), lines)
  const { code, stderr, summary } = await kopipe(['pack', join(dir, 'in.jsonl'), '-o', join(dir, 'out'), ...QUIET, '--shard-size', '200KB'])
  assert.equal(code, 0, stderr)
  const { dataset, ids } = sequences(join(dir, 'out'))
  const tokenizer = await native.loadTokenizer(TOKENIZER)
  assert.ok(ids.every((sequence) => sequence.indexOf(0) === sequence.length - 1))
  assert.deepEqual(
    ids.map((sequence) => tokenizer.decode(sequence.slice(0, -1))),
    texts(lines),
  )
  assert.deepEqual([summary.documents, summary.shards, summary.dropped.empty?.docs], [ids.length, dataset.shards.length, 1])
  assert.deepEqual([dataset.documents, dataset.tokens, dataset.empty, dataset.dtype], [ids.length, summary.tokens, 1, 'u16'])
  assert.ok(dataset.shards.length > 3 && dataset.shards.every(({ bin }) => bin.bytes <= 200e3))
  assert.ok(readFileSync(join(dir, 'out', 'tokenizer.json')).equals(readFileSync(TOKENIZER)))
  const accounted = [summary.kept, summary.malformed, ...Object.values(summary.dropped)].reduce((sum, { docs }) => sum + docs, 0)
  assert.equal(accounted, summary.read.docs)
})

test("a reader with GPT-NeoX's semantics, in numpy, finds HF's ids", async (t) => {
  const dir = folder(t)
  const input = join(dir, 'in.jsonl')
  writeFileSync(
    input,
    texts(koreanLines(2000, 12))
      .map((text) => `${JSON.stringify({ text })}\n`)
      .join(''),
  )
  assert.equal((await kopipe(['pack', input, '-o', join(dir, 'out'), ...QUIET, '--shard-size', '300KB'])).code, 0)
  const found = await peer(t, ['check', join(dir, 'out'), TOKENIZER, input])
  if (!found) return
  const { dataset } = sequences(join(dir, 'out'))
  assert.deepEqual(found, { documents: dataset.documents, tokens: dataset.tokens, ids: 0, texts: 0 })
})

test('--parse-specials reads special strings as the tokens they are, by the ids of HF; another folder is wanted for it', async (t) => {
  const dir = folder(t)
  const golden = join(import.meta.dirname, '..', 'golden', 'imported')
  const { texts, ids: expected } = JSON.parse(readFileSync(join(golden, 'cases.json'), 'utf8')) as {
    texts: string[]
    ids: Record<string, { text: number[][]; specials: number[][] }>
  }
  const { text = [], specials = [] } = expected.qwen ?? {}
  const kept = texts.flatMap((text, i) => (text === '' ? [] : [i]))
  writeFileSync(join(dir, 'in.jsonl'), kept.map((i) => `${JSON.stringify({ text: texts[i] })}\n`).join(''))
  const run = (out: string, ...more: string[]) =>
    kopipe(['pack', join(dir, 'in.jsonl'), '-o', join(dir, out), '--tokenizer', join(golden, 'qwen.json'), '--quiet', '--json', ...more])
  const end = (await native.loadTokenizer(join(golden, 'qwen.json'))).special('<|endoftext|>')
  for (const [out, flags, ids] of [
    ['as-text', [], text],
    ['as-tokens', ['--parse-specials'], specials],
  ] as const) {
    const { code, stderr } = await run(out, ...flags)
    assert.equal(code, 0, stderr)
    assert.deepEqual(
      sequences(join(dir, out)).ids,
      kept.map((i) => [...(ids[i] ?? []), end]),
    )
  }
  const other = await run('as-text', '--parse-specials')
  assert.equal(other.code, 1)
  assert.match(other.stderr, /parseSpecials/)
})

test('workers, memory and compression decide nothing', async (t) => {
  const dir = folder(t)
  const lines = koreanLines(20_000, 13)
  writeFileSync(join(dir, 'in.jsonl'), lines)
  writeFileSync(join(dir, 'in.jsonl.zst'), zstdCompressSync(lines))
  const size = ['--shard-size', '700KB']
  const reference = await kopipe(['pack', join(dir, 'in.jsonl'), '-o', join(dir, 'reference'), ...QUIET, ...size, '--workers', '1'])
  assert.equal(reference.code, 0, reference.stderr)
  const runs: [string, string[]][] = [
    ['workers', [join(dir, 'in.jsonl'), '--workers', '5']],
    ['memory', [join(dir, 'in.jsonl'), '--memory', '350MB', '--max-document', '1MB', '--workers', '3']],
    ['zst', [join(dir, 'in.jsonl.zst')]],
  ]
  for (const [name, args] of runs) {
    assert.equal((await kopipe(['pack', ...args, '-o', join(dir, name), ...QUIET, ...size])).code, 0)
    const [found, expected] = [result(join(dir, name)), result(join(dir, 'reference'))]
    // Rejects, and with them the parts' records, name the file they came from.
    for (const files of name === 'zst' ? [found, expected] : []) {
      for (const path of [...files.keys()]) if (/^(rejects|parts)\//.test(path)) files.delete(path)
    }
    assert.deepEqual(found, expected, name)
  }
  assert.ok(result(join(dir, 'reference')).has('shards/00002.bin'), 'several shards')
})

test('what is not packed is in the rejects of its shard, with reason and place', async (t) => {
  const dir = folder(t)
  const inputs = [join(dir, 'a.jsonl'), join(dir, 'b.jsonl')]
  const text = (n: number) => JSON.stringify({ id: `d${n}`, text: '가나다 '.repeat(300) })
  const long = JSON.stringify({ id: 'long', text: '길'.repeat(500_000), n: 1 })
  const [a, b] = [`broken\n${text(1)}\n\n{"text":"","id":"none"}\n`, `${text(2)}\n${`${long}\n`.repeat(6)}[]`]
  writeFileSync(inputs[0] as string, a)
  writeFileSync(inputs[1] as string, b)
  const small = ['--shard-size', '200B', '--max-document', '1MB']
  const run = await kopipe(['pack', ...inputs, '-o', join(dir, 'out'), ...QUIET, ...small, '--workers', '1'])
  assert.equal(run.code, 0, run.stderr)
  assert.deepEqual([run.summary.shards, run.summary.malformed.docs, run.summary.dropped['too-long']?.docs], [2, 2, 6])
  const rejects = lines(join(dir, 'out'), 'rejects')
  assert.deepEqual(
    rejects.map((reject) => {
      const { reason, file, offset, bytes, unit, ordinal } = reject.kopipe as Record<string, unknown>
      return [reject.id, reason, file, offset, bytes, unit, ordinal]
    }),
    [
      ['a.jsonl:0', 'malformed', inputs[0], 0, 7, 0, 0],
      ['none', 'empty', inputs[0], Buffer.byteLength(a) - 24, 0, 0, 2],
      ...Array.from({ length: 6 }, (_, i) => {
        const offset = Buffer.byteLength(text(2)) + 1 + i * (Buffer.byteLength(long) + 1)
        return ['long', 'too-long', inputs[1], offset, 1_500_000, 1, 1 + i]
      }),
      [`b.jsonl:${Buffer.byteLength(b) - 2}`, 'malformed', inputs[1], Buffer.byteLength(b) - 2, 2, 1, 7],
    ],
  )
  assert.ok(rejects.slice(2, 8).every(({ text, n }) => Buffer.byteLength(text as string) <= 2 ** 20 && n === 1))
  for (const part of ['00000', '00001']) {
    const path = `rejects/${part}.jsonl.zst`
    const { files } = JSON.parse(readFileSync(join(dir, 'out', 'parts', `${part}.done.json`), 'utf8'))
    assert.equal(files[path].bytes, readFileSync(join(dir, 'out', path)).length)
  }
  const other = await kopipe(['pack', ...inputs, '-o', join(dir, 'other'), ...QUIET, ...small, '--workers', '4', '--memory', '400MB'])
  assert.equal(other.code, 0, other.stderr)
  assert.deepEqual(result(join(dir, 'other')), result(join(dir, 'out')), 'in frames that batches do not cut')
  writeFileSync(inputs[0] as string, `${text(1)}\n`)
  assert.equal((await kopipe(['pack', inputs[0] as string, '-o', join(dir, 'all'), ...QUIET])).code, 0)
  assert.deepEqual(lines(join(dir, 'all'), 'rejects'), [], 'nothing to say, no file')
})

test('neox.yml has the keys GPT-NeoX reads for one shard and for several', async (t) => {
  const dir = folder(t)
  writeFileSync(join(dir, 'in.jsonl'), koreanLines(1000, 16))
  const keys = async (size: string) => {
    assert.equal((await kopipe(['pack', join(dir, 'in.jsonl'), '-o', join(dir, size), ...QUIET, '--shard-size', size])).code, 0)
    return parse(readFileSync(join(dir, size, 'neox.yml'), 'utf8')) as Record<string, unknown>
  }
  const run = { make_vocab_size_divisible_by: 128, seq_length: 2048, train_iters: 1, seed: 1234 }
  const tokenizer = { data_impl: 'mmap', tokenizer_type: 'HFTokenizer', vocab_file: 'tokenizer.json', ...run }
  assert.deepEqual(await keys('4GB'), { data_path: 'shards/00000', split: '969,30,1', ...tokenizer })
  const several = await keys('200KB')
  const { shards } = sequences(join(dir, '200KB')).dataset
  const [train, [last]] = [shards.slice(0, -1), shards.slice(-1)]
  assert.ok(train.length > 1 && last)
  assert.deepEqual(several, {
    train_data_paths: train.map(({ prefix }) => prefix),
    train_data_weights: train.map(({ tokens }) => tokens),
    valid_data_paths: [last.prefix],
    valid_data_weights: [1],
    test_data_paths: [last.prefix],
    test_data_weights: [1],
    ...tokenizer,
  })
})

test('killed anywhere, the same command goes on behind the last sealed shard to the same bytes', async (t) => {
  const dir = folder(t)
  const inputs = [join(dir, 'a.jsonl'), join(dir, 'b.jsonl.zst')]
  writeFileSync(inputs[0] as string, koreanLines(2000, 14))
  writeFileSync(inputs[1] as string, zstdCompressSync(koreanLines(2000, 15)))
  const args = (out: string) => ['pack', ...inputs, '-o', join(dir, out), ...QUIET, '--shard-size', '100KB']
  const whole = await kopipe(args('reference'))
  assert.equal(whole.code, 0, whole.stderr)
  const reference = tree(join(dir, 'reference'))
  const next = random(3)
  let [failed, resumed] = [0, 0]
  for (const fault of ['crash', 'eio', 'enospc']) {
    for (let round = 0; round < 8; round++) {
      const [out, at] = [`${fault}-${round}`, 1 + Math.floor(next() * 300)]
      const broken = await kopipe(args(out), { env: { KOPIPE_FAULT: `${fault}@${at}` } })
      if (broken.code === 0) continue
      failed += 1
      if (fault !== 'crash') assert.match(broken.stderr, /kopipe: cannot \w+ \//, `${fault}@${at}`)
      const again = await kopipe(args(out))
      assert.equal(again.code, 0, `${fault}@${at}: ${again.stderr}`)
      assert.deepEqual(tree(join(dir, out)), reference, `${fault}@${at}`)
      assert.deepEqual({ ...again.summary, seconds: 0, artifact: '' }, { ...whole.summary, seconds: 0, artifact: '' })
      if (at > 60) resumed += 1
    }
  }
  assert.ok(failed >= 15 && resumed >= 8, `${failed} faults hit, ${resumed} behind the first shards`)
})

test('what cannot be packed is refused', async (t) => {
  const dir = folder(t)
  const input = join(dir, 'in.jsonl')
  writeFileSync(input, '{"text":""}\nbroken\n')
  const none = await kopipe(['pack', input, '-o', join(dir, 'none'), ...QUIET])
  assert.equal(none.code, 1)
  assert.match(none.stderr, /there is no document to pack: 2 read, 1 empty, 1 malformed/)
  assert.equal(lines(join(dir, 'none'), 'rejects').length, 2, 'which say why')
  const without = await kopipe(['pack', input, '-o', join(dir, 'x')])
  assert.equal(without.code, 2)
  assert.match(without.stderr, /--tokenizer/)
  const json = readFileSync(TOKENIZER, 'utf8')
  for (const [name, content, expected] of [
    ['other', '{"model":{"type":"Unigram"}}', /model type "Unigram" is not supported, expected BPE/],
    ['none', '{"model":{}}', /expected a tokenizer.json/],
    ['normalizer', json.replace('"normalizer": null', '"normalizer": {"type": "NFKC"}'), /normalizer .*NFKC.* is not supported/],
    ['no-end', json.replaceAll('<|endoftext|>', '<|end|>'), /no special token <\|endoftext\|>/],
  ] as const) {
    writeFileSync(join(dir, `${name}.json`), content)
    const refused = await kopipe(['pack', input, '--tokenizer', join(dir, `${name}.json`), '-o', join(dir, 'x')])
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, expected, name)
  }
  // Another tokenizer on the same folder would mix vocabularies.
  writeFileSync(input, '{"text":"가나다"}\n')
  copyFileSync(TOKENIZER, join(dir, 'mine.json'))
  assert.equal((await kopipe(['pack', input, '--tokenizer', join(dir, 'mine.json'), '-o', join(dir, 'y'), '--quiet'])).code, 0)
  writeFileSync(join(dir, 'mine.json'), `${json} `)
  const changed = await kopipe(['pack', input, '--tokenizer', join(dir, 'mine.json'), '-o', join(dir, 'y')])
  assert.equal(changed.code, 1)
  assert.match(changed.stderr, /tokenizer: .* then, .* now/)
})

test('documents end with the token of Llama 3 where a tokenizer has no <|endoftext|>', async (t) => {
  const dir = folder(t)
  const [input, packed] = [join(dir, 'in.jsonl'), join(dir, 'packed')]
  writeFileSync(input, koreanLines(20, 3))
  const llama = join(import.meta.dirname, '..', 'golden', 'imported', 'llama.json')
  const run = await kopipe(['pack', input, '--tokenizer', llama, '-o', packed, '--quiet'])
  assert.equal(run.code, 0, run.stderr)
  const { dataset, ids } = sequences(packed)
  const id = (await native.loadTokenizer(llama)).special('<|end_of_text|>')
  assert.deepEqual(dataset.endOfDocument, { text: '<|end_of_text|>', id })
  assert.ok(ids.every((document) => document.at(-1) === id && document.indexOf(id as number) === document.length - 1))
  const verified = await kopipe(['pack', 'verify', packed])
  assert.equal(verified.code, 0, verified.stderr)
  const shown = await kopipe(['inspect', packed, '--document', '0', '--json'])
  assert.equal(shown.summary.text, JSON.parse(koreanLines(1, 3)).text, shown.stderr)
})
