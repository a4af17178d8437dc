/**
 * A flow on a sample, in a process of its own as a user starts one: so that its start-up and its peak memory are those of the
 * command. It tells when each stage began, with what was held and had been written by then.
 */

import { fork } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ErrorKind, KopipeError } from '../../core/errors.ts'
import type { StageRun } from '../../core/plan.ts'
import { type Session, silent } from '../../core/progress.ts'
import type { CleanOptions } from '../../pipeline/clean.ts'
import type { Sample } from '../../pipeline/plan/sampling.ts'
import type { SampleOptions } from '../../pipeline/sample.ts'
import type { PackOptions } from '../../pipeline/shards/options.ts'
import type { TokenizeOptions } from '../../tokenizer/options.ts'

/** Tells this file that it is the process. */
const ROLE = 'plan-apart'

export type Job =
  | { command: 'sample'; options: SampleOptions }
  | { command: 'clean'; sample: Sample; whole: boolean; plain: number; options: CleanOptions }
  | { command: 'tokenize'; inputs: string[]; options: TokenizeOptions }
  | { command: 'pack'; inputs: string[]; options: PackOptions }

/** What the process tells at its end. */
interface Told {
  stages: StageRun[]
  peak: number
  /** Bytes of what was found of duplicates, and of sealed counts, at the most. */
  searched: number
  counts: number
  result: number
  summary: Record<string, unknown>
}

type Answer = { told: Told } | { error: { kind: ErrorKind; message: string; hint?: string } }

export async function apart(job: Job, signal: AbortSignal): Promise<Told & { seconds: number }> {
  if (signal.aborted) throw stopped()
  const started = performance.now()
  const child = fork(fileURLToPath(import.meta.url), [ROLE], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const stop = () => child.kill()
  signal.addEventListener('abort', stop)
  let answer: Answer | undefined
  child.on('message', (message: Answer) => {
    answer = message
  })
  child.send(job)
  const code = await new Promise<number | null>((done) => child.on('exit', done))
  signal.removeEventListener('abort', stop)
  if (signal.aborted) throw stopped()
  if (answer && 'told' in answer) return { ...answer.told, seconds: (performance.now() - started) / 1000 }
  const { kind, message, hint } = answer?.error ?? { kind: 'internal', message: `${job.command} ended with ${code} on a sample` }
  throw new KopipeError(kind, message, hint === undefined ? {} : { hint })
}

function stopped(): KopipeError {
  return new KopipeError('interrupted', 'interrupted; nothing is left of it')
}

async function run(job: Job): Promise<Told> {
  const folder = job.options.output
  const begun: (Omit<StageRun, 'seconds'> & { at: number })[] = []
  let [searched, counts] = [0, 0]
  const look = (name: string) => {
    begun.push({ name, at: performance.now(), memory: process.memoryUsage.rss(), disk: bytesIn(folder), steps: [] })
    searched = Math.max(searched, bytesIn(join(folder, 'scratch', 'duplicates')))
    counts = Math.max(counts, statSync(join(folder, 'scratch', 'counts'), { throwIfNoEntry: false })?.size ?? 0)
  }
  const advance = ({ bytes = 0 }: { bytes?: number }) => {
    const stage = begun.at(-1)
    if (bytes > 0) stage?.steps.push({ seconds: (performance.now() - stage.at) / 1000, bytes })
  }
  const session: Session = { progress: { ...silent, stage: look, advance }, signal: new AbortController().signal }
  const summary = await flow(job, session)
  const ended = performance.now()
  const stages = begun.map(({ at, ...stage }, i) => ({ ...stage, seconds: ((begun[i + 1]?.at ?? ended) - at) / 1000 }))
  return { stages, peak: process.resourceUsage().maxRSS * 1024, searched, counts, result: bytesIn(folder), summary: { ...summary } }
}

/** Modules are loaded as the command would: none of the others'. */
async function flow(job: Job, session: Session): Promise<object> {
  switch (job.command) {
    case 'sample':
      return (await import('../../pipeline/sample.ts')).sample(job.options, session)
    case 'clean': {
      const { cleanFiles } = await import('../../pipeline/clean.ts')
      const { streamsOf } = await import('../../pipeline/plan/sampling.ts')
      const { sample, whole, plain, options } = job
      const part = whole ? undefined : { streams: (all: Parameters<typeof streamsOf>[1]) => streamsOf(sample, all), plain }
      const { funnel: _, ...summary } = await cleanFiles(sample.files, [], options, session, part)
      return summary
    }
    case 'tokenize':
      return (await import('../../tokenizer/train.ts')).tokenize(job.inputs, job.options, session)
    case 'pack':
      return (await import('../../pipeline/pack.ts')).pack(job.inputs, job.options, session)
  }
}

function bytesIn(folder: string): number {
  if (!statSync(folder, { throwIfNoEntry: false })) return 0
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name)
    return sum + (entry.isDirectory() ? bytesIn(path) : statSync(path).size)
  }, 0)
}

if (process.argv[2] === ROLE) {
  process.once('message', async (job: Job) => {
    const answer = await run(job).then(
      (told): Answer => ({ told }),
      (error: unknown): Answer => {
        const { kind, message, hint } =
          error instanceof KopipeError ? error : { kind: 'internal' as const, message: String(error), hint: undefined }
        return { error: { kind, message, ...(hint !== undefined && { hint }) } }
      },
    )
    process.send?.(answer, undefined, {}, () => process.disconnect())
  })
}
