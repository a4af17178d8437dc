/**
 * How good near-duplicate removal is on real text: `node bench/near-quality.ts [FOLDER]`, with what was made kept in FOLDER.
 *
 * Truth is the Jaccard index of the runs of five characters of the raw texts, computed pair by pair from sets. Pairs of
 * Wikipedia and of Microsoft's documentation are two editions of one page, aligned by id; of the reviews all pairs of .8
 * and more are found by an exact join. Both profiles run on the same files, as a user would run them, and of two editions
 * the newer one against the index of the older. Precision is over the documents that go (is the document like the one that
 * stays for it?), recall over the true pairs (does one of the two go?).
 */

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse, read, source } from './corpora.ts'

const WORK = resolve(process.argv[2] ?? join(import.meta.dirname, 'made/near'))
const SHINGLE = 5
const SETS: Record<string, string[]> = {
  wikipedia: ['kowiki-2020', 'kowiki-2023'],
  'ms-docs': ['ms-docs-2018', 'ms-docs-2021'],
  reviews: ['nsmc-reviews'],
  'web-docs, precedents, titles': ['web-docs', 'precedents', 'news-titles'],
}

interface Line {
  unit: number
  ordinal: number
  of?: Place
  rule: string
  score?: number
  cluster: Place
}

interface Place {
  artifact?: string
  unit: number
  ordinal: number
}

/** Numbers for the different shingles of a text. */
const numbers = new Map<string, number>()
function shingles(text: string): Set<number> {
  const characters = [...text]
  const set = new Set<number>()
  for (let i = 0; i + SHINGLE <= characters.length; i++) {
    const shingle = characters.slice(i, i + SHINGLE).join('')
    let number = numbers.get(shingle)
    if (number === undefined) {
      number = numbers.size
      numbers.set(shingle, number)
    }
    set.add(number)
  }
  return set
}

function jaccard(a: Set<number>, b: Set<number>): number {
  let both = 0
  for (const shingle of a) if (b.has(shingle)) both += 1
  return both / Math.max(1, a.size + b.size - both)
}

function trueJaccard(a: string, b: string): number {
  if (numbers.size > 4e6) numbers.clear()
  const [first, second] = [shingles(a), shingles(b)]
  return jaccard(first, second)
}

/** Places as one number. */
const key = ({ unit, ordinal }: { unit: number; ordinal: number }) => unit * 2 ** 32 + ordinal

const FLAGS = ['--recipe', 'none', '--unit-size', '1GB', '--format', 'jsonl', '--allow-loss', '--quiet']

function clean(name: string, files: string[], ...flags: string[]): { out: string; lines: Line[] } {
  const out = join(WORK, name.replaceAll(/\W+/g, '-'))
  const paths = files.map((file) => join(source, `${file}.jsonl.zst`))
  execFileSync(join(import.meta.dirname, '../kopipe'), ['clean', ...paths, '-o', out, ...FLAGS, ...flags])
  const folder = join(out, 'duplicates')
  const lines = readdirSync(folder)
    .sort()
    .flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n').filter(Boolean))
    .map((line) => JSON.parse(line) as Line)
  return { out, lines }
}

/** As a user would: a profile on all files, or the newer edition against the index of the older one. */
function run(name: string, files: string[], how: (typeof HOW)[number]): Line[] {
  if (how !== 'ko, by an index') return clean(`${name}-${how}`, files, '--near-profile', how).lines
  const { out } = clean(`${name}-older`, files.slice(0, 1), '--keep-index')
  // Places as those of one run over both: the older edition is unit 0.
  const place = ({ artifact, ordinal }: Place) => ({ unit: artifact === undefined ? 1 : 0, ordinal })
  const { lines } = clean(`${name}-newer`, files.slice(1), '--known', out)
  return lines.map((line) => ({ ...line, ...place(line), cluster: place(line.cluster), ...(line.of && { of: place(line.of) }) }))
}

const HOW = ['ko', 'datatrove', 'ko, by an index'] as const

/** Pairs of two editions by the id behind the slash, each text once. */
function aligned(editions: { id: string; text: string }[][]): [number, number][] {
  const [older = [], newer = []] = editions
  const byId = new Map(newer.map(({ id }, ordinal) => [id.slice(id.indexOf('/')), ordinal]))
  return older.flatMap(({ id }, ordinal): [number, number][] => {
    const other = byId.get(id.slice(id.indexOf('/')))
    return other === undefined ? [] : [[key({ unit: 0, ordinal }), key({ unit: 1, ordinal: other })]]
  })
}

