/** docs/formats.md and docs/formats/ are law: every command is run, and each file, key and type that it leaves must stand there. */

import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, relative } from 'node:path'
import { after, before, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { parse } from 'yaml'
import type { Dataset } from '../../core/dataset.ts'
import { readPages, withTables } from '../../scripts/format-docs.ts'
import { unzstd } from '../kit.ts'
import { faults, keysOf, type Law, lawOf, matches, unmet } from './formats-law.ts'
import { type Made, made } from './formats-made.ts'

const COMMON = 'Every artifact'
const pages = readPages()
const page = [...pages.values()].join('\n')
const law: Law = lawOf(page)
const folder = mkdtempSync(join(tmpdir(), 'kopipe-test-'))
let all: Made[]

before(async () => {
  all = await made(folder)
})
after(() => rmSync(folder, { recursive: true, force: true }))

test('tables of schemas are what the schemas say', () => {
  for (const [path, page] of pages) assert.equal(page, withTables(page), `${path}: node scripts/format-docs.ts writes them`)
})

test('every file that is left is described, and every file that is described is left', () => {
  const met = new Set<string>()
  for (const { section, path } of all) {
    for (const file of path === undefined ? [] : filesIn(path)) {
      const patterns = patternsOf(section).filter((pattern) => matches(pattern, file.name))
      assert.ok(patterns.length > 0, `${section}: ${file.name} is not described`)
      for (const pattern of patterns) met.add(`${section}: ${pattern}`)
    }
  }
  const described = [...law.sections].flatMap(([name, { files }]) => files.map((pattern) => `${name}: ${pattern}`))
  const left = (entry: string) => met.has(entry) || entry.startsWith(`${COMMON}: `)
  assert.deepEqual(
    described.filter((entry) => !left(entry)),
    [],
  )
})

test('every key of JSON files and lines is described, with its type', () => {
  const found = new Set<string>()
  for (const { section, path } of all) {
    for (const { name, at } of path === undefined ? [] : filesIn(path)) {
      if (foreign(section, name)) continue
      const values = valuesOf(at)
      if (values.length === 0) continue
      const keys = keysOf(law, [section, COMMON], name)
      assert.ok(keys, `${section}: keys of ${name} are not described`)
      for (const value of values) for (const fault of faults(value, law, keys)) found.add(`${section}: ${name}: ${fault}`)
    }
  }
  assert.deepEqual([...found].slice(0, 40), [])
})

test('every key of the last line of --json is described, with its type', () => {
  const found = new Set<string>()
  for (const { section, json } of all) {
    const keys = keysOf(law, [section], '--json') ?? keysOf(law, ['Commands that leave no file'], section)
    assert.ok(keys, `--json of ${section} is not described`)
    for (const fault of json === undefined ? [] : faults(json, law, keys)) found.add(`${section}: ${fault}`)
  }
  assert.deepEqual([...found].slice(0, 40), [])
})

test('every key that is described is left by something', () => {
  assert.deepEqual(unmet(law), [])
})

test('shards are what the page says byte by byte', () => {
  const dataset = JSON.parse(readFileSync(join(folder, 'packed/dataset.json'), 'utf8')) as Dataset
  const rows = [...page.matchAll(/^\| (\d+)(?: \+ (\d+) S)? \| ([\w ]+)(?:\[(\w)\])? \|/gm)]
  const layout = rows.map(([, at = '', each = '0', type = '', count]) => ({ at: Number(at), each: Number(each), type, count }))
  assert.deepEqual(
    layout.map(({ type, count = '' }) => type + count),
    ['9 bytes', 'u64', 'u8', 'u64', 'u64', 'i32S', 'i64S', 'i64D'],
  )
  for (const { prefix, documents, tokens } of dataset.shards) {
    const idx = readFileSync(join(folder, 'packed', `${prefix}.idx`))
    const bin = readFileSync(join(folder, 'packed', `${prefix}.bin`))
    const place = (row: number, s = 0) => (layout[row]?.at as number) + (layout[row]?.each as number) * s
    assert.equal(idx.toString('latin1', 0, place(1)), 'MMIDIDX\0\0')
    const [version, sequences, entries] = [1, 3, 4].map((row) => Number(idx.readBigUInt64LE(place(row)))) as [number, number, number]
    assert.deepEqual([version, idx.readUInt8(place(2)), sequences, entries], [1, 8, documents, documents + 1])
    assert.equal(idx.length, place(7, sequences) + 8 * entries)
    let at = 0
    for (let i = 0; i < sequences; i++) {
      assert.equal(Number(idx.readBigInt64LE(place(6, sequences) + 8 * i)), at)
      at += 2 * idx.readInt32LE(place(5) + 4 * i)
      assert.equal(bin.readUInt16LE(at - 2), dataset.endOfDocument.id)
      assert.equal(Number(idx.readBigInt64LE(place(7, sequences) + 8 * i)), i)
    }
    assert.deepEqual([at, bin.length], [2 * tokens, 2 * tokens])
    assert.equal(Number(idx.readBigInt64LE(place(7, sequences) + 8 * sequences)), sequences)
  }
})

test('tensors of a checkpoint have the names and shapes of the page', () => {
  const at = join(folder, 'model/checkpoints/step-000003')
  const config = JSON.parse(readFileSync(join(at, 'config.json'), 'utf8')) as Record<string, number>
  const sizes: Record<string, number> = { d: config.hidden_size ?? 0, f: config.intermediate_size ?? 0, v: config.vocab_size ?? 0 }
  const size = (of: string) => of.split(' ').reduce((product, factor) => product * (sizes[factor] ?? Number(factor)), 1)
  const rows = [...page.matchAll(/^\| (`(?:gpt_neox|embed_out)\..*`) \| ([\ddfv, ]+) \|/gm)]
  const shapes = rows.flatMap(([, names = '', shape = '']) =>
    [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => [name as string, shape.split(', ').map(size)] as const),
  )
  const described = Object.fromEntries(
    shapes.flatMap(([name, shape]) =>
      Array.from({ length: config.num_hidden_layers ?? 0 }, (_, i) => [name.replace('{i}', String(i)), shape]),
    ),
  )
  const model = headerOf(join(at, 'model.safetensors'))
  assert.deepEqual(model, described)
  const moments = Object.entries(described).flatMap(([name, shape]) => ['first', 'second'].map((moment) => [`${moment}.${name}`, shape]))
  assert.deepEqual(headerOf(join(at, 'optimizer.safetensors')), Object.fromEntries(moments))
})

function headerOf(path: string): Record<string, number[]> {
  const bytes = readFileSync(path)
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + Number(bytes.readBigUInt64LE(0)))) as Record<string, { shape: number[] }>
  const { __metadata__: _, ...tensors } = header
  return Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape]))
}

