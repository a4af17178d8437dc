import { randomBytes } from 'node:crypto'
import { existsSync, statfsSync } from 'node:fs'
import { totalmem } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import type { InputFile } from '../core/input-file.ts'
import { resolveInputs } from '../core/inputs.ts'
import { common, keys, output } from '../core/options.ts'
import type { Planned, Volume } from '../core/plan.ts'
import type { Session } from '../core/progress.ts'
import { formatSize } from '../core/sizes.ts'
import { digestRate } from '../core/verify.ts'
import { checkMemory } from '../native/documents.ts'
import { io, native } from '../native/index.ts'
import { cleanOptions } from '../pipeline/clean.ts'
import { planClean } from '../pipeline/plan/clean.ts'
import { planPack } from '../pipeline/plan/pack.ts'
import { type Survey, survey } from '../pipeline/plan/survey.ts'
import { countedIn, type Published, parted } from '../pipeline/plan/volume.ts'
import { loadRecipe } from '../pipeline/recipe.ts'
import { sampleOptions } from '../pipeline/sample.ts'
import { tokenizeOptions } from '../tokenizer/options.ts'
import { planTokenize } from '../tokenizer/plan.ts'
import { command } from './command.ts'
import { apart } from './plan/apart.ts'
import { type Calibration, calibrate } from './plan/calibrate.ts'
import { type Plan, shown } from './plan/shown.ts'

/** Text of the corpus that is made where there is no file to learn from. */
const MADE = 240e6

const { recipe, dedupe, nearProfile, mask, format } = cleanOptions.shape

const options = z.strictObject({
  output: output
    .default('.')
    .meta({ help: 'where the run would write: its disk is written to and looked at', placeholder: 'DIR', short: 'o' }),
  calibrate: z
    .array(z.string().min(1))
    .default([])
    .meta({ help: 'run the samples on this INPUT instead: text like that of a data set without files', placeholder: 'FILE' }),
  recipe,
  dedupe,
  nearProfile,
  mask,
  format,
  vocabSize: tokenizeOptions.shape.vocabSize,
  ...keys,
  workers: common.workers,
  memory: common.memory,
  maxDocument: common.maxDocument,
  quiet: common.quiet,
  json: common.json,
})

export type PlanOptions = z.output<typeof options>

export default command({
  name: 'plan',
  summary: 'A run before it is begun: documents, time, memory and disk of each stage, from ten seconds of it on this machine.',
  inputs: 'INPUT...',
  options,
  examples: [
    ['kopipe plan crawl/*.jsonl.zst', 'clean, tokenize and pack with their defaults'],
    ['kopipe plan crawl -o /disk/out --workers 8 --memory 16GB --dedupe exact', 'with the flags of the run, on the disk it will write to'],
    ['kopipe plan data-manifests/polyglot-ko.yaml --calibrate blogs.jsonl.zst', 'a published size, by text that is alike'],
  ],
  async run(inputs, options, session) {
    const plan = await planned(inputs, options, session)
    return { summary: { ...plan }, lines: shown(plan) }
  },
})

async function planned(inputs: readonly string[], options: PlanOptions, session: Session): Promise<Plan> {
  checkMemory(options)
  loadRecipe(options.recipe)
  native.startWorkers(options.workers)
  const { published, inputs: named } = parted(inputs)
  const files = named.length > 0 ? await resolveInputs(named) : []
  const disk = existing(resolve(options.output))
  const folder = join(disk, `.kopipe-plan-${randomBytes(6).toString('hex')}`)
  await io.createFolder(folder)
  try {
    const model = await toLearnFrom(files, folder, options, session)
    const there = files.length === 0 ? undefined : model.isInput ? model.survey : await survey(files, options)
    const surveyed = there?.volume.text ?? 0
    const text = published.reduce((sum, { text }) => sum + text, surveyed)
    const { output: _, calibrate: __, vocabSize, ...clean } = options
    const calibration = await calibrate(model.survey, folder, { clean, vocabSize, text }, session)
    const { read } = calibration.clean.large
    const wasRead = model.isInput && calibration.whole ? { text: read.bytes, documents: read.docs } : undefined
    const volume = volumeOf(published, countedIn(named) ?? wasRead, surveyed, read.docs / read.bytes)
    const sizes = [...published.map(({ text }) => text), ...(there?.files ?? []).map(({ decoded }) => decoded)]
    const commands = chain(volume, sizes, files, calibration, options)
    return summed(volume, published, commands, calibration, model.of, disk)
  } finally {
    await io.removeFolder(folder)
  }
}

