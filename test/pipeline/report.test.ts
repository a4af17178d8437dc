/** What stands on the report's page: a place for every question, charts one can hear, alarms, estimates that say so. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseHTML } from 'linkedom'
import type { Counts } from '../../core/ledger.ts'
import { OTHER_NUMBERS } from '../../pipeline/explain/inspect.ts'
import { FILTERS } from '../../pipeline/filters/index.ts'
import type { ArtifactStats } from '../../pipeline/report/measures.ts'
import { renderReport } from '../../pipeline/report/page.ts'
import { lossesOf } from '../../pipeline/report/sections/artifacts.ts'
import { quotedForShell } from '../../pipeline/report/why.ts'
import { NUMBERS_KO } from '../../pipeline/report/words/numbers.ts'
import { HOSTILE, hostileStats } from './report-hostile.ts'
import { corpusOf, type Document, statsOf } from './report-kit.ts'

const documents: Document[] = Array.from({ length: 40 }, (_, i) => ({
  id: `d${i}`,
  source: i % 4 === 0 ? 'wiki' : 'news',
  text: `${'문서의 본문이 있고 이어진다. '.repeat(1 + (i % 5))}${i}\n공통된 꼬리말 한 줄`,
  ...(i % 2 === 0 && { licence: 'CC BY-SA 4.0', host: 'ko.example', date: `2023-0${1 + (i % 9)}` }),
}))

const pageOf = (...args: Parameters<typeof renderReport>) => parseHTML(renderReport(...args)).document

test('bare files have eight charts and more, each named, told in words, and with its numbers beneath', () => {
  for (const lang of ['en', 'ko'] as const) {
    const page = pageOf(statsOf(documents), lang)
    const charts = [...page.querySelectorAll('.chart')]
    assert.ok(charts.length >= 8, String(charts.length))
    for (const chart of charts) {
      for (const svg of chart.querySelectorAll('svg')) {
        assert.equal(svg.getAttribute('role'), 'img')
        assert.ok(svg.getAttribute('aria-label'))
        assert.equal(svg.querySelector('title')?.textContent, svg.getAttribute('aria-label'))
        assert.match(svg.querySelector('desc')?.textContent ?? '', /\d/)
      }
      let next = chart.nextElementSibling
      while (next && !next.querySelector('table')) next = next.nextElementSibling
      assert.ok(next, `no numbers under ${chart.querySelector('title')?.textContent}`)
    }
  }
})

test('whatever there is nothing of, the page says no number that is none', () => {
  const { datasets, artifacts } = hostileStats()
  const empty: Document = { id: 'a', source: 's', text: '' }
  for (const stats of [
    statsOf([]),
    statsOf([empty]),
    statsOf([], { datasets }),
    statsOf([], { artifacts }),
    statsOf([empty], { artifacts }),
  ]) {
    for (const lang of ['en', 'ko'] as const) assert.doesNotMatch(renderReport(stats, lang), /NaN|undefined|Infinity|\[object/)
  }
})

test('every question has its place, and the table of contents leads to each', () => {
  const page = pageOf(hostileStats(), 'en')
  const ids = [...page.querySelectorAll('section')].map(({ id }) => id)
  const asked =
    'account loss rules duplicates sources licences dates domains lengths scripts languages ngrams lines repetition metadata personal overlap tokens versus examples made datasheet'
  for (const id of asked.split(' ')) assert.ok(ids.includes(id), id)
  const links = [...page.querySelectorAll('.contents a')].map((a) => a.getAttribute('href'))
  assert.deepEqual(
    links,
    ids.map((id) => `#${id}`),
  )
  assert.equal(new Set(ids).size, ids.length)
})

test('docs/report.md tells of every section, in the order of the page', () => {
  const doc = readFileSync(join(import.meta.dirname, '../../docs/report.md'), 'utf8')
  const told = [...doc.matchAll(/^\| ([A-Z][^|]*?) \|/gm)].map(([, name]) => name)
  const titles = [...pageOf(hostileStats(), 'en').querySelectorAll('section > h2')].map(({ textContent }) => textContent ?? '')
  const own = titles.map((title) => told.find((name) => title === name || title.startsWith(`${name}: `)))
  assert.deepEqual([...new Set(own)], told)
})

test('the page is one file that asks for nothing, and only its own style may act', () => {
  const text = renderReport(hostileStats(), 'ko')
  const page = parseHTML(text).document
  assert.equal(page.querySelectorAll('script, link, img, iframe, object, embed, base, form, [src], [style], [srcset]').length, 0)
  for (const element of page.querySelectorAll('[href]')) assert.match(element.getAttribute('href') ?? '', /^#[\w-]+$/)
  const style = /<style>([\s\S]*?)<\/style>/.exec(text)?.[1] ?? ''
  const digest = createHash('sha256').update(style).digest('base64')
  const policy = page.querySelector('meta[http-equiv]')?.getAttribute('content')
  assert.equal(policy, `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`)
})

const counts = (
  read: number,
  kept: number,
  dropped: Counts['dropped'] = { 'length-short': { docs: read - kept, bytes: 10 * (read - kept) } },
): Counts => ({
  read: { docs: read, bytes: 10 * read },
  kept: { docs: kept, bytes: 10 * kept },
  dropped,
  malformed: { docs: 0, bytes: 0 },
  cut: {},
})

const cleaned = (ledger: Record<string, Counts>, totals: Counts): ArtifactStats => ({
  folder: 'clean',
  record: {
    kind: 'clean',
    version: 1,
    status: 'done',
    configuration: {},
    digest: 'abc',
    inputs: [],
    totals,
    ledger,
    funnel: { total: [{ stage: 'length', ...totals.read, dropped: { docs: 1, bytes: 10 }, seconds: 1 }], sources: {} },
  },
  metrics: [],
})

test('a source that lost over half is an alarm, over 95 % a stop, by documents or by text', () => {
  const half = counts(100, 50)
  const text = { ...counts(100, 90), kept: { docs: 90, bytes: 400 } }
  const levels = lossesOf({ half, more: counts(100, 49), almost: counts(100, 5), nearly: counts(100, 4), text, empty: counts(0, 0) })
  assert.deepEqual(Object.fromEntries(levels.map(({ source, level }) => [source, level])), {
    half: 'fine',
    more: 'alarm',
    almost: 'alarm',
    nearly: 'stop',
    text: 'alarm',
    empty: 'fine',
  })
  const page = pageOf(statsOf(documents, { artifacts: [cleaned({ nearly: counts(100, 4) }, counts(100, 4))] }), 'en')
  assert.match(page.querySelector('.findings')?.textContent ?? '', /■ stop\s*Lost over 95 %: nearly \(96\.0\s%\)/)
  assert.equal(page.querySelector('#loss td .stop')?.textContent, '■ stop')
})

test('an account that does not add up is told on top and in its section', () => {
  const broken = { ...counts(100, 50), kept: { docs: 51, bytes: 500 } }
  const page = pageOf(statsOf(documents, { artifacts: [cleaned({ a: broken }, broken)] }), 'en')
  assert.match(page.querySelector('.findings')?.textContent ?? '', /does not add up/)
  assert.match(page.querySelector('#account .stop')?.textContent ?? '', /does not add up/)
  const whole = pageOf(statsOf(documents, { artifacts: [cleaned({ a: counts(100, 50) }, counts(100, 50))] }), 'en')
  assert.match(whole.querySelector('#account .ok')?.parentElement?.textContent ?? '', /100 read = 50 kept \+ 50 dropped \+ 0 malformed/)
})

test('numbers of a sample and of a sketch say that they are estimates', () => {
  const stats = statsOf(documents)
  const exact = pageOf(stats, 'en')
  assert.doesNotMatch(exact.querySelector('#ngrams')?.textContent ?? '', /An estimate/)
  stats.documents.sampled.oneIn = 16
  stats.documents.distinct.texts = { estimate: 39.6, low: 38, high: 41 }
  const page = pageOf(stats, 'en')
  for (const id of ['languages', 'ngrams', 'lines', 'repetition', 'personal']) {
    assert.match(page.querySelector(`#${id}`)?.textContent ?? '', /An estimate: measured on one document in 16/, id)
  }
  assert.match(page.querySelector('#tokens')?.textContent ?? '', /Measured on 40 documents/)
  const like = /An estimate: documents and bytes are exact, all else is of 40 documents/
  assert.doesNotMatch(page.body.textContent ?? '', like)
  stats.documents.measured = 'sample'
  const sampled = pageOf(stats, 'en')
  for (const id of ['sources', 'licences', 'dates', 'domains', 'lengths', 'scripts', 'metadata']) {
    assert.match(sampled.querySelector(`#${id}`)?.textContent ?? '', like, id)
  }
  assert.match(page.querySelector('#made')?.textContent ?? '', /≈ 40 \(38 – 41\)/)
})

test('before against after: measures, sources that went and came, lines that vanished', () => {
  const before = documents.map((document, i) => ({
    ...document,
    source: i < 10 ? 'blog' : 'news',
    text: `${document.text}\n광고 문의는 여기로`,
  }))
  const page = pageOf(statsOf(documents, { versus: { artifact: 'raw', documents: corpusOf(before), artifacts: [] } }), 'en')
  const versus = page.querySelector('#versus')
  const text = versus?.textContent ?? ''
  assert.match(text, /Gone: blog\./)
  assert.match(text, /New: wiki\./)
  const lines = [...(versus?.querySelectorAll('code') ?? [])].map(({ textContent }) => textContent)
  assert.ok(lines.includes('광고 문의는 여기로') && !lines.includes('공통된 꼬리말 한 줄'))
  assert.ok((versus?.querySelectorAll('.chart').length ?? 0) >= 4)
})

test('the datasheet has the texts of manifests, and says of what is not known what to do', () => {
  const artifact = cleaned({}, counts(10, 10, {}))
  const bare = pageOf(statsOf(documents, { artifacts: [artifact] }), 'en')
  assert.deepEqual(
    [...bare.querySelectorAll('#datasheet h3')].map(({ textContent }) => textContent),
    ['Motivation', 'Composition', 'Collection process', 'Preprocessing, cleaning, labelling', 'Uses', 'Distribution', 'Maintenance'],
  )
  assert.equal(bare.querySelectorAll('#datasheet .unknown').length, 5)
  assert.match(bare.querySelector('#datasheet .unknown')?.textContent ?? '', /Not known: .* write motivation: under datasheet:/)
  artifact.record.manifests = [
    {
      path: 'm.yaml',
      digest: 'd1',
      title: 'Mine',
      datasheet: { motivation: 'For Korean.' },
      sources: [{ name: 'wiki', licence: 'CC BY-SA', link: 'https://ko.example' }],
    },
  ]
  const told = pageOf(statsOf(documents, { artifacts: [artifact] }), 'en').querySelector('#datasheet')
  assert.equal(told?.querySelectorAll('.unknown').length, 4)
  for (const text of ['For Korean.', 'Mine', 'CC BY-SA', 'https://ko.example']) assert.ok(told?.textContent?.includes(text), text)
  assert.equal(told?.querySelectorAll('a').length, 0)
})

test('what a number is has Korean words for every reason, and none for what is no longer there', () => {
  const meanings = [...FILTERS.flatMap(({ reasons }) => Object.values(reasons)), ...Object.values(OTHER_NUMBERS)]
  assert.deepEqual(Object.keys(NUMBERS_KO).sort(), [...new Set(meanings)].sort())
})

test('the command that is shown is the one a shell needs', () => {
  // A shell holds no NUL, and no half of a pair.
  const held = HOSTILE.map((text) => text.replaceAll('\u0000', '').replaceAll('\ud800', ''))
  for (const text of [...held, "it's", '-x', ' ', "a\\b'c\u0007", '한국어/문서 1', '\u{1f600}\u202e']) {
    const came = execFileSync('bash', ['-c', `printf %s ${quotedForShell(text)}`], {
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
    }).toString()
    assert.equal(came, text)
  }
})
