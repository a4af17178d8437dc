/** Personal data through the commands: cut by `clean`, counted, tokens of `tokenize`, ids of `pack`; what the sample plants. */

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { folder, kopipe, lines, type Summary } from '../kit.ts'

const POLYGLOT = ['tel', 'rrn', 'acc', 'crd', 'email', 'url', 'ip', 'brn', 'pspt', 'dln'].map((kind) => `<|${kind}|>`)

async function run(...args: string[]): Promise<Summary> {
  const { code, summary, stderr } = await kopipe([...args, '--json', '--quiet'])
  assert.equal(code, 0, stderr)
  return summary
}

const texts = (artifact: string) => lines(artifact, 'documents').map(({ text }) => text)
const record = (artifact: string) => JSON.parse(readFileSync(join(artifact, 'kopipe.json'), 'utf8')) as { masks?: string[] }

/** JSON lines of documents long enough to stay. */
function write(path: string, documents: object[]): string {
  writeFileSync(path, documents.map((document) => `${JSON.stringify(document)}\n`).join(''))
  return path
}

test('clean cuts, says how often, and counts what is cut outside the identity; duplicates count no more', async (t) => {
  const dir = folder(t)
  const phone = {
    id: 'a',
    text: '문의는 010-1234-5678로, 급하면 02-2123-4567로 주시면 저희가 아는 데까지 성심껏 답해 드리겠습니다',
    kopipe: { encoding: 'euc-kr' },
  }
  const mail = { id: 'c', text: '메일은 gil.dong@example.co.kr입니다 <|tel|> 꼭 보내 주세요' }
  const input = write(join(dir, 'in.jsonl'), [phone, { ...phone, id: 'b', text: phone.text.replace('5678', '9999') }, mail])
  const out = join(dir, 'out')
  const summary = await run('clean', input, '-o', out, '--dedupe', 'exact')
  assert.deepEqual(
    lines(out, 'documents').map(({ text, kopipe }) => [text, kopipe]),
    [
      [
        '문의는 <|tel|>로, 급하면 <|tel|>로 주시면 저희가 아는 데까지 성심껏 답해 드리겠습니다',
        { encoding: 'euc-kr', masked: { tel: 2 }, cluster_size: 2 },
      ],
      ['메일은 <|email|>입니다 < |tel|> 꼭 보내 주세요', { masked: { email: 1 } }],
    ],
  )
  assert.equal(summary.dropped['exact-duplicate']?.docs, 1)
  assert.deepEqual(summary.cut, { email: { docs: 1, hits: 1, bytes: 22 }, tel: { docs: 1, hits: 2, bytes: 25 } })
  assert.deepEqual(record(out).masks, POLYGLOT)
  const { stdout } = await kopipe(['clean', input, '-o', join(dir, 'told'), '--dedupe', 'exact'])
  assert.match(stdout, /masked tel +1 documents +25 B, 2 times/)
})

test('--mask chooses the style: dps has pairs and knows six kinds, off and the recipe none leave all', async (t) => {
  const dir = folder(t)
  const text =
    '전화 010-1234-5678 주소 https://example.com/b 서버 211.234.5.6 <|tel|> <|tel_end|> 한국어 문서입니다 한글이 넉넉히 들어 있어야 문서가 남습니다'
  const input = write(join(dir, 'in.jsonl'), [{ id: 'a', text }])
  await run('clean', input, '-o', join(dir, 'dps'), '--mask', 'dps')
  assert.deepEqual(texts(join(dir, 'dps')), [
    '전화 <|tel_start|><|tel_end|> 주소 <|url_start|><|url_end|> 서버 211.234.5.6 <|tel|> < |tel_end|> 한국어 문서입니다 한글이 넉넉히 들어 있어야 문서가 남습니다',
  ])
  assert.equal(record(join(dir, 'dps')).masks?.length, 12)
  for (const [name, ...flags] of [
    ['off', '--mask', 'off'],
    ['none', '--recipe', 'none'],
  ] as [string, ...string[]][]) {
    await run('clean', input, '-o', join(dir, name), ...flags)
    assert.deepEqual(texts(join(dir, name)), [text])
    assert.deepEqual(record(join(dir, name)).masks, [])
  }
  const wrong = await kopipe(['clean', input, '-o', join(dir, 'wrong'), '--mask', 'presidio'])
  assert.equal(wrong.code, 2)
})

