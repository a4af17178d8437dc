/** `--units` and `--morphemes`: what tokens are made of, and where they may not reach across. */

import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Tokenizer as PeerTokenizer } from '@huggingface/tokenizers'
import { native } from '../../native/index.ts'
import { ANALYSER, Analyser } from '../../tokenizer/analyser.ts'
import { campaign, folder, kopipe, random, tree } from '../kit.ts'

const NOUNS = ['학교', '대한민국', '사람', '도서관', '문제', '컴퓨터', '역사', '나무', '🙂', 'Linux', '中國', 'café']
const PARTICLES = ['에서', '는', '은', '이', '가', '을', '의', '에게', '으로', '부터']
const VERBS = ['갔다', '먹었습니다', '공부하고 있다', '만들어졌다', '보았던 것이다', '없었지만', '생각한다.', '됩니다!']

/** Sentences of real words. */
function sentences(count: number, seed: number): string[] {
  const next = random(seed)
  const pick = (from: readonly string[]) => from[Math.floor(next() ** 1.5 * from.length)] as string
  const noun = () => pick(NOUNS) + pick(PARTICLES)
  return Array.from({ length: count }, () => `${noun()} ${noun()} ${pick(VERBS)}${next() < 0.3 ? `\n(${noun()}) ${pick(VERBS)}` : ''}`)
}

const jsonLines = (texts: readonly string[]) => texts.map((text) => `${JSON.stringify({ text })}\n`).join('')

/** The bytes of every token but the special ones, the first two. */
async function tokens(path: string): Promise<Buffer[]> {
  const tokenizer = await native.loadTokenizer(path)
  return Array.from({ length: tokenizer.vocabularySize - 2 }, (_, i) => tokenizer.bytes(i + 2))
}

const isText = (bytes: Uint8Array) => Buffer.from(bytes).toString().includes('\ufffd') === false

/** Within one character: it begins one that does not end, or is what comes after a beginning. */
function isPart(bytes: Buffer): boolean {
  const isTail = bytes.every((byte) => byte >= 0x80 && byte < 0xc0)
  const lead = bytes[0] ?? 0
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2
  return isTail || (lead >= 0xc0 && bytes.length < length && bytes.subarray(1).every((byte) => byte >= 0x80 && byte < 0xc0))
}

test('--units syllables: a token is whole characters or lies within one, and HF gives the same ids', async (t) => {
  const dir = folder(t)
  const texts = sentences(3000, 1)
  writeFileSync(join(dir, 'in.jsonl'), jsonLines(texts))
  const train = (units: string) =>
    kopipe(['tokenize', join(dir, 'in.jsonl'), '-o', join(dir, units), '--units', units, '--vocab-size', '500', '--quiet', '--json'])
  for (const units of ['syllables', 'bytes']) assert.equal((await train(units)).code, 0)
  const cutting = async (units: string) =>
    (await tokens(join(dir, units, 'tokenizer.json'))).filter((b) => !isText(b) && !isPart(b) && b.length > 1)
  assert.deepEqual(await cutting('syllables'), [])
  assert.notDeepEqual(await cutting('bytes'), [])
  const path = join(dir, 'syllables', 'tokenizer.json')
  const [ours, peer] = [await native.loadTokenizer(path), new PeerTokenizer(JSON.parse(readFileSync(path, 'utf8')), {})]
  for (const text of sentences(200, 2)) {
    const ids = ours.encode(text)
    assert.deepEqual(ids, peer.encode(text).ids)
    assert.equal(ours.decode(ids), text)
  }
})

test('--units jamo: syllables are decomposed, every jamo is a token, and HF gives the same ids', async (t) => {
  const dir = folder(t)
  writeFileSync(join(dir, 'in.jsonl'), jsonLines(sentences(3000, 3)))
  const { code, stderr } = await kopipe([
    'tokenize',
    join(dir, 'in.jsonl'),
    '-o',
    join(dir, 'out'),
    '--units',
    'jamo',
    '--vocab-size',
    '600',
    '--quiet',
  ])
  assert.equal(code, 0, stderr)
  const path = join(dir, 'out', 'tokenizer.json')
  assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')).normalizer, { type: 'NFD' })
  const found = (await tokens(path)).map(String)
  for (const [first, last] of [
    [0x1100, 0x1112],
    [0x1161, 0x1175],
    [0x11a8, 0x11c2],
  ] as const) {
    for (let code = first; code <= last; code++) assert.ok(found.includes(String.fromCharCode(code)), code.toString(16))
  }
  assert.ok(
    found.some((token) => token.length > 1 && /^[\u1161-\u1175]/.test(token)),
    'no token begins inside of a syllable',
  )
  const [ours, peer] = [await native.loadTokenizer(path), new PeerTokenizer(JSON.parse(readFileSync(path, 'utf8')), {})]
  for (const text of [...sentences(200, 4), '한글e\u0301', '\u1112\u1161\u11ab글', '\u1113\u1161 ᄒ ㅋㅋ']) {
    const ids = ours.encode(text)
    assert.deepEqual(ids, peer.encode(text).ids, text)
    assert.equal(ours.decode(ids), text.normalize('NFD'))
  }
})

