/**
 * `make bench`: kopipe beside its peers, job by job, in the same run on the same files; the table goes into
 * docs/benchmarks.md. Whole commands are timed from start to exit, as a user waits for them. A peer's own figure
 * (the job alone, with the input in memory already) stands beside it where it has one, and the ratio is against the
 * better of the two for the peer. Peers that are not installed are named as missing, never left out silently.
 */

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { join, resolve } from 'node:path'
import { writeCompared } from '../scripts/compare-docs.ts'
import { rustHost } from '../scripts/rust.ts'
import { corpora } from './corpora.ts'
import { type Measured, measure } from './measure.ts'

const ROOT = resolve(import.meta.dirname, '..')
const WORK = join(ROOT, 'bench/made')
const PYTHON = join(ROOT, '.venv-bench/bin/python')
const DOCS = join(ROOT, 'docs/benchmarks.md')
const VOCABULARY = '30000'
/** Nothing but reading and writing. */
const AS_IT_CAME = ['--recipe', 'none', '--dedupe', 'off']
/** Near-duplicates of the texts as they came. */
const NEAR_ALONE = ['--recipe', 'none', '--format', 'jsonl']
interface Row {
  job: string
  who: string
  seconds: number
  rate: number
  peak: number
  load: number
  ratio?: number
}

const kopipe = (...args: string[]) => measure(join(ROOT, 'kopipe'), [...args, '--json', '--quiet'])
const peer = (threads: number, ...args: string[]) =>
  measure(PYTHON, [join(ROOT, 'bench/peers.py'), ...args], { RAYON_NUM_THREADS: String(threads), TOKENIZERS_PARALLELISM: 'true' })

/** The encoder with documents in memory, as peers are measured. */
async function encodeAlone(tokenizer: string, documents: string, threads: number): Promise<Measured> {
  const [manifest, target, host] = [join(ROOT, 'native/Cargo.toml'), join(ROOT, 'native/target'), rustHost()]
  const build = ['build', '--release', '--quiet', '--manifest-path', manifest, '--target', host, '--target-dir', target]
  execFileSync('cargo', [...build, '--package', 'kopipe-core', '--example', 'encode'], { stdio: 'inherit' })
  const measured = await measure(join(target, host, 'release/examples/encode'), [tokenizer, documents, String(threads)])
  return { ...measured, wall: measured.own }
}

/** Jobs that kept more cores busy than they were given. */
const breaches: string[] = []

/** One job: kopipe first, then each peer; the ratio says how many times longer the peer takes. */
async function job(
  name: string,
  workers: number,
  bytes: number,
  ours: () => Promise<Measured>,
  peers: Record<string, () => Promise<Measured>>,
  who = 'kopipe, whole command',
): Promise<Row[]> {
  const row = (who: string, seconds: number, { peak, load }: Measured, ratio?: number): Row => {
    const made = { job: name, who, seconds, rate: bytes / seconds / 1e6, peak, load, ...(ratio !== undefined && { ratio }) }
    console.log(
      `${name}: ${who} ${seconds.toFixed(2)} s, ${made.rate.toFixed(1)} MB/s${ratio ? `, kopipe is ${ratio.toFixed(1)} × faster` : ''}`,
    )
    return made
  }
  const mine = await ours()
  if (mine.load > 1.1 * workers) breaches.push(`${name}: ${mine.load.toFixed(2)} cores busy with --workers ${workers}`)
  const rows = [row(who, mine.wall, mine)]
  for (const [who, run] of Object.entries(peers)) {
    if (!existsSync(PYTHON)) {
      console.log(`${name}: ${who} is missing (no ${PYTHON})`)
      continue
    }
    const theirs = await run()
    const seconds = Math.min(theirs.own, theirs.wall)
    rows.push(row(who, seconds, theirs, seconds / mine.wall))
  }
  return rows
}

