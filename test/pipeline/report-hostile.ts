/** Text that attacks a page, everywhere a text may stand. */

import type { ArtifactStats, Stats } from '../../pipeline/report/measures.ts'
import { corpusOf, type Document, statsOf } from './report-kit.ts'

/** What text may do to a page that lets it: breaks out of attributes, elements, styles and comments, runs, calls, turns around. */
export const HOSTILE = [
  '<script>window.ran = 1; alert(1)</script>',
  '</title></style></script><script>window.ran = 2</script>',
  '<img src=x onerror="window.ran = 3">',
  '"><svg onload=window.ran=4><a href="javascript:window.ran=5" autofocus onfocus=window.ran=6>x</a>',
  "' onmouseover='window.ran=7' style='position:fixed;inset:0",
  '</text></svg><iframe srcdoc="<script>parent.ran=8</script>"></iframe>',
  '--><!--><base href="https://example.com/"><link rel=stylesheet href=//example.com/a.css>',
  '<style>@import url(https://example.com/b.css); * { display: none }</style>',
  '<meta http-equiv="refresh" content="0; url=https://example.com">',
  '<form action="https://example.com"><button autofocus>x</button></form><details open ontoggle=window.ran=9>',
  'javascript:window.ran=10',
  '&lt;script&gt;window.ran=11&lt;/script&gt; &quot; &#60;b&#62;',
  '\u202egnitic\u202c \u2066isolate\u2069 \u200fright\u200e \u061carabic שלום مرحبا',
  '\u0000\u0007\u001b[31m\u009b31m\ufeff\u200b\u2028\u2029\ud800',
  '`$\u007bwindow.ran = 12} {{constructor.constructor("window.ran=13")()}} `',
  '가'.repeat(3000),
  `가${'\u0301\u0330'.repeat(400)}나`,
  '__proto__',
  '<![CDATA[<script>window.ran=14</script>]]>',
  '<template><slot></slot></template><math><mtext><style><!--</style><img src onerror=window.ran=15>',
]

/** Every text attacks, wherever a text of a document may stand. */
export function hostileDocuments(): Document[] {
  return HOSTILE.flatMap((evil, i) => [
    {
      id: evil,
      source: evil,
      text: `${evil}\n${evil}\n${evil} 한국어 문장입니다.`,
      licence: evil,
      host: evil,
      date: evil,
      [`k${evil}`]: evil,
    },
    { id: `${i}${evil}`, source: 'web', text: `${evil} 사람@example.com`, licence: 'CC BY', host: 'example.com', date: '2023-05' },
  ])
}

const EVIL = HOSTILE.join(' ')

/** A page of everything there may be, where every name and text attacks. */
export function hostileStats(): Stats {
  const documents = hostileDocuments()
  const artifacts = [
    cleaned(),
    {
      folder: `run/${EVIL}`,
      record: record('train', {}),
      metrics: [
        { step: 1, loss: 3 },
        { step: 2, loss: 2, val_loss: 2.5 },
      ],
    },
  ]
  return statsOf(documents, {
    artifacts: [...artifacts, tokenizer()],
    datasets: [dataset()],
    malformed: 1,
    versus: {
      artifact: EVIL,
      documents: corpusOf(documents.slice(0, 30).map((document) => ({ ...document, source: `old ${document.source}` }))),
      artifacts,
    },
  })
}

function record(kind: string, more: Record<string, unknown>): ArtifactStats['record'] {
  const inputs = HOSTILE.map((path) => ({ path, bytes: 1, mtime: Number.NaN, digest: path }))
  return {
    kind,
    version: 1,
    status: 'done',
    configuration: Object.fromEntries(HOSTILE.map((evil) => [evil, evil])),
    digest: EVIL,
    inputs,
    ...more,
  }
}

