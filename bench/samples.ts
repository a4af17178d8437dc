/**
 * Samples: how long the index of a corpus takes, in what memory, and how fast batches are gathered.
 *
 *     node bench/samples.ts index FOLDER [DOCUMENTS]     a synthetic corpus, made in FOLDER if it is not there
 *     node bench/samples.ts gather DATASET               batches of a real one, in the page cache
 *
 * The corpus that polyglot-ko's data would be is 250,000,000 documents of 680 tokens: 5 GB of `.idx`, beside `.bin` files of
 * their length that hold nothing and take no room. 10,000,000 without a number. Lengths are log-normal, as of web text.
 * Memory is told twice: all that was resident at once, the mapped files included, and what the process asked for itself.
 */

import { mkdirSync, openSync, readdirSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { native } from '../native/index.ts'
import { NEOX, openDataset, openSamples } from '../training/dataset.ts'
import { measure } from './measure.ts'

const LENGTH = 2048
const MEAN = 680
const SIGMA = 1.2
/** Tokens of a shard of 4 GB. */
const SHARD = 2e9
const EPOCH = { split: 'train', sequenceLength: LENGTH, samples: 1, seed: 1234 } as const

const [what = 'index', at = 'bench/made/samples', more = '10000000'] = process.argv.slice(2)
if (what === 'index') {
  const folder = join(at, more)
  make(folder, Number(more))
  for (const packing of ['neox', 'best-fit']) {
    for (const workers of ['1', '2']) {
      const { said } = await measure(process.execPath, [resolve(import.meta.dirname, 'samples.ts'), `index-${packing}`, folder, workers])
      console.log(`${packing}, ${workers} workers: ${JSON.stringify(said)}`)
    }
  }
} else if (what === 'gather') {
  for (const packing of ['neox', 'best-fit']) {
    const { said } = await measure(process.execPath, [resolve(import.meta.dirname, 'samples.ts'), `gather-${packing}`, at])
    console.log(`${packing}: ${JSON.stringify(said)}`)
  }
} else if (what.startsWith('index-')) await index(what.slice(6) as 'neox', at, Number(more))
else await gather(what.slice(7) as 'neox', at)

async function index(packing: 'neox' | 'best-fit', folder: string, workers: number): Promise<void> {
  native.startWorkers(workers)
  const names = readdirSync(folder).filter((name) => name.endsWith('.idx'))
  const prefixes = names.sort().map((name) => join(folder, name.slice(0, -4)))
  const begun = performance.now()
  const dataset = await native.Dataset.open(prefixes)
  const opened = performance.now()
  const plan = { ...EPOCH, splitWeights: [1, 0, 0], vocabulary: 65_000, packing }
  const samples = await native.SampleIndex.build(dataset, plan)
  const built = performance.now()
  const { documents, tokens } = dataset
  const seconds = { open: round((opened - begun) / 1000), build: round((built - opened) / 1000) }
  console.log(JSON.stringify({ shards: names.length, documents, tokens, samples: samples.length, seconds, gigabytes: memory() }))
}

async function gather(packing: 'neox' | 'best-fit', folder: string): Promise<void> {
  native.startWorkers(1)
  const dataset = await openDataset([folder])
  const samples = await openSamples(dataset, EPOCH, { ...NEOX, packing })
  const width = dataset.shards.dtype === 'u16' ? 2 : 4
  const batch = 256
  const positions = Array.from({ length: Math.floor(samples.length / batch) }, (_, i) =>
    Array.from({ length: batch }, (_, j) => i * batch + j),
  )
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 7; round++) {
    const begun = performance.now()
    for (const part of positions) await samples.gather(part)
    best = Math.min(best, performance.now() - begun)
  }
  const tokens = positions.length * batch * (LENGTH + 1)
  const rate = (bytes: number) => round((tokens * bytes) / best / 1e6)
  console.log(JSON.stringify({ tokens, milliseconds: round(best), 'GB/s read': rate(width), 'GB/s out': rate(4) }))
}

function memory(): Record<string, number> {
  const status = readFileSync('/proc/self/status', 'utf8')
  const of = (name: string) => round((1024 * Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0)) / 1e9)
  return { peak: of('VmHWM'), own: of('RssAnon'), mapped: of('RssFile') }
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}

function make(folder: string, documents: number): void {
  mkdirSync(folder, { recursive: true })
  if (readdirSync(folder).includes('done')) return
  const lengths = quantiles()
  const each = Math.floor(SHARD / MEAN)
  let state = 1
  for (let shard = 0; shard * each < documents; shard++) {
    const count = Math.min(each, documents - shard * each)
    const bytes = Buffer.alloc(34 + 12 * count + 8 * (count + 1))
    bytes.write('MMIDIDX')
    bytes.writeBigUInt64LE(1n, 9)
    bytes.writeUInt8(8, 17)
    bytes.writeBigUInt64LE(BigInt(count), 18)
    bytes.writeBigUInt64LE(BigInt(count + 1), 26)
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    const [pointers, bounds] = [34 + 4 * count, 34 + 12 * count]
    let pointer = 0
    const long = (at: number, value: number) => {
      view.setUint32(at, value >>> 0, true)
      view.setUint32(at + 4, value / 2 ** 32, true)
    }
    for (let i = 0; i < count; i++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      const length = lengths[state >>> 16] as number
      view.setInt32(34 + 4 * i, length, true)
      long(pointers + 8 * i, pointer)
      long(bounds + 8 * i, i)
      pointer += 2 * length
    }
    long(bounds + 8 * count, count)
    const prefix = join(folder, String(shard).padStart(5, '0'))
    const file = openSync(`${prefix}.idx`, 'w')
    writeSync(file, bytes)
    writeFileSync(`${prefix}.bin`, '')
    truncateSync(`${prefix}.bin`, pointer)
  }
  writeFileSync(join(folder, 'done'), '')
}

/** 65,536 lengths that stand for the distribution, from the shortest to the longest. */
function quantiles(): number[] {
  const centre = Math.log(MEAN) - SIGMA ** 2 / 2
  return Array.from({ length: 65_536 }, (_, i) => Math.max(2, Math.round(Math.exp(centre + SIGMA * normal((i + 0.5) / 65_536)))))
}

/** The quantile of the normal distribution, by bisection of its distribution function (Abramowitz and Stegun 7.1.26). */
function normal(share: number): number {
  const below = (x: number) => {
    const t = 1 / (1 + (0.3275911 * Math.abs(x)) / Math.SQRT2)
    const tail = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) * Math.exp((-x * x) / 2)
    return x < 0 ? tail / 2 : 1 - tail / 2
  }
  let [low, high] = [-6, 6]
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2
    if (below(middle) < share) low = middle
    else high = middle
  }
  return low
}