test('--morphemes: merges are those of the morphemes as texts of their own; workers and memory decide nothing', async (t) => {
  const dir = folder(t)
  const texts = sentences(800, 5)
  writeFileSync(join(dir, 'in.jsonl'), jsonLines(texts))
  const args = (out: string, ...more: string[]) => [
    'tokenize',
    join(dir, 'in.jsonl'),
    '-o',
    join(dir, out),
    '--vocab-size',
    '420',
    '--quiet',
    '--json',
    ...more,
  ]
  const marked = await kopipe(args('marked', '--morphemes', '--workers', '1'))
  assert.equal(marked.code, 0, marked.stderr)
  // The slow twin: every pretoken, cut by the same analyser where it comes five times, is a document as often as it occurs.
  const counts = new Map<string, number>()
  for (const [pretoken] of texts.flatMap((text) => [
    ...text.matchAll(/'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu),
  ])) {
    counts.set(pretoken, (counts.get(pretoken) ?? 0) + 1)
  }
  const analyser = new Analyser()
  t.after(() => analyser.close())
  const parts: string[] = []
  let [asked, cut] = [0, 0]
  for (const [pretoken, count] of counts) {
    const word = pretoken.trimStart()
    if (count < 5 || !/[가-힣]/.test(word) || [...word].length < 2) {
      for (let i = 0; i < count; i++) parts.push(pretoken)
      continue
    }
    const [number = 0, ...cuts] = await analyser.boundaries(`${word}\n`)
    asked += 1
    cut += number > 0 ? 1 : 0
    const bytes = Buffer.from(word)
    const pieces = [0, ...cuts].map((from, i) => bytes.subarray(from, cuts[i]).toString())
    pieces[0] = pretoken.slice(0, pretoken.length - word.length) + pieces[0]
    for (let i = 0; i < count; i++) parts.push(...pieces)
  }
  assert.deepEqual(marked.summary.morphemes, { analyser: ANALYSER, asked, cut })
  assert.ok(cut > 50, `${cut} pretokens have several morphemes`)
  writeFileSync(join(dir, 'parts.jsonl'), jsonLines(parts))
  const twin = await kopipe(['tokenize', join(dir, 'parts.jsonl'), '-o', join(dir, 'twin'), '--vocab-size', '420', '--quiet'])
  assert.equal(twin.code, 0, twin.stderr)
  const tokenizer = (out: string) => readFileSync(join(dir, out, 'tokenizer.json'), 'utf8')
  assert.equal(tokenizer('marked'), tokenizer('twin'))
  for (const [name, more] of [
    ['workers', ['--workers', '3']],
    ['memory', ['--memory', '700MB', '--max-document', '1MB']],
  ] as const) {
    const same = await kopipe(args(name, '--morphemes', ...more))
    assert.deepEqual(same.summary.morphemes, marked.summary.morphemes)
    assert.equal(tokenizer(name), tokenizer('marked'), name)
  }
  // So many are not seen that nothing is cut.
  const rare = await kopipe(args('rare', '--morphemes', '--morpheme-min-count', '100000'))
  assert.deepEqual(rare.summary.morphemes, { analyser: ANALYSER, asked: 0, cut: 0 })
  assert.equal((await kopipe(args('plain'))).code, 0)
  assert.equal(tokenizer('rare'), tokenizer('plain'))
  assert.notEqual(tokenizer('marked'), tokenizer('plain'))
})

test('morphemes are found once: a fault stops clearly, and the same command goes on from what is sealed', async (t) => {
  const dir = folder(t)
  writeFileSync(join(dir, 'in.jsonl'), jsonLines(sentences(300, 6)))
  const args = (out: string) => [
    'tokenize',
    join(dir, 'in.jsonl'),
    '-o',
    join(dir, out),
    '--morphemes',
    '--vocab-size',
    '400',
    '--quiet',
    '--workers',
    '1',
  ]
  assert.equal((await kopipe(args('reference'))).code, 0)
  let resumed = 0
  for (let at = 2; ; at += campaign(17, 5)) {
    const out = `crash-${at}`
    const broken = await kopipe(args(out), { env: { KOPIPE_FAULT: `crash@${at}` } })
    if (broken.code === 0) break
    if (existsSync(join(dir, out, 'scratch', 'marked.done.json'))) resumed += 1
    const again = await kopipe(args(out))
    assert.equal(again.code, 0, `crash@${at}: ${again.stderr}`)
    assert.deepEqual(tree(join(dir, out)), tree(join(dir, 'reference')), `crash@${at}`)
  }
  assert.ok(resumed > 0, 'no crash came behind the marking')
})

test('units that cannot be together are refused', async (t) => {
  const dir = folder(t)
  writeFileSync(join(dir, 'in.jsonl'), jsonLines(['가']))
  const refused = async (...more: string[]) => {
    const { code, stderr } = await kopipe(['tokenize', join(dir, 'in.jsonl'), '-o', join(dir, 'out'), ...more])
    assert.equal(code, 2, stderr)
    return stderr
  }
  assert.match(await refused('--units', 'jamo', '--morphemes'), /--morphemes is not for --units jamo/)
  assert.match(await refused('--units', 'jamo', '--initial-alphabet', 'found'), /begins with all 256 bytes/)
  assert.match(
    await refused('--morphemes', '--memory', '400MB', '--max-document', '1MB'),
    /expected a --memory of at least 500MB, got 400MB/,
  )
  assert.match(await refused('--units', 'letters'), /expected bytes, syllables or jamo/)
  assert.match(
    await refused('--units', 'jamo', '--vocab-size', '300'),
    /expected at least 329 \(2 special tokens, 256 bytes and 71 for jamo\), got 300/,
  )
})
