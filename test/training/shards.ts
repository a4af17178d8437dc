/** Datasets for tests, written by the format's table and apart from the code that reads and writes them. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { random } from '../kit.ts'

/** Writes `PREFIX.bin` and `PREFIX.idx`: each document one sequence of u16 tokens. */
export function writeShard(prefix: string, documents: readonly (readonly number[])[]): void {
  const header = Buffer.alloc(34)
  header.write('MMIDIDX')
  header.writeBigUInt64LE(1n, 9)
  header.writeUInt8(8, 17)
  header.writeBigUInt64LE(BigInt(documents.length), 18)
  header.writeBigUInt64LE(BigInt(documents.length + 1), 26)
  let pointer = 0
  const pointers = documents.map((document) => {
    pointer += 2 * document.length
    return BigInt(pointer - 2 * document.length)
  })
  const columns = [
    Int32Array.from(documents, (document) => document.length),
    BigInt64Array.from(pointers),
    BigInt64Array.from({ length: documents.length + 1 }, (_, i) => BigInt(i)),
  ]
  writeFileSync(`${prefix}.idx`, Buffer.concat([header, ...columns.map((column) => Buffer.from(column.buffer))]))
  writeFileSync(`${prefix}.bin`, Buffer.from(Uint16Array.from(documents.flat()).buffer))
}

/** A dataset folder as `pack` leaves it, of two shards. */
export function writeDataset(folder: string, documents: readonly (readonly number[])[], vocabulary: number, digest = 'a'): string {
  mkdirSync(join(folder, 'shards'), { recursive: true })
  const half = Math.ceil(documents.length / 2)
  const shards = [documents.slice(0, half), documents.slice(half)].map((part, i) => {
    const prefix = `shards/0000${i}`
    writeShard(join(folder, prefix), part)
    const [tokens, unread] = [part.flat().length, { bytes: 0, digest: '0'.repeat(32) }]
    return { prefix, documents: part.length, tokens, bin: unread, idx: unread }
  })
  const manifest = {
    format: 'kopipe-dataset',
    version: 1,
    tokenizer: { path: 'tokenizer.json', digest, vocabulary },
    endOfDocument: { text: '<|endoftext|>', id: 0 },
    dtype: 'u16',
    documents: documents.length,
    tokens: documents.flat().length,
    empty: 0,
    shards,
  }
  writeFileSync(join(folder, 'dataset.json'), JSON.stringify(manifest))
  return folder
}

/** Documents in which each token mostly decides the next: frequencies tell little, a model can learn much. */
export function chains(count: number, vocabulary: number, seed: number): number[][] {
  const next = random(seed)
  return Array.from({ length: count }, () => {
    const length = 5 + Math.floor(next() * 60)
    let token = 1 + Math.floor(next() * (vocabulary - 1))
    const document = Array.from({ length }, () => {
      token = next() < 0.9 ? 1 + ((token * 5 + 3) % (vocabulary - 1)) : 1 + Math.floor(next() * (vocabulary - 1))
      return token
    })
    return [...document, 0]
  })
}
