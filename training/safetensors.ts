/**
 * The safetensors format: u64 length of the header · JSON header · the numbers, little-endian. Written is f32; f16 and bf16,
 * which models of others have, are read as f32.
 *
 * Reading trusts nothing: a header that is too long, not JSON, or whose tensors overlap, leave gaps or lie outside the
 * file is refused, as Hugging Face's reader does. Nothing in a file is ever run.
 */

import { type FileHandle, open } from 'node:fs/promises'
import { endianness } from 'node:os'
import { KopipeError } from '../core/errors.ts'
import type { Tensor } from './weights.ts'

/** Hugging Face's bound on a header. */
const LONGEST_HEADER = 100_000_000

export function writeSafetensors(tensors: readonly Tensor[]): Buffer {
  if (endianness() !== 'LE') throw new KopipeError('internal', 'checkpoints are written on little-endian machines only')
  let end = 0
  const entries = tensors.map(({ name, shape, values }) => {
    const start = end
    end += values.byteLength
    return [name, { dtype: 'F32', shape, data_offsets: [start, end] }] as const
  })
  // transformers 4.40 loads nothing that does not say whose layout it has.
  const json = Buffer.from(JSON.stringify({ __metadata__: { format: 'pt' }, ...Object.fromEntries(entries) }))
  // Padded with spaces, so that the numbers are aligned in a mapped file.
  const header = Buffer.alloc(Math.ceil(json.length / 8) * 8, ' ')
  json.copy(header)
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  const numbers = tensors.map(({ values }) => Buffer.from(values.buffer, values.byteOffset, values.byteLength))
  return Buffer.concat([length, header, ...numbers])
}

/** Bytes of a number of each type of the format. */
const BYTES: Readonly<Record<string, number>> = {
  F64: 8,
  I64: 8,
  U64: 8,
  F32: 4,
  I32: 4,
  U32: 4,
  F16: 2,
  BF16: 2,
  I16: 2,
  U16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
}

/** Reads the tensors of a file that are wanted, all of them unless said; `path` is for the error. */
export function readSafetensors(file: Buffer, path: string, isWanted: (name: string) => boolean = () => true): Tensor[] {
  const broken = brokenAt(path)
  const { body, tensors } = layoutOf(file, file.length, broken)
  return tensors
    .filter(({ name }) => isWanted(name))
    .map((entry) => {
      const { name, shape, start, end } = entry
      return { name, shape, values: numbersOf(entry, new Uint8Array(file.subarray(body + start, body + end)).buffer, broken) }
    })
}

/** What a file holds, by its header alone: a file of gigabytes is not read. */
export function safetensorsLayout(path: string): Promise<Entry[]> {
  return opened(path, async ({ tensors }) => tensors)
}

/** One tensor of a file, without reading the others; undefined where it has none of this name. */
export function readTensor(path: string, name: string): Promise<(Tensor & { dtype: string }) | undefined> {
  return opened(path, async ({ body, tensors }, file) => {
    const entry = tensors.find((tensor) => tensor.name === name)
    if (!entry) return undefined
    const { dtype, shape, start, end } = entry
    const bytes = new Uint8Array(end - start)
    await file.read(bytes, 0, bytes.length, body + start)
    return { name, dtype, shape, values: numbersOf(entry, bytes.buffer, brokenAt(path)) }
  })
}

/** A file with its header read. */
async function opened<T>(path: string, use: (layout: Layout, file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const broken = brokenAt(path)
    const { buffer: first } = await file.read(Buffer.alloc(8), 0, 8, 0)
    const header = headerLength(first, size, broken)
    const { buffer } = await file.read(Buffer.alloc(8 + header), 0, 8 + header, 0)
    return await use(layoutOf(buffer, size, broken), file)
  } finally {
    await file.close()
  }
}

type Broken = (what: string) => never

function brokenAt(path: string): Broken {
  return (what) => {
    throw new KopipeError('corrupt', `${path} is no good safetensors file: ${what}`, {
      path,
      hint: 'Remove this checkpoint; the one before it is used.',
    })
  }
}

function headerLength(file: Buffer, size: number, broken: Broken): number {
  if (size < 8) broken(`8 bytes of header length were expected, the file has ${size}`)
  const length = Number(file.readBigUInt64LE(0))
  if (length > LONGEST_HEADER || length > size - 8) broken(`a header of ${length} bytes was announced, the file has ${size}`)
  return length
}

interface Layout {
  /** Where the header ends. */
  body: number
  /** Where each lies behind it. */
  tensors: Entry[]
}

/** `size` is the file's, of which `file` has the header at least. */
function layoutOf(file: Buffer, size: number, broken: Broken): Layout {
  const length = headerLength(file, size, broken)
  const body = 8 + length
  const tensors = parseHeader(file.toString('utf8', 8, body), broken).sort((a, b) => a.start - b.start)
  let expected = 0
  for (const { name, dtype, shape, start, end } of tensors) {
    if (start !== expected) broken(`tensor ${name} begins at ${start}, where ${expected} was expected`)
    const bytes = shape.reduce((product, n) => product * n, BYTES[dtype] ?? 0)
    if (end - start !== bytes) broken(`tensor ${name} of shape [${shape}] needs ${bytes} bytes and has ${end - start}`)
    expected = end
  }
  if (expected !== size - body) broken(`its tensors end at byte ${expected}, the file at ${size - body}`)
  return { body, tensors }
}

const READ: Readonly<Record<string, (bytes: ArrayBuffer) => Float32Array>> = {
  F32: (bytes) => new Float32Array(bytes),
  BF16: (bytes) => new Float32Array(Uint32Array.from(new Uint16Array(bytes), (bits) => bits << 16).buffer),
  F16: (bytes) => Float32Array.from(new Uint16Array(bytes), half),
}

function numbersOf({ name, dtype }: Entry, bytes: ArrayBuffer, broken: Broken): Float32Array {
  const convert = READ[dtype] ?? broken(`tensor ${name} is of type ${dtype}; kopipe reads F32, F16 and BF16`)
  return convert(bytes)
}

/** IEEE 754's half: sign, 5 bits of exponent, 10 of fraction. */
function half(bits: number): number {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023]
  const size =
    exponent === 0
      ? fraction * 2 ** -24
      : exponent === 31
        ? fraction === 0
          ? Number.POSITIVE_INFINITY
          : Number.NaN
        : (1024 + fraction) * 2 ** (exponent - 25)
  return bits & 0x8000 ? -size : size
}

export interface Entry {
  name: string
  dtype: string
  shape: number[]
  start: number
  end: number
}

function parseHeader(text: string, broken: Broken): Entry[] {
  let header: unknown
  try {
    header = JSON.parse(text)
  } catch {
    broken('its header is not JSON')
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) return broken('its header is no JSON object')
  return Object.entries(header as Record<string, unknown>)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, entry]) => {
      const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>
      if (typeof dtype !== 'string' || !Object.hasOwn(BYTES, dtype)) return broken(`tensor ${name} is of an unknown type, ${String(dtype)}`)
      if (!isCounts(shape)) return broken(`tensor ${name} has no shape`)
      if (!isCounts(offsets) || offsets.length !== 2) return broken(`tensor ${name} has no data_offsets`)
      return { name, dtype, shape, start: offsets[0] as number, end: offsets[1] as number }
    })
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0)
}