async function main(): Promise<void> {
  mkdirSync(WORK, { recursive: true })
  const { mix, dd, warc, bytes } = corpora(WORK)
  const fresh = (name: string) => {
    const path = join(WORK, name)
    rmSync(path, { recursive: true, force: true })
    return path
  }
  const only = process.argv[2]
  const rows: Row[] = []
  const train = () => kopipe('tokenize', mix.jsonl, '-o', fresh('tokenizer'), '--vocab-size', VOCABULARY, '--workers', '2')
  /** The tokenizer of `train`, made where no job before this one has. */
  const trained = async () => {
    const tokenizer = join(WORK, 'tokenizer/tokenizer.json')
    if (!existsSync(tokenizer)) await train()
    return tokenizer
  }
  const jobs: [string, () => Promise<Row[]>][] = [
    [
      'tokenize',
      () =>
        job(`train a BPE of ${VOCABULARY} on mix, two threads`, 2, bytes.mix, train, {
          'gigatoken, training alone': () => peer(2, 'train-gigatoken', mix.jsonl, VOCABULARY, join(WORK, 'g.json')),
          'ffbpe, training alone': () => peer(2, 'train-ffbpe', mix.jsonl, VOCABULARY, join(WORK, 'f.json')),
          'HF tokenizers, training alone': () => peer(2, 'train-hf', mix.jsonl, VOCABULARY, join(WORK, 'hf.json')),
        }),
    ],
    ...[1, 2].map((threads): [string, () => Promise<Row[]>] => [
      threads === 1 ? 'encode' : 'encode-2',
      async () => {
        const tokenizer = await trained()
        const theirs = (who: string) => () => peer(threads, `encode-${who}`, mix.jsonl, tokenizer)
        const ours = () => encodeAlone(tokenizer, mix.jsonl, threads)
        const peers = { 'fastokens, encoding alone': theirs('fastokens'), 'gigatoken, encoding alone': theirs('gigatoken') }
        // It takes a minute, and says with two threads what it says with one.
        const slow = threads === 1 ? { 'HF tokenizers, encoding alone': theirs('hf') } : {}
        const name = `encode mix, ${threads === 1 ? 'one thread' : 'two threads'}, caches cold`
        return job(name, threads, bytes.mix, ours, { ...peers, ...slow }, 'kopipe, encoding alone')
      },
    ]),
    ...[1, 2].map((workers): [string, () => Promise<Row[]>] => [
      workers === 1 ? 'pack' : 'pack-2',
      async () => {
        const tokenizer = await trained()
        return job(
          `encode mix and write shards, ${workers === 1 ? 'one worker' : 'two workers'}, from zst`,
          workers,
          bytes.mix,
          () => kopipe('pack', mix.zst, '--tokenizer', tokenizer, '-o', fresh('shards'), '--workers', `${workers}`),
          {},
        )
      },
    ]),
    [
      'clean',
      () =>
        job(
          'clean dd by the recipe ko with exact duplicates, one worker, zst to zst',
          1,
          bytes.dd,
          () => kopipe('clean', dd.zst, '-o', fresh('clean-dd'), '--dedupe', 'exact', '--workers', '1'),
          {
            'datatrove: NFC, length, Hangul, exact duplicates': () => peer(1, 'clean-datatrove', dd.folder, fresh('datatrove')),
            'datatrove: Gopher, FineWeb, PII': () => peer(1, 'filters-datatrove', dd.folder, fresh('datatrove-filters')),
          },
        ),
    ],
    [
      'clean-mix',
      () =>
        job(
          'clean mix by the recipe ko, no duplicates, one worker, zst to zst',
          1,
          bytes.mix,
          () => kopipe('clean', mix.zst, '-o', fresh('clean-mix'), '--dedupe', 'off', '--workers', '1'),
          {},
        ),
    ],
    [
      'clean-mix-2',
      () =>
        job(
          'clean mix by the recipe ko, no duplicates, two workers, zst to zst',
          2,
          bytes.mix,
          () => kopipe('clean', mix.zst, '-o', fresh('clean-mix'), '--dedupe', 'off', '--workers', '2'),
          {},
        ),
    ],
    [
      'near',
      () =>
        job(
          'near-duplicates of mix, plain to plain, one worker',
          1,
          bytes.mix,
          () => kopipe('clean', mix.jsonl, '-o', fresh('near-mix'), ...NEAR_ALONE, '--workers', '1'),
          {},
        ),
    ],
    [
      'near-2',
      () =>
        job(
          'near-duplicates of mix, plain to plain, two workers',
          2,
          bytes.mix,
          () => kopipe('clean', mix.jsonl, '-o', fresh('near-mix'), ...NEAR_ALONE, '--workers', '2'),
          {},
        ),
    ],
    [
      'near-dd',
      () =>
        job(
          'near-duplicates of dd, plain to plain, one worker',
          1,
          bytes.dd,
          () => kopipe('clean', dd.jsonl, '-o', fresh('near-dd'), ...NEAR_ALONE, '--workers', '1'),
          {
            'datatrove, its whole MinHash': () => peer(1, 'near-datatrove', dd.folder, fresh('datatrove-near')),
            'rensa, signatures alone': () => peer(1, 'signatures-rensa', dd.jsonl),
          },
        ),
    ],
    [
      'near-clean',
      () =>
        job(
          'clean mix by the recipe ko with near-duplicates, one worker, zst to zst',
          1,
          bytes.mix,
          () => kopipe('clean', mix.zst, '-o', fresh('clean-mix'), '--workers', '1'),
          {},
        ),
    ],
    [
      'near-clean-2',
      () =>
        job(
          'clean mix by the recipe ko with near-duplicates, two workers, zst to zst',
          2,
          bytes.mix,
          () => kopipe('clean', mix.zst, '-o', fresh('clean-mix'), '--workers', '2'),
          {},
        ),
    ],
    [
      'known',
      async () => {
        const older = fresh('older')
        await kopipe('clean', dd.jsonl, '-o', older, ...NEAR_ALONE, '--keep-index')
        return job(
          'near-duplicates of mix and of the index of dd, plain to plain, one worker, an index kept',
          1,
          bytes.mix,
          () => kopipe('clean', mix.jsonl, '-o', fresh('near-mix'), ...NEAR_ALONE, '--known', older, '--keep-index', '--workers', '1'),
          {},
        )
      },
    ],
    [
      'columns',
      () =>
        job(
          'read mix from Parquet, write Parquet, nothing else, one worker',
          1,
          bytes.mix,
          () => kopipe('clean', mix.parquet, '-o', fresh('columns'), '--format', 'parquet', '--workers', '1', ...AS_IT_CAME),
          { 'datatrove, the same': () => peer(1, 'columns-datatrove', mix.parquet, fresh('datatrove-columns')) },
        ),
    ],
    [
      'warc',
      () =>
        job(
          'main text of 710 pages of a WARC, one worker',
          1,
          warc.bytes,
          () => kopipe('clean', warc.path, '-o', fresh('warc'), '--workers', '1', ...AS_IT_CAME),
          { 'trafilatura, pages in memory, nothing written': () => peer(1, 'warc-trafilatura', warc.path) },
        ),
    ],
    [
      'sample',
      () =>
        job('sample 640 MB, two workers', 2, 640e6, () => kopipe('sample', '-o', fresh('sample'), '--size', '640MB', '--workers', '2'), {}),
    ],
    [
      'stats',
      () =>
        job(
          'stats of mix, one worker, from zst',
          1,
          bytes.mix,
          () => kopipe('stats', mix.zst, '-o', join(WORK, 'report.html'), '--workers', '1'),
          {},
        ),
    ],
  ]
  for (const [name, run] of jobs) if (!only || only === name) rows.push(...(await run()))
  if (!only) writeDocs(rows)
  for (const breach of breaches) console.error(`too many: ${breach}`)
  if (breaches.length > 0) process.exitCode = 1
}

