/** The numbers of a tokenizer, against values computed by hand and a slow twin. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cutsSyllable, qualityOf, renyiEfficiency } from '../../tokenizer/quality.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

test('Rényi efficiency: by hand', () => {
  assert.equal(renyiEfficiency([5, 5, 5, 5], 4), 1)
  assert.equal(renyiEfficiency([7, 0, 0], 3), 0, 'one token says nothing')
  assert.equal(renyiEfficiency([0, 0], 2), 0)
  assert.equal(renyiEfficiency([3], 1), 0)
  // p = 3/4, 1/4: Σ p^2.5 = 0.487139 + 0.03125; −ln(0.518389)/1.5 = 0.438019; / ln 3 = 0.398702.
  assert.ok(Math.abs(renyiEfficiency([0, 3, 1], 3) - 0.398702) < 1e-6)
  // α = 2: −ln(9/16 + 1/16) / ln 3.
  assert.ok(Math.abs(renyiEfficiency([0, 3, 1], 3, 2) - 0.427815) < 1e-6)
})

test('what cuts a syllable', () => {
  const jamo = '한글'.normalize('NFD')
  const cases: [string | number[], boolean][] = [
    ['가', false],
    [' 가나', false],
    ['a', false],
    ['\0', false],
    ['😀', false],
    [[0xea, 0xb0], true],
    [[0xb0, 0x80], true],
    [[0x80], true],
    [[0xff], true],
    [[0xc2], true],
    [[...bytes('가'), 0xeb], true],
    [[0x80, ...bytes('가')], true],
    [jamo, false],
    [jamo.slice(0, 2), false],
    [` ${jamo.slice(0, 1)}`, true],
    [jamo.slice(1), true],
    [jamo.slice(2), true],
    [jamo.slice(3), false],
    // Compatibility jamo are characters of their own.
    ['ㅋㅋ', false],
  ]
  for (const [token, expected] of cases) {
    assert.equal(cutsSyllable(typeof token === 'string' ? bytes(token) : Uint8Array.from(token)), expected, JSON.stringify(token))
  }
})

test('pieces of texts cut syllables where a decoder or a regex says so', () => {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const slow = (piece: Uint8Array) => {
    try {
      return /^[\u1160-\u11ff]|[\u1100-\u115f]$/.test(decoder.decode(piece))
    } catch {
      return true
    }
  }
  const unit = fc.oneof(
    fc.integer({ min: 0xac00, max: 0xd7a3 }).map((c) => String.fromCodePoint(c).normalize('NFD')),
    fc.integer({ min: 0xac00, max: 0xd7a3 }).map((c) => String.fromCodePoint(c)),
    fc.integer({ min: 0x10ff, max: 0x1201 }).map((c) => String.fromCodePoint(c)),
    fc.constantFrom('a', ' ', 'é', '😀', '\u{323b0}', 'ㅋ'),
  )
  const check = fc.property(fc.string({ unit, minLength: 1, maxLength: 6 }), fc.nat(), fc.nat(), (text, a, b) => {
    const whole = bytes(text)
    const [start, end] = [a % whole.length, b % (whole.length + 1)].sort((x, y) => x - y) as [number, number]
    const piece = whole.subarray(start, Math.max(end, start + 1))
    assert.equal(cutsSyllable(piece), slow(piece), Buffer.from(piece).toString('hex'))
  })
  fc.assert(check, { numRuns: 3000 })
})

test('shares are of what they say', () => {
  // A special token, 가, its first byte, an id that there is not, a letter that never occurs.
  const spelled = [bytes('<|endoftext|>'), bytes('가'), Uint8Array.of(0xea), new Uint8Array(), bytes('a')]
  const tokens = { size: spelled.length, specials: new Set([0]), bytes: (id: number) => spelled[id] as Uint8Array }
  const quality = qualityOf([0, 6, 2, 0, 0], tokens, { bytes: 20, characters: 8, eojeol: 2 })
  const { renyiEfficiency: renyi, ...rest } = quality
  assert.deepEqual(rest, {
    tokens: 8,
    tokensPerCharacter: 1,
    tokensPerEojeol: 4,
    bytesPerToken: 2.5,
    used: 2,
    usedShare: 0.5,
    cutOccurrences: 2,
    cutOccurrenceShare: 0.25,
    cutTokens: 1,
    cutTokenShare: 0.25,
  })
  assert.equal(renyi, renyiEfficiency([6, 2], 4))
  const none = qualityOf([], tokens, { bytes: 0, characters: 0, eojeol: 0 })
  assert.ok(Object.values(none).every(Number.isFinite))
})