/** All pairs of different texts of .8 and more: two such share one of the rarest fifth of their shingles (prefix filter). */
function joined(documents: { id: string; text: string }[]): [number, number][] {
  const seen = new Set<string>()
  const unique = documents.flatMap(({ text }, ordinal) => {
    if (seen.has(text)) return []
    seen.add(text)
    return [{ ordinal, set: shingles(text) }]
  })
  const often = new Map<number, number>()
  for (const { set } of unique) for (const shingle of set) often.set(shingle, (often.get(shingle) ?? 0) + 1)
  const postings = new Map<number, number[]>()
  const pairs: [number, number][] = []
  for (const [at, { ordinal, set }] of unique.entries()) {
    const rarest = [...set].sort((a, b) => (often.get(a) ?? 0) - (often.get(b) ?? 0) || a - b)
    const prefix = rarest.slice(0, set.size - Math.ceil(0.8 * set.size) + 1)
    for (const other of new Set(prefix.flatMap((shingle) => postings.get(shingle) ?? []))) {
      const { ordinal: before, set: compared } = unique[other] as (typeof unique)[number]
      if (jaccard(set, compared) >= 0.8) pairs.push([key({ unit: 0, ordinal: before }), key({ unit: 0, ordinal })])
    }
    for (const shingle of prefix) {
      const posting = postings.get(shingle)
      if (posting) posting.push(at)
      else postings.set(shingle, [at])
    }
  }
  return pairs
}

const percent = (share: number) => (Number.isNaN(share) ? '–' : share.toFixed(4).replace(/^0/, ''))
const BINS = [0, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0001]

mkdirSync(WORK, { recursive: true })
for (const [name, files] of Object.entries(SETS)) {
  const editions = files.map((file) => read(file).map(parse))
  const documents = new Map(
    editions.flatMap((edition, unit) => edition.map(({ text }, ordinal) => [key({ unit, ordinal }), text] as const)),
  )
  const text = (place: number) => documents.get(place) ?? ''
  const truthFile = join(WORK, `${name}-truth.json`)
  if (!existsSync(truthFile)) {
    const pairs = name === 'reviews' ? joined(editions[0] ?? []) : files.length === 2 ? aligned(editions) : []
    numbers.clear()
    writeFileSync(truthFile, JSON.stringify(pairs.map(([a, b]) => [a, b, trueJaccard(text(a), text(b))])))
  }
  const truth = JSON.parse(readFileSync(truthFile, 'utf8')) as [number, number, number][]
  for (const how of HOW.filter((how) => how !== 'ko, by an index' || files.length === 2)) {
    const lines = run(name, files, how)
    const clusters = new Map(lines.map((line) => [key(line), key(line.cluster)]))
    const near = lines.filter(({ rule }) => ['jaccard', 'band'].includes(rule))
    const gone = near.map((line) => ({ ...line, truth: trueJaccard(text(key(line)), text(key(line.of as Line))) }))
    const alike = truth.filter(([, , jaccard]) => jaccard >= 0.8)
    const goes = (place: number) => (clusters.get(place) ?? place) !== place
    const found = (pairs: typeof truth) => pairs.filter(([a, b]) => goes(a) || goes(b))
    const right = gone.filter(({ truth }) => truth >= 0.8)
    console.log(`${name}, ${how}: ${near.length} documents go as near-duplicates; precision at .8 ${percent(right.length / gone.length)}`)
    for (const rule of new Set(gone.map((line) => line.rule))) {
      const of = gone.filter((line) => line.rule === rule)
      const low = of.filter(({ truth }) => truth < 0.5).length
      console.log(`  ${rule}: ${of.length}, of .8 and more ${of.filter(({ truth }) => truth >= 0.8).length}, under .5 ${low}`)
    }
    if (how === 'ko, by an index') {
      const known = gone.filter(({ of }) => of?.unit === 0)
      const share = known.filter(({ truth }) => truth >= 0.8).length / known.length
      console.log(`  for a document of the older edition: ${known.length}, precision at .8 ${percent(share)}`)
    }
    if (alike.length > 0) console.log(`  ${alike.length} true pairs of .8 and more: recall ${percent(found(alike).length / alike.length)}`)
    const curve = BINS.slice(1).map((high, i) => {
      const low = BINS[i] ?? 0
      const pairs = truth.filter(([, , jaccard]) => jaccard >= low && jaccard < high)
      const removed = gone.filter(({ truth }) => truth >= low && truth < high)
      return `${low}: ${found(pairs).length}/${pairs.length} pairs, ${removed.length} gone`
    })
    console.log(`  ${curve.join(' · ')}`)
    const rejected = lines.filter(({ rule }) => rule === 'different')
    const show = (line: Line) => ({
      rule: line.rule,
      score: line.score,
      true: trueJaccard(text(key(line)), text(key(line.of as Line))),
      document: text(key(line)),
      of: text(key(line.of as Line)),
    })
    writeFileSync(join(WORK, `${name}-${how}-removed.json`), JSON.stringify(every(near, 400).map(show)))
    writeFileSync(join(WORK, `${name}-${how}-rejected.json`), JSON.stringify(every(rejected, 400).map(show)))
  }
}

/** So many, evenly spread. */
function every<T>(list: T[], count: number): T[] {
  return list.length <= count ? list : Array.from({ length: count }, (_, i) => list[Math.floor((i * list.length) / count)] as T)
}
