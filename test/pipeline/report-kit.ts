/** For tests of the page: what `stats` would say of some documents, counted the plain way. */

import type { CorpusStats, Estimate, Frequent, Measures, Quantiles, Stats } from '../../pipeline/report/measures.ts'

export interface Document {
  id: string
  source: string
  text: string
  licence?: string
  host?: string
  date?: string
  [more: string]: unknown
}

const SCRIPTS: [name: string, of: RegExp][] = [
  ['syllables', /[가-힣]/],
  ['jamo', /[\u1100-\u11ff\u3131-\u318e\ua960-\ua97c\ud7b0-\ud7fb]/],
  ['hanja', /\p{Script=Han}/u],
  ['kana', /[\p{Script=Hiragana}\p{Script=Katakana}]/u],
  ['latin', /\p{Script=Latin}/u],
  ['digits', /\d/],
  ['whiteSpace', /\s/],
]

const words = (text: string) => text.split(/\s+/).filter(Boolean)
const linesOf = (text: string) => text.split('\n').filter((line) => line.trim() !== '')
const exact = (value: number): Estimate => ({ estimate: value, low: value, high: value })

export function statsOf(documents: readonly Document[], more: Partial<Stats> = {}): Stats {
  return { documents: corpusOf(documents), artifacts: [], datasets: [], malformed: 0, ...more }
}

export function corpusOf(documents: readonly Document[]): CorpusStats {
  const grouped = (key: (document: Document) => string) => [...Map.groupBy(documents, key)]
  const counts = (key: (document: Document) => string) =>
    Object.fromEntries(
      grouped(key).map(([name, some]) => [name, { docs: some.length, bytes: sum(some.map(({ text }) => Buffer.byteLength(text))) }]),
    )
  const texts = documents.map(({ text }) => text)
  const keys = [...new Set(documents.flatMap((document) => Object.keys(document)))].filter((key) => !['id', 'text', 'source'].includes(key))
  return {
    measured: 'all',
    total: measuresOf(documents),
    bySource: Object.fromEntries(grouped(({ source }) => source).map(([source, some]) => [source, measuresOf(some)])),
    byLicence: counts(({ licence = '' }) => licence),
    byDate: counts(({ date = '' }) => date),
    domains: {
      distinct: exact(new Set(documents.flatMap(({ host }) => host ?? [])).size),
      frequent: most(documents.flatMap(({ host }) => host ?? [])),
      without: documents.filter(({ host }) => host === undefined).length,
    },
    metadata: keys.map((key) => {
      const values = documents.flatMap((document) => (document[key] === undefined ? [] : [JSON.stringify(document[key])]))
      return { key, docs: values.length, distinct: exact(new Set(values).size), frequent: most(values) }
    }),
    lengths: {
      characters: quantilesOf(texts.map((text) => [...text].length)),
      eojeol: quantilesOf(texts.map((text) => words(text).length)),
      lines: quantilesOf(texts.map((text) => linesOf(text).length)),
    },
    distinct: { texts: exact(new Set(texts).size) },
    sampled: {
      oneIn: 1,
      docs: documents.length,
      bytes: sum(texts.map((text) => Buffer.byteLength(text))),
      ngrams: [1, 2, 3].map((order) => {
        const runs = texts.flatMap((text) => {
          const all = words(text)
          return all.slice(order - 1).map((_, i) => all.slice(i, i + order).join(' '))
        })
        return { order, distinct: exact(new Set(runs).size), frequent: most(runs) }
      }),
      lines: {
        distinct: exact(new Set(texts.flatMap(linesOf)).size),
        frequent: most(texts.flatMap((text) => [...new Set(linesOf(text))])),
      },
      languages: counts(({ text }) => (/[가-힣]/.test(text) ? 'ko' : /[a-z]/i.test(text) ? 'en' : 'other')),
      repetition: {
        lines: twentieths(texts.map((text) => repeated(linesOf(text)))),
        ngrams: twentieths(texts.map((text) => repeated(words(text)))),
      },
      personal: personalOf(documents),
      tokens: Object.fromEntries(
        grouped(({ source }) => source).map(([source, some]) => {
          const { chars, eojeol, bytes } = measuresOf(some)
          return [source, { tokens: Math.ceil(bytes / 4.3), chars, eojeol, bytes }]
        }),
      ),
      examples: documents
        .slice(0, 12)
        .map(({ id, source, text }) => ({ id, source, chars: [...text].length, text: [...text].slice(0, 280).join('') })),
    },
  }
}

function measuresOf(documents: readonly Document[]): Measures {
  const lengths: number[] = []
  const scripts: Record<string, number> = Object.fromEntries([...SCRIPTS.map(([name]) => [name, 0]), ['other', 0]])
  for (const { text } of documents) {
    const characters = [...text]
    const bin = characters.length === 0 ? 0 : Math.floor(Math.log2(characters.length)) + 1
    while (lengths.length <= bin) lengths.push(0)
    lengths[bin] = (lengths[bin] ?? 0) + 1
    for (const character of characters) {
      const name = SCRIPTS.find(([, of]) => of.test(character))?.[0] ?? 'other'
      scripts[name] = (scripts[name] ?? 0) + 1
    }
  }
  const texts = documents.map(({ text }) => text)
  return {
    docs: documents.length,
    bytes: sum(texts.map((text) => Buffer.byteLength(text))),
    chars: sum(texts.map((text) => [...text].length)),
    eojeol: sum(texts.map((text) => words(text).length)),
    lines: sum(texts.map((text) => linesOf(text).length)),
    scripts,
    lengths,
  }
}

function quantilesOf(values: number[]): Quantiles {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
  return {
    relativeError: 0.01,
    mean: values.length === 0 ? 0 : sum(values) / values.length,
    least: sorted[0] ?? 0,
    most: sorted.at(-1) ?? 0,
    quantiles: [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999].map((share) => ({ share, value: at(share) })),
  }
}

function most(all: readonly string[], listed = 50): Frequent[] {
  const counts = new Map<string, number>()
  for (const one of all) counts.set(one, (counts.get(one) ?? 0) + 1)
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, listed)
    .map(([text, count]) => ({ text, count, error: 0 }))
}

const repeated = (pieces: readonly string[]) => (pieces.length === 0 ? 0 : 1 - new Set(pieces).size / pieces.length)

function twentieths(shares: readonly number[]): number[] {
  const bins = new Array<number>(20).fill(0)
  for (const share of shares) bins[Math.min(19, Math.floor(20 * share))] = (bins[Math.min(19, Math.floor(20 * share))] ?? 0) + 1
  return bins
}

function personalOf(documents: readonly Document[]): CorpusStats['sampled']['personal'] {
  const found = documents.filter(({ text }) => text.includes('@'))
  const examples = found
    .slice(0, 5)
    .map(({ text }) => text.slice(Math.max(0, text.indexOf('@') - 30), text.indexOf('@') + 30).replace(/\S*@\S*/, '••••@••••.••'))
  return found.length === 0 ? {} : { email: { docs: found.length, hits: found.length, examples } }
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0)