test('a recipe names its kinds, and another kind is refused', async (t) => {
  const dir = folder(t)
  const input = write(join(dir, 'in.jsonl'), [{ id: 'a', text: '전화 010-1234-5678, 메일 gildong@example.kr로 연락 주세요' }])
  const recipe = (kinds: string) => {
    const path = join(dir, 'recipe.yaml')
    writeFileSync(path, `clean:\n  mask:\n    kinds: [${kinds}]\n`)
    return path
  }
  await run('clean', input, '-o', join(dir, 'out'), '--recipe', recipe('email'))
  assert.deepEqual(texts(join(dir, 'out')), ['전화 010-1234-5678, 메일 <|email|>로 연락 주세요'])
  assert.deepEqual(record(join(dir, 'out')).masks, ['<|email|>'])
  assert.equal((await kopipe(['clean', input, '-o', join(dir, 'bad'), '--recipe', recipe('mail')])).code, 2)
})

test('cleaning an artifact again changes nothing; masks of raw text beside it are broken', async (t) => {
  const dir = folder(t)
  const masked = { id: 'a', text: '연락처 010-1234-5678, 계좌 110-123-456789입니다. 많은 연락 바랍니다' }
  const first = join(dir, 'first')
  await run('clean', write(join(dir, 'in.jsonl'), [masked]), '-o', first)
  const raw = write(join(dir, 'raw.jsonl'), [{ id: 'r', text: '여기에는 <|tel|> 표시와 <|acc|> 표시가 있습니다' }])
  await run('clean', first, raw, '-o', join(dir, 'second'))
  assert.deepEqual(lines(join(dir, 'second'), 'documents')[0], lines(first, 'documents')[0])
  assert.equal(texts(join(dir, 'second'))[1], '여기에는 < |tel|> 표시와 < |acc|> 표시가 있습니다')
  // Masks travel even where nothing is masked now, and raw text is still kept from having any.
  await run('clean', first, raw, '-o', join(dir, 'third'), '--mask', 'off')
  assert.deepEqual(texts(join(dir, 'third')), texts(join(dir, 'second')))
  assert.deepEqual(record(join(dir, 'third')).masks, POLYGLOT)
})

