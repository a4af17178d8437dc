/** The benchmark's two corpora, made once from the real one: `mix` (253 MB of text) and `dd` (61 MB). */

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gunzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib'

const MIX = ['kowiki-2023', 'precedents', 'nsmc-reviews', 'ms-docs-2021', 'web-docs']
const DD = ['kowiki-2023', 'nsmc-reviews', 'web-docs', 'precedents', 'ms-docs-2021']
const DD_BYTES = 12e6

export interface Corpora {
  mix: { jsonl: string; zst: string; parquet: string }
  dd: { jsonl: string; zst: string; folder: string }
  /** Real pages, with the bytes of their HTML. */
  warc: { path: string; bytes: number }
  /** Bytes of text. */
  bytes: { mix: number; dd: number }
}

export const source = process.env.KOPIPE_CORPUS ?? resolve(import.meta.dirname, '../../shared/corpus')

/** The lines of a file of the corpus. */
export const read = (name: string) =>
  zstdDecompressSync(readFileSync(join(source, `${name}.jsonl.zst`)))
    .toString()
    .split('\n')
    .filter(Boolean)

export const parse = (line: string) => JSON.parse(line) as { id: string; text: string }

/** The lines of `dd`. */
export function dd(): string[] {
  return DD.flatMap((name) => {
    const lines: string[] = []
    let taken = 0
    for (const line of read(name)) {
      if (taken > DD_BYTES) break
      const { text, id } = parse(line)
      taken += Buffer.byteLength(text)
      lines.push(JSON.stringify({ text, id }))
    }
    return lines
  })
}

export function corpora(work: string): Corpora {
  if (!existsSync(join(source, 'kowiki-2023.jsonl.zst'))) throw new Error(`no corpus at ${source} (set KOPIPE_CORPUS)`)
  const folder = join(work, 'dd')
  mkdirSync(folder, { recursive: true })
  const mix = { jsonl: join(work, 'mix.jsonl'), zst: join(work, 'mix.jsonl.zst'), parquet: join(work, 'mix/documents/00000.parquet') }
  const dataset = { jsonl: join(work, 'dd.jsonl'), zst: join(folder, 'dd.jsonl.zst'), folder }
  const sizes = join(work, 'bytes.json')
  if (!existsSync(sizes)) {
    const bytes = { mix: 0, dd: 0 }
    const mixed = MIX.flatMap(read).map((line) => {
      const { text } = parse(line)
      bytes.mix += Buffer.byteLength(text)
      return JSON.stringify({ text })
    })
    const chosen = dd()
    for (const line of chosen) bytes.dd += Buffer.byteLength(parse(line).text)
    for (const [lines, plain, zst] of [
      [mixed, mix.jsonl, mix.zst],
      [chosen, dataset.jsonl, dataset.zst],
    ] as const) {
      const content = Buffer.from(`${lines.join('\n')}\n`)
      writeFileSync(plain, content)
      writeFileSync(zst, zstdCompressSync(content))
    }
    writeFileSync(sizes, JSON.stringify(bytes))
  }
  if (!existsSync(mix.parquet)) {
    const args = [
      'clean',
      mix.jsonl,
      '-o',
      join(work, 'mix'),
      '--recipe',
      'none',
      '--dedupe',
      'off',
      '--format',
      'parquet',
      '--unit-size',
      '1GB',
    ]
    execFileSync(join(import.meta.dirname, '../kopipe'), [...args, '--overwrite', '--quiet'])
  }
  const path = join(source, 'ko-html.warc.gz')
  const warc = { path, bytes: gunzipSync(readFileSync(path)).length }
  return { mix, dd: dataset, warc, bytes: JSON.parse(readFileSync(sizes, 'utf8')) as Corpora['bytes'] }
}
