/**
 * TensorBoard's `Event` (tensorboard/compat/proto/event.proto) in protobuf's wire format, as far as scalars need it.
 *
 *     Event    1 wall_time: double   2 step: int64   3 file_version: string   5 summary   7 session_log
 *     Summary  1 value, repeated     Value  1 tag: string   2 simple_value: float     SessionLog  1 status: enum, 1 = START
 */

/** Field number and wire type: 0 a varint, 1 eight bytes, 2 length and bytes, 5 four bytes. */
const key = (field: number, type: 0 | 1 | 2 | 5) => Buffer.of((field << 3) | type)

/** A step is far below 2^53, beyond which division is no shift. */
function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return Buffer.of(...bytes, rest)
}

function double(field: number, value: number): Buffer {
  const bytes = Buffer.allocUnsafe(9)
  bytes[0] = (field << 3) | 1
  bytes.writeDoubleLE(value, 1)
  return bytes
}

function float(field: number, value: number): Buffer {
  const bytes = Buffer.allocUnsafe(5)
  bytes[0] = (field << 3) | 5
  bytes.writeFloatLE(value, 1)
  return bytes
}

function message(field: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  return Buffer.concat([key(field, 2), varint(content.length), content])
}

function event(wallTime: number, step: number, what: Buffer): Buffer {
  return Buffer.concat([double(1, wallTime), key(2, 0), varint(step), what])
}

/** What a file begins with. */
export function fileVersion(wallTime: number): Buffer {
  return event(wallTime, 0, message(3, Buffer.from('brain.Event:2')))
}

/** From here on: a reader forgets what it was told of this step and later ones. */
export function sessionStart(wallTime: number, step: number): Buffer {
  return event(wallTime, step, message(7, key(1, 0), varint(1)))
}

/** Numbers of one step, by their tags. */
export function scalars(wallTime: number, step: number, values: readonly (readonly [tag: string, value: number])[]): Buffer {
  return event(wallTime, step, message(5, ...values.map(([tag, value]) => message(1, tagged(tag), float(2, value)))))
}

/** There are half a dozen tags, and each comes with every step. */
const TAGS = new Map<string, Buffer>()

function tagged(tag: string): Buffer {
  const known = TAGS.get(tag) ?? message(1, Buffer.from(tag))
  TAGS.set(tag, known)
  return known
}
