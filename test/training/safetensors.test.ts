import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { KopipeError } from '../../core/errors.ts'
import { readSafetensors, writeSafetensors } from '../../training/safetensors.ts'

const tensor = fc
  .tuple(fc.string({ unit: 'grapheme', maxLength: 12 }), fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 }))
  .filter(([name]) => name !== '__metadata__' && name !== '__proto__')
  .chain(([name, shape]) => {
    const length = shape.reduce((product, n) => product * n, 1)
    return fc.float32Array({ minLength: length, maxLength: length }).map((values) => ({ name, shape, values }))
  })

test('what is written is read back, bit by bit', () => {
  fc.assert(
    fc.property(fc.uniqueArray(tensor, { selector: ({ name }) => name }), (tensors) => {
      const read = readSafetensors(writeSafetensors(tensors), 'x')
      const bits = (list: typeof tensors) =>
        Object.fromEntries(
          list.map(({ name, shape, values }) => [`${name}`, [shape, Buffer.from(new Uint8Array(values.slice().buffer)).toString('hex')]]),
        )
      assert.deepEqual(bits(read as typeof tensors), bits(tensors))
    }),
  )
})

test('no bytes whatever make it do anything but read or refuse', () => {
  const good = writeSafetensors([{ name: 'a', shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) }])
  fc.assert(
    fc.property(fc.nat({ max: good.length - 1 }), fc.integer({ min: 0, max: 255 }), fc.nat({ max: good.length }), (at, byte, length) => {
      const bytes = Buffer.from(good)
      bytes[at] = byte
      try {
        readSafetensors(bytes.subarray(0, length), 'x')
      } catch (error) {
        assert.ok(error instanceof KopipeError && error.kind === 'corrupt', String(error))
      }
    }),
    { numRuns: 2000 },
  )
})

/** A file of a hand-made header and so many bytes of numbers. */
function file(header: unknown, bytes: number): Buffer {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  return Buffer.concat([length, json, Buffer.alloc(bytes)])
}

const entry = (shape: unknown, start: unknown, end: unknown, dtype: unknown = 'F32') => ({ dtype, shape, data_offsets: [start, end] })

for (const [what, bytes, message] of [
  ['shorter than its length', Buffer.alloc(7), /8 bytes of header length were expected, the file has 7/],
  ['a header beyond the end', Buffer.from('ffffffffffffff7f', 'hex'), /a header of \d+ bytes was announced, the file has 8/],
  ['no JSON', file('{', 0), /its header is not JSON/],
  ['no object', file([], 0), /its header is no JSON object/],
  ['another type', file({ a: entry([2], 0, 2, 'U8') }, 2), /tensor a is of type U8; kopipe reads F32, F16 and BF16/],
  ['a type that there is not', file({ a: entry([1], 0, 4, 'F5') }, 4), /tensor a is of an unknown type, F5/],
  ['half as long as its type', file({ a: entry([2], 0, 2, 'BF16') }, 2), /tensor a of shape \[2\] needs 4 bytes and has 2/],
  ['a negative shape', file({ a: entry([-1], 0, 4) }, 4), /tensor a has no shape/],
  ['no offsets', file({ a: { dtype: 'F32', shape: [1] } }, 4), /tensor a has no data_offsets/],
  ['null for a tensor', file({ a: null }, 4), /tensor a is of an unknown type, undefined/],
  ['a length that is not the shape', file({ a: entry([2], 0, 4) }, 4), /tensor a of shape \[2\] needs 8 bytes and has 4/],
  ['a shape that overflows', file({ a: entry([2 ** 40, 2 ** 40], 0, 4) }, 4), /needs \S+ bytes and has 4/],
  ['a gap', file({ a: entry([1], 4, 8) }, 8), /tensor a begins at 4, where 0 was expected/],
  ['an overlap', file({ a: entry([2], 0, 8), b: entry([1], 4, 8) }, 8), /tensor b begins at 4, where 8 was expected/],
  ['bytes left over', file({ a: entry([1], 0, 4) }, 8), /its tensors end at byte 4, the file at 8/],
  ['bytes missing', file({ a: entry([2], 0, 8) }, 4), /its tensors end at byte 8, the file at 4/],
] as const) {
  test(`refused: ${what}`, () => assert.throws(() => readSafetensors(bytes, 'x'), { name: 'KopipeError', kind: 'corrupt', message }))
}

test("Hugging Face's metadata is passed over", () => {
  const read = readSafetensors(file({ __metadata__: { format: 'pt' }, a: entry([], 0, 4) }, 4), 'x')
  assert.deepEqual(read, [{ name: 'a', shape: [], values: Float32Array.of(0) }])
})

test('f16 and bf16 are read as the numbers they are', () => {
  const read = (dtype: string, ...bits: number[]) => {
    const bytes = file({ a: entry([bits.length], 0, 2 * bits.length, dtype) }, 2 * bits.length)
    Buffer.from(Uint16Array.from(bits).buffer).copy(bytes, bytes.length - 2 * bits.length)
    return [...(readSafetensors(bytes, 'x')[0]?.values ?? [])]
  }
  const { POSITIVE_INFINITY: infinity, NaN: none } = Number
  assert.deepEqual(read('F16', 0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x83ff, 0x0000, 0x8000, 0x7c00, 0xfc00, 0x7e00, 0x3555), [
    1,
    -2,
    65504,
    2 ** -14,
    2 ** -24,
    -1023 * 2 ** -24,
    0,
    -0,
    infinity,
    -infinity,
    none,
    0x555 * 2 ** -12,
  ])
  assert.deepEqual(read('BF16', 0x3f80, 0xc000, 0x7f80, 0x3eab, 0x8000), [1, -2, infinity, 0xab * 2 ** -9, -0])
})

test('what is not wanted may be of any type', () => {
  const bytes = file({ a: entry([1], 0, 1, 'BOOL'), b: entry([1], 1, 5) }, 5)
  assert.deepEqual(
    readSafetensors(bytes, 'x', (name) => name === 'b').map(({ name }) => name),
    ['b'],
  )
})
