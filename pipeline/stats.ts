/** `stats`: what a corpus is made of and what each stage did to it → stats.json and an HTML page beside it. */

import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import PQueue from 'p-queue'
import { z } from 'zod'
import type { ArtifactRecord } from '../core/artifact.ts'
import { interrupted, KopipeError } from '../core/errors.ts'
import { inOrder } from '../core/flow.ts'
import { resolveInputs } from '../core/inputs.ts'
import { addLedger, type Counts, checkIdentity, type Ledger, total } from '../core/ledger.ts'
import { common, count, keys } from '../core/options.ts'
import type { Session } from '../core/progress.ts'
import { checkMemory, type Damaged, readFiles, reading } from '../native/documents.ts'
import { io, native } from '../native/index.ts'
import type { ArtifactStats, Measures, Stats } from './report/measures.ts'
import { renderReport } from './report/page.ts'
import { budgetsOf, datasetStats } from './shards/stats.ts'

export const statsOptions = z.strictObject({
  output: z
    .string()
    .default('report.html')
    .meta({ help: 'the HTML page; stats.json is written beside it', placeholder: 'FILE', short: 'o' }),
  lang: z.enum(['ko', 'en'], 'expected ko or en').default('en').meta({ help: 'of the page', placeholder: 'ko|en' }),
  tokenizer: z.string().optional().meta({ help: 'the tokenizer.json of bare shards', placeholder: 'FILE' }),
  sequenceLength: count(2).default(2048).meta({ help: 'tokens a sample, of what is packed', placeholder: 'N' }),
  ...keys,
  allowCorrupt: z.boolean().default(false).meta({ help: 'exit 0 where compressed input is damaged' }),
  workers: common.workers,
  memory: common.memory,
  maxDocument: common.maxDocument,
  quiet: common.quiet,
  json: common.json,
})

export type StatsOptions = z.output<typeof statsOptions>

export interface StatsSummary extends Counts {
  damaged: Damaged[]
  artifact: string
  stats: string
}

export async function stats(
  inputs: readonly string[],
  options: StatsOptions,
  session: Session,
): Promise<{ stats: Stats; summary: StatsSummary }> {
  checkMemory(options)
  native.startWorkers(options.workers)
  const artifacts = inputs.filter(isArtifact).map(readArtifact)
  // `*` finds both files of a shard, which is one all the same.
  const packed = [...new Set(inputs.filter(isPacked).map((input) => (isShard(input) ? input.replace(/\.(bin|idx)$/, '') : input)))]
  const bare = packed.filter(isShard)
  if (options.tokenizer !== undefined && bare.length === 0) {
    throw new KopipeError('usage', '--tokenizer is for bare shards, and there is none among the inputs')
  }
  const withDocuments = inputs.filter((input) => !isPacked(input) && (!isArtifact(input) || existsSync(join(input, 'documents'))))
  const { bySource, ledger, damaged } = await measure(withDocuments, options, session)
  const totals = total(ledger)
  checkIdentity(totals)
  const datasets: Stats['datasets'] = []
  for (const path of packed) {
    const found = await datasetStats(path, { ...options, tokenizer: isShard(path) ? options.tokenizer : undefined }, session)
    datasets.push({ ...found, budgets: budgetsOf(found) })
  }
  const result: Stats = {
    documents: { total: sum(Object.values(bySource)), bySource },
    artifacts,
    datasets,
    malformed: totals.malformed.docs,
  }
  const page = resolve(options.output)
  const beside = join(dirname(page), 'stats.json')
  await io.createFolder(dirname(page))
  await io.commitFile(beside, Buffer.from(`${JSON.stringify(result, null, 2)}\n`))
  await io.commitFile(page, Buffer.from(renderReport(result, options.lang)))
  return { stats: result, summary: { ...totals, damaged, artifact: options.output, stats: beside } }
}

interface Measured {
  bySource: Record<string, Measures>
  ledger: Ledger
  damaged: Damaged[]
}

async function measure(inputs: readonly string[], options: StatsOptions, { progress, signal }: Session): Promise<Measured> {
  const { workers, memory } = options
  const files = await resolveInputs(inputs)
  const { keys: recordKeys, ...settings } = reading(options)
  const tally = new native.CorpusTally()
  const measured: Measured = { bySource: {}, ledger: {}, damaged: [] }
  progress.stage(
    'measuring',
    files.reduce((bytes, file) => bytes + file.bytes, 0),
  )
  const batches = inOrder(
    readFiles(files, settings),
    new PQueue({ concurrency: workers }),
    async ({ batch }) => {
      await batch.parse(recordKeys)
      await tally.add(batch)
    },
    { items: 2 * workers, bytes: memory / 16 },
    ({ batch }) => batch.weight,
  )
  for await (const { batch, file, fileBytes } of batches) {
    if (signal.aborted) throw interrupted('nothing was written')
    const counts = JSON.parse(batch.counts()) as Ledger
    addLedger(measured.ledger, counts)
    if (batch.damage) measured.damaged.push({ path: files[file]?.path ?? '', ...batch.damage })
    const { read } = total(counts)
    batch.close()
    progress.advance({ of: fileBytes, docs: read.docs, bytes: read.bytes })
  }
  return { ...measured, bySource: JSON.parse(tally.measures()) as Record<string, Measures> }
}

function isArtifact(input: string): boolean {
  return existsSync(join(input, 'kopipe.json'))
}

/** A dataset that `pack` wrote whole, or a bare shard. */
function isPacked(input: string): boolean {
  return isShard(input) || existsSync(join(input, 'dataset.json'))
}

function isShard(input: string): boolean {
  return /\.(bin|idx)$/.test(input) || existsSync(`${input}.idx`)
}

function readArtifact(folder: string): ArtifactStats {
  const record = JSON.parse(readFileSync(join(folder, 'kopipe.json'), 'utf8')) as ArtifactRecord
  const path = join(folder, 'metrics.jsonl')
  const metrics = existsSync(path) && statSync(path).size > 0 ? readFileSync(path, 'utf8').trim().split('\n') : []
  return { folder, record, metrics: metrics.map((line) => JSON.parse(line) as ArtifactStats['metrics'][number]) }
}

function sum(all: Measures[]): Measures {
  const lengths = Array.from({ length: all[0]?.lengths.length ?? 0 }, (_, bin) => all.reduce((n, m) => n + (m.lengths[bin] ?? 0), 0))
  const scripts: Record<string, number> = {}
  for (const measures of all) {
    for (const [script, count] of Object.entries(measures.scripts)) scripts[script] = (scripts[script] ?? 0) + count
  }
  const add = (key: 'docs' | 'bytes' | 'chars' | 'eojeol') => all.reduce((n, m) => n + m[key], 0)
  return { docs: add('docs'), bytes: add('bytes'), chars: add('chars'), eojeol: add('eojeol'), scripts, lengths }
}
