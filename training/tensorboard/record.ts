/**
 * TFRecord framing, as TensorFlow's `tensorflow/core/lib/io/record_writer.h` describes it: length as u64, masked CRC of the
 * length, the bytes, masked CRC of the bytes; all little-endian. The CRC is Castagnoli's (RFC 3720), which Node does not
 * have: a table of 256, 250 MB/s, and a record is a hundred bytes.
 */

const POLYNOMIAL = 0x82f63b78

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
  return crc >>> 0
})

export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (let i = 0; i < bytes.length; i++) crc = (TABLE[(crc ^ (bytes[i] as number)) & 0xff] as number) ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}

/** A CRC over data that holds CRCs is poor, so a stored one is turned and shifted. */
function masked(bytes: Uint8Array): number {
  const crc = crc32c(bytes)
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}

export function record(bytes: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(bytes.length + 16)
  framed.writeBigUInt64LE(BigInt(bytes.length))
  framed.writeUInt32LE(masked(framed.subarray(0, 8)), 8)
  framed.set(bytes, 12)
  framed.writeUInt32LE(masked(bytes), 12 + bytes.length)
  return framed
}