/** Replaces what stands between the markers of docs/benchmarks.md, and what docs/compare.md takes from there. */
function writeDocs(rows: Row[]): void {
  const cells = rows.map(({ job, who, seconds, rate, peak, load, ratio }) => {
    const bold = who.startsWith('kopipe') ? '**' : ''
    return `| ${job} | ${bold}${who}${bold} | ${seconds.toFixed(2)} | ${rate.toFixed(1)} | ${(peak / 1e9).toFixed(2)} | ${load.toFixed(2)} | ${ratio ? `${ratio.toFixed(1)} ×` : ''} |`
  })
  const machine = `Measured by \`make bench\` on ${new Date().toISOString().slice(0, 10)}: ${availableParallelism()} cores of ${cpus()[0]?.model ?? 'an unknown CPU'}, Node ${process.versions.node}.`
  const table = [
    machine,
    '',
    '| job | who | seconds | MB/s of text | peak GB | cores busy | takes as long as kopipe |',
    '|---|---|---|---|---|---|---|',
    ...cells,
  ].join('\n')
  const docs = readFileSync(DOCS, 'utf8')
  const [before, after] = [docs.indexOf('<!-- table -->'), docs.indexOf('<!-- /table -->')]
  writeFileSync(DOCS, `${docs.slice(0, before)}<!-- table -->\n${table}\n${docs.slice(after)}`)
  writeCompared()
}

await main()
