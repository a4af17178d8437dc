/** `stats`: what a corpus is made of and what each stage did to it → stats.json and an HTML page beside it. */

import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { datasetAt } from '../core/dataset.ts'
import { KopipeError } from '../core/errors.ts'
import { type Counts, checkIdentity, total } from '../core/ledger.ts'
import { common, count, keys } from '../core/options.ts'
import type { Session } from '../core/progress.ts'
import { checkMemory, type Damaged } from '../native/documents.ts'
import { io, native } from '../native/index.ts'
import { measure } from './corpus-stats.ts'
import { readArtifact } from './report/artifact.ts'
import type { Stats } from './report/measures.ts'
import { renderReport } from './report/page.ts'
import { budgetsOf, datasetStats } from './shards/stats.ts'

export const statsOptions = z.strictObject({
  output: z
    .string()
    .default('report.html')
    .meta({ help: 'the HTML page; stats.json is written beside it', placeholder: 'FILE', short: 'o' }),
  lang: z.enum(['ko', 'en'], 'expected ko or en').default('en').meta({ help: 'of the page', placeholder: 'ko|en' }),
  tokenizer: z
    .string()
    .optional()
    .meta({ help: 'a tokenizer.json: that of bare shards, and documents are counted in its tokens', placeholder: 'FILE', path: 'file' }),
  versus: z.string().optional().meta({ help: 'any of the inputs stats takes, held against these', placeholder: 'ARTIFACT', path: 'file' }),
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
  const artifacts: Stats['artifacts'] = []
  for (const folder of inputs.filter(isArtifact)) artifacts.push(await readArtifact(folder, session))
  // `*` finds both files of a shard, which is one all the same.
  const packed = [...new Set(inputs.filter(isPacked).map((input) => (isShard(input) ? input.replace(/\.(bin|idx)$/, '') : input)))]
  const bare = packed.filter(isShard)
  const withDocuments = inputs.filter(holdsDocuments)
  if (options.tokenizer !== undefined && withDocuments.length + bare.length === 0) {
    throw new KopipeError('usage', '--tokenizer is for documents and bare shards, and there are none among the inputs')
  }
  const { documents, ledger, damaged } = await measure(withDocuments, options, session)
  const totals = total(ledger)
  checkIdentity(totals)
  const datasets: Stats['datasets'] = []
  for (const path of packed) {
    const found = await datasetStats(path, { ...options, tokenizer: isShard(path) ? options.tokenizer : undefined }, session)
    datasets.push({ ...found, budgets: budgetsOf(found) })
  }
  const result: Stats = {
    documents,
    artifacts,
    datasets,
    malformed: totals.malformed.docs,
    ...(options.versus !== undefined && { versus: await measureVersus(options.versus, options, session) }),
  }
  const page = resolve(options.output)
  const beside = join(dirname(page), 'stats.json')
  await io.createFolder(dirname(page))
  await io.commitFile(beside, Buffer.from(`${JSON.stringify(result, null, 2)}\n`))
  await io.commitFile(page, Buffer.from(renderReport(result, options.lang)))
  return { stats: result, summary: { ...totals, damaged, artifact: options.output, stats: beside } }
}

async function measureVersus(input: string, options: StatsOptions, session: Session): Promise<NonNullable<Stats['versus']>> {
  if (!holdsDocuments(input)) throw new KopipeError('usage', `--versus ${input}: expected files or an artifact that holds documents`)
  const { documents } = await measure([input], options, session)
  return { artifact: input, documents, artifacts: isArtifact(input) ? [await readArtifact(input, session)] : [] }
}

function holdsDocuments(input: string): boolean {
  return !isPacked(input) && (!isArtifact(input) || existsSync(join(input, 'documents')))
}

function isArtifact(input: string): boolean {
  return existsSync(join(input, 'kopipe.json'))
}

/** A dataset that `pack` wrote whole, or a bare shard. */
function isPacked(input: string): boolean {
  return datasetAt(input) !== undefined
}

function isShard(input: string): boolean {
  const place = datasetAt(input)
  return place !== undefined && 'prefix' in place
}