/** What the samples are of. */
interface Model {
  survey: Survey
  /** As it is told. */
  of: string
  isInput: boolean
}

/** What was named for it, the input, or a corpus that is made. */
async function toLearnFrom(files: InputFile[], folder: string, options: PlanOptions, session: Session): Promise<Model> {
  session.progress.stage('looking at the input')
  const { calibrate: named } = options
  if (named.length > 0) return { survey: await survey(await resolveInputs(named), options), of: named.join(', '), isInput: false }
  if (files.length > 0) return { survey: await survey(files, options), of: 'the input', isInput: true }
  session.progress.stage('making a corpus to learn from')
  const made = join(folder, 'made')
  await apart({ command: 'sample', options: sampleOptions.parse({ output: made, size: MADE, workers: options.workers }) }, session.signal)
  const of = 'a synthetic corpus (kopipe sample): say --calibrate FILE to learn from text of your own'
  return { survey: await survey(await resolveInputs([made]), options), of, isInput: false }
}

/** Of files what is counted or was read whole, else the text that was surveyed; documents that nobody counted are as long as those of the sample. */
function volumeOf(published: readonly Published[], counted: Volume | undefined, surveyed: number, each: number): Volume {
  const volume = { ...(counted ?? { text: surveyed, documents: surveyed * each }) }
  for (const { text, documents } of published) {
    volume.text += text
    volume.documents += documents ?? text * each
  }
  return volume
}

function chain(
  volume: Volume,
  sizes: readonly number[],
  files: readonly InputFile[],
  calibration: Calibration,
  options: PlanOptions,
): Planned[] {
  const unitSize = cleanOptions.shape.unitSize.parse(undefined)
  const units = sizes.reduce((sum, size) => sum + Math.max(1, Math.ceil(size / unitSize)), 0)
  const pinned = files.filter(({ sha256 }) => sha256 !== undefined)
  const bytes = pinned.reduce((sum, file) => sum + file.bytes, 0)
  const rate = bytes === 0 ? 0 : digestRate() * Math.min(options.workers, pinned.length)
  const clean = planClean(calibration.clean, { volume, units, ...(bytes > 0 && { verified: { bytes, rate } }) }, { ...options, unitSize })
  return [clean, planTokenize(calibration.tokenize, clean.out, options), planPack(calibration.pack, clean.out, options.vocabSize)]
}

/** One command after another: what an earlier one has written is there while the next one runs. */
function summed(
  volume: Volume,
  published: Published[],
  commands: Planned[],
  { clean, seconds }: Calibration,
  of: string,
  at: string,
): Plan {
  let [written, peak] = [0, 0]
  for (const { disk } of commands) {
    peak = Math.max(peak, written + disk.peak)
    written += disk.result
  }
  const { bavail, bsize } = statfsSync(at)
  const disk = { peak, free: bavail * bsize }
  const memory = { peak: Math.max(...commands.map(({ memory }) => memory.peak)), machine: totalmem() }
  return {
    volume,
    published,
    commands,
    planned: commands.reduce((sum, { seconds }) => sum + seconds, 0),
    calibration: { text: clean.large.read.bytes, seconds, of },
    disk,
    memory,
    warnings: [
      ...commands.flatMap(({ command, warnings }) => warnings.map((warning) => `${command}: ${warning}`)),
      ...(disk.peak > disk.free ? [`${formatSize(disk.peak)} of disk are needed at ${at}, and ${formatSize(disk.free)} are free`] : []),
      ...(memory.peak > memory.machine
        ? [`${formatSize(memory.peak)} of memory are needed, and the machine has ${formatSize(memory.machine)}`]
        : []),
    ],
  }
}

/** The folder, or the nearest above it that is there. */
function existing(folder: string): string {
  return existsSync(folder) ? folder : existing(dirname(folder))
}