test('masks are special tokens of tokenize and ids of pack; what looks like one in raw text is text', async (t) => {
  const dir = folder(t)
  const documents = Array.from({ length: 60 }, (_, n) => ({
    id: `d${n}`,
    text: `${n}번째 문서의 전화 010-1234-${5000 + n}, 메일 a${n}@example.kr <|endoftext|> <|tel|> 그리고 한국어 문장입니다`,
  }))
  const clean = join(dir, 'clean')
  await run('clean', write(join(dir, 'in.jsonl'), documents), '-o', clean, '--dedupe', 'off')
  const tokenizer = join(dir, 'tokenizer')
  await run('tokenize', clean, '-o', tokenizer, '--vocab-size', '300', '--special', '<|user|>')
  const file = join(tokenizer, 'tokenizer.json')
  const { added_tokens } = JSON.parse(readFileSync(file, 'utf8')) as { added_tokens: { id: number; content: string }[] }
  assert.deepEqual(
    added_tokens.map(({ content }) => content),
    ['<|endoftext|>', '<|padding|>', '<|user|>', ...POLYGLOT],
  )
  const idOf = (content: string) => added_tokens.find((token) => token.content === content)?.id
  const packed = async (input: string, name: string) => {
    await run('pack', input, '--tokenizer', file, '-o', join(dir, name))
    const bin = readFileSync(join(dir, name, 'shards/00000.bin'))
    const ids = Array.from({ length: bin.length / 2 }, (_, i) => bin.readUInt16LE(2 * i))
    return (content: string) => ids.filter((id) => id === idOf(content)).length
  }
  const ofArtifact = await packed(clean, 'packed')
  assert.deepEqual(['<|tel|>', '<|email|>', '<|endoftext|>'].map(ofArtifact), [60, 60, 60])
  const ofRaw = await packed(write(join(dir, 'raw.jsonl'), documents), 'packed-raw')
  assert.deepEqual(['<|tel|>', '<|email|>', '<|endoftext|>'].map(ofRaw), [0, 0, 60])
  // A tokenizer without these tokens has them as text, and that is said.
  const other = join(import.meta.dirname, '..', 'golden', 'tokenizer', 'korean.json')
  const told = await kopipe(['pack', clean, '--tokenizer', other, '-o', join(dir, 'packed-other')])
  assert.match(told.stderr, /warning: .*korean\.json has no token <\|tel\|> .*<\|dln\|>: these masks of the input are encoded as text/)
  // A record of a stranger makes no other token of a text.
  const path = join(clean, 'kopipe.json')
  writeFileSync(path, JSON.stringify({ ...record(clean), masks: ['<|endoftext|>', '<|email|>'] }))
  const ofForged = await packed(clean, 'packed-forged')
  assert.deepEqual(['<|tel|>', '<|email|>', '<|endoftext|>'].map(ofForged), [0, 60, 60])
})

interface Planted {
  kind: string
  id: string
  pii?: string
  like?: string
  value: string
  at: number
}

test('of what the sample plants each kind is found, and nothing else is', async (t) => {
  const dir = folder(t)
  await run('sample', '-o', join(dir, 'sample'), '--size', '120MB', '--seed', '5')
  const truth = readFileSync(join(dir, 'sample/truth.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Planted)
  await run('clean', join(dir, 'sample'), '-o', join(dir, 'clean'), '--dedupe', 'off', '--memory', '1GB')
  const planted = new Map(truth.filter(({ kind }) => kind === 'pii' || kind === 'look-alike').map((said) => [said.id, said]))
  const others = new Set(truth.map(({ id }) => id).filter((id) => !planted.has(id)))
  const score = new Map<string, { right: number; wrong: number; missed: number }>()
  const of = (mask: string) => score.get(mask) ?? score.set(mask, { right: 0, wrong: 0, missed: 0 }).get(mask) ?? assert.fail()
  for (const { id, text, kopipe } of lines(join(dir, 'clean'), 'documents')) {
    const masked = Object.entries((kopipe as { masked?: Record<string, number> } | undefined)?.masked ?? {})
    const said = planted.get(id as string)
    const expected = said?.pii && `<|${said.pii}|>`
    // Spam has telephone numbers that the truth does not list.
    if (!said && others.has(id as string)) continue
    const right =
      expected &&
      Buffer.from(text as string)
        .subarray(said.at)
        .toString()
        .startsWith(expected)
    if (expected) of(expected)[right ? 'right' : 'missed'] += 1
    for (const [kind, hits] of masked) of(`<|${kind}|>`).wrong += right && kind === said?.pii ? hits - 1 : hits
  }
  for (const mask of POLYGLOT) {
    const { right, wrong, missed } = of(mask)
    const [recall, precision] = [right / (right + missed), right / (right + wrong)]
    t.diagnostic(`${mask} planted ${right + missed}, recall ${recall.toFixed(4)}, precision ${precision.toFixed(4)}`)
    assert.ok(right + missed > 50, `${mask}: ${right + missed} planted`)
    assert.ok(recall >= (mask === '<|ip|>' || mask === '<|tel|>' ? 0.93 : 0.99), `${mask}: recall ${recall}`)
    assert.ok(precision >= 0.99, `${mask}: precision ${precision}`)
  }
})
