/**
 * Ten seconds of the real thing: the commands, one after another, on two samples of the input, with the flags of the run and
 * on its disk. The small one has many units of few bytes, the larger one few of many, so that both together part what a byte
 * costs from what a unit does.
 */

import { join } from 'node:path'
import type { Counts } from '../../core/ledger.ts'
import { type Run, type Runs, secondsOf } from '../../core/plan.ts'
import type { Session } from '../../core/progress.ts'
import { type CleanOptions, cleanOptions } from '../../pipeline/clean.ts'
import type { CleanRun } from '../../pipeline/plan/clean.ts'
import type { PackRun } from '../../pipeline/plan/pack.ts'
import { type Sample, sampled } from '../../pipeline/plan/sampling.ts'
import type { Survey } from '../../pipeline/plan/survey.ts'
import { packOptions } from '../../pipeline/shards/options.ts'
import { tokenizeOptions } from '../../tokenizer/options.ts'
import type { TokenizeRun } from '../../tokenizer/plan.ts'
import { apart } from './apart.ts'

/** Seconds that both samples are to take. */
const SECONDS = 10
const SMALL = { bytes: 16e6, units: 8 }
const LARGE = { least: 48e6, units: 4 }
/** What three commands take to start. */
const STARTS = 1
/** Of the small sample's time in `clean` what a larger one of the same bytes takes: it has a unit for every two megabytes. */
const UNITS_ASIDE = 0.6

/** What is set for a run, as `plan` was told it. */
export interface Settings {
  clean: Partial<CleanOptions>
  vocabSize: number
  /** Text of the whole run: as much of a sample has plain scratch as of this. */
  text: number
}

export interface Calibration {
  clean: Runs<CleanRun>
  tokenize: Runs<TokenizeRun>
  pack: PackRun
  /** Whether the larger sample is all there is. */
  whole: boolean
  /** What it took. */
  seconds: number
}

interface Round {
  clean: CleanRun
  tokenize: TokenizeRun
}

export async function calibrate(survey: Survey, folder: string, settings: Settings, session: Session): Promise<Calibration> {
  const started = performance.now()
  const all = survey.files.reduce((sum, { decoded }) => sum + decoded, 0)
  const whole = {
    files: survey.files.map(({ file }) => file),
    places: survey.files.map(() => [0]),
    unitSize: cleanOptions.shape.unitSize.parse(undefined),
    bytes: all,
  }
  const run = async (name: string, sample: Sample) => {
    session.progress.stage(`running on ${Math.round(sample.bytes / 1e6)} MB`)
    return runRound(join(folder, name), sample, sample === whole, settings, session)
  }
  const taken = () => (performance.now() - started) / 1000
  const small = all < 2 * SMALL.bytes ? undefined : await run('small', sampled(survey.files, SMALL.bytes, SMALL.units))
  const bytes = small ? largeBytes(small, SECONDS - taken()) : all
  const sample = bytes < 0.9 * all ? sampled(survey.files, bytes, LARGE.units) : whole
  const large = await run('large', sample)
  const pack = await runPack(join(folder, 'large'), settings, session)
  const { clean, tokenize } = small ?? large
  return {
    clean: { small: clean, large: large.clean },
    tokenize: { small: tokenize, large: large.tokenize },
    pack,
    whole: sample === whole,
    seconds: taken(),
  }
}

/** How large the larger sample may be, by the small one, in the time that is left; counting and packing take about as long. */
function largeBytes({ clean, tokenize }: Round, seconds: number): number {
  const fixed = STARTS + secondsOf(tokenize, 'measuring') + 2 * secondsOf(tokenize, 'merging')
  const cleaning = UNITS_ASIDE * (secondsOf(clean, 'cleaning') + secondsOf(clean, 'writing'))
  const perByte = (cleaning + 2 * secondsOf(tokenize, 'counting')) / clean.read.bytes
  return Math.max(LARGE.least, (seconds - fixed) / perByte)
}

async function runRound(folder: string, sample: Sample, whole: boolean, settings: Settings, { signal }: Session): Promise<Round> {
  const { clean: flags, vocabSize, text } = settings
  const output = join(folder, 'clean')
  const options = cleanOptions.parse({ ...flags, ...commonOf(settings), output, unitSize: sample.unitSize, allowLoss: true })
  const plain = Math.min(Number.MAX_SAFE_INTEGER, Math.ceil((options.memory * sample.bytes) / text))
  const clean = await apart({ command: 'clean', sample, whole, plain, options }, signal)
  const training = tokenizeOptions.parse({ ...commonOf(settings), output: join(folder, 'tokenizer'), vocabSize })
  const tokenize = await apart({ command: 'tokenize', inputs: [output], options: training }, signal)
  const { pretokens } = tokenize.summary as unknown as { pretokens: { types: number; once: number } }
  return {
    clean: { ...ran(clean), units: sample.places.reduce((sum, { length }) => sum + length, 0), searched: clean.searched },
    tokenize: { ...ran(tokenize), types: pretokens.types, once: pretokens.once, counts: tokenize.counts },
  }
}

async function runPack(folder: string, settings: Settings, { signal }: Session): Promise<PackRun> {
  const tokenizer = join(folder, 'tokenizer', 'tokenizer.json')
  const options = packOptions.parse({ ...commonOf(settings), output: join(folder, 'packed'), tokenizer })
  const pack = await apart({ command: 'pack', inputs: [join(folder, 'clean')], options }, signal)
  return { ...ran(pack), tokens: Number(pack.summary.tokens) }
}

function commonOf({ clean: { workers, memory, maxDocument } }: Settings) {
  return { workers, memory, maxDocument, quiet: true, allowCorrupt: true }
}

function ran({ seconds, stages, peak, result, summary }: Awaited<ReturnType<typeof apart>>): Run {
  const { read, kept } = summary as unknown as Counts
  return { seconds, stages, peak, result, read, kept }
}