function patternsOf(section: string): string[] {
  return [section, COMMON].flatMap((name) => law.sections.get(name)?.files ?? [])
}

function filesIn(path: string): { name: string; at: string }[] {
  if (!statSync(path).isDirectory()) return [{ name: basename(path), at: path }]
  const all = readdirSync(path, { recursive: true }).map((name) => join(path, String(name)))
  return all.filter((at) => !statSync(at).isDirectory()).map((at) => ({ name: relative(path, at), at }))
}

/** What others have made law, lines that are broken on purpose, and what of `run` is held against the section of its command. */
function foreign(section: string, name: string): boolean {
  const theirs = [
    'tokenizer.json',
    'vocab.json',
    'tokenizer_config.json',
    'special_tokens_map.json',
    'config.json',
    'generation_config.json',
  ]
  const broken = section === 'sample' && name.startsWith('documents/')
  return broken || section === 'run' || theirs.includes(basename(name)) || name === 'kopipe.schema.json'
}

/** The JSON of a file: one value, or one a line. */
function valuesOf(path: string): unknown[] {
  const bytes = readFileSync(path)
  const text = () => (path.endsWith('.zst') ? unzstd(bytes) : path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()
  if (path.endsWith('data.yaml')) return [parse(text())]
  if (path.endsWith('.json')) return [JSON.parse(text())]
  if (!/\.jsonl(\.zst|\.gz)?$/.test(path)) return []
  const lines = text().split('\n').filter(Boolean)
  return lines.map((line) => JSON.parse(line) as unknown)
}