function cleaned(): ArtifactStats {
  const counts = { docs: 10, bytes: 100 }
  const dropped = Object.fromEntries(HOSTILE.map((evil) => [evil, { docs: 1, bytes: 10 }]))
  const n = HOSTILE.length
  const totals = {
    read: { docs: 11 + n, bytes: 110 + 10 * n },
    kept: counts,
    dropped,
    malformed: { docs: 1, bytes: 10 },
    cut: { [EVIL]: { ...counts, hits: 3 } },
  }
  const against = HOSTILE.map((file) => ({ file, items: 10, used: 9, tooShort: 1, unreadable: 0, met: 3 }))
  const stages = HOSTILE.map((stage) => ({ stage, ...counts, dropped: { docs: 1, bytes: 1 }, seconds: 0.5 }))
  const ledger = Object.fromEntries(HOSTILE.map((evil) => [evil, totals]))
  const manifests = HOSTILE.slice(0, 3).map((evil) => ({
    path: evil,
    digest: evil,
    title: evil,
    datasheet: { motivation: evil, uses: evil },
    sources: [{ name: evil, licence: evil, link: 'javascript:window.ran=20' }],
  }))
  const excerpt = (evil: string) => ({ id: evil, source: evil, chars: 5000, text: evil, value: 0.5, against: { file: evil, id: evil } })
  const reasons = HOSTILE.map((reason) => ({
    reason,
    number: reason,
    threshold: 0.5,
    count: { docs: 10, bytes: 10 },
    dropped: [excerpt(reason)],
    kept: [excerpt(reason)],
    loosened: { looked: 10, pass: 3 },
    tightened: { looked: 10, go: 2 },
  }))
  const pair = (evil: string) => ({
    id: evil,
    source: evil,
    other: evil,
    score: 0.8,
    pieces: (['both', 'other', 'this'] as const).map((of) => ({ text: evil, of })),
  })
  const clusters = {
    sizes: [1, 2, 3, 5, 9, 31, 101, 177].map((from) => ({ from, clusters: 2, docs: 2 * from })),
    largest: HOSTILE.map((evil) => ({ size: 3, stays: excerpt(evil), members: [excerpt(evil)] })),
    went: HOSTILE.map(pair),
    stayed: HOSTILE.map(pair),
  }
  const funnel = { total: stages, sources: Object.fromEntries(HOSTILE.map((evil) => [evil, stages])) }
  return {
    folder: `clean/${EVIL}`,
    record: record('clean', { totals: { ...totals, against }, ledger, funnel, manifests }),
    metrics: [],
    evidence: { parts: { looked: 1, all: 2 }, measured: 10, reasons, clusters },
  }
}

function tokenizer(): ArtifactStats {
  const sources = HOSTILE.map((source) => ({ source, docs: 1, tokensPerCharacter: 1, tokensPerEojeol: 1, bytesPerToken: 1, cutShare: 0.1 }))
  return {
    folder: EVIL,
    record: record('tokenize', {}),
    metrics: [],
    tokenizer: {
      corpus: { docs: 1, bytes: 1, characters: 1, eojeol: 1, pretokens: 1, pretokenTypes: 1 },
      vocabulary: { size: 100, specials: 1, merges: 1, unused: 1 },
      quality: { tokens: 1, tokensPerCharacter: 1, tokensPerEojeol: 1, bytesPerToken: 1, cutOccurrenceShare: 0.1 },
      sources,
    },
  }
}

function dataset(): Stats['datasets'][number] {
  const counted = HOSTILE.map((evil, id) => ({ id, bytes: Buffer.from(evil).toString('hex'), occurrences: 3 }))
  return {
    packed: EVIL,
    shards: HOSTILE.map((prefix) => ({ prefix, documents: 1, tokens: 1 })),
    sources: HOSTILE.map((source) => ({ source, documents: 1, tokens: 1, use: { characters: 1, bytes: 3, unused: 99 } })),
    documents: 20,
    tokens: 20,
    bytes: 40,
    dtype: 'u16',
    sequenceLength: 2048,
    splits: [{ split: 'all', documents: 20, tokens: 20, samples: 1, samplesWithBoundary: 1, documentsASample: 20, documentsCut: 0 }],
    lengths: { mean: 1, quantiles: [{ share: 0.5, tokens: 1 }], powers: [0, 20] },
    vocabulary: {
      tokenizer: EVIL,
      size: 100,
      used: 20,
      unused: 80,
      stray: 1,
      use: { characters: 20, bytes: 60, unused: 80 },
      entropy: 4,
      ranks: [{ tokens: 1, occurrences: 3 }],
      byRank: [{ rank: 1, occurrences: 3 }],
      mostFrequent: counted,
      rarest: counted,
      unusedIds: [50, 51],
    },
    budgets: [{ tokens: 1e9, like: EVIL, steps: 1, epochs: 3 }],
  }
}
