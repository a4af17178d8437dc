/**
 * `manifest`: files → a data manifest of them. Each file is read twice, whole for its digest and as documents, which are
 * counted and not measured; once more where documents name a licence, to count them by it.
 */

import { existsSync, realpathSync } from 'node:fs'
import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path'
import { stringify } from 'yaml'
import { z } from 'zod'
import { stem } from '../core/artifact-input.ts'
import { KopipeError } from '../core/errors.ts'
import type { InputFile } from '../core/input-file.ts'
import { resolveInputs } from '../core/inputs.ts'
import { addLedger, type Counts, checkIdentity, type Ledger, total } from '../core/ledger.ts'
import type { ManifestFile } from '../core/manifest.ts'
import { common, keys } from '../core/options.ts'
import type { Session } from '../core/progress.ts'
import { digestsOf } from '../core/verify.ts'
import { checkMemory, type Damaged } from '../native/documents.ts'
import { type Batch, io, native } from '../native/index.ts'
import { eachBatch } from './batches.ts'
import { byLicence, licenceKey, licenceOption, licences } from './licences.ts'

export const manifestOptions = z.strictObject({
  output: z.string('-o FILE is required').meta({ help: 'the manifest, a .yaml above the files', placeholder: 'FILE', short: 'o' }),
  title: z.string().min(1).optional().meta({ help: "of the data set; without, its folder's name", placeholder: 'TEXT' }),
  licence: licenceOption,
  ...keys,
  allowCorrupt: z.boolean().default(false).meta({ help: 'exit 0 where compressed input is damaged' }),
  ...common,
  overwrite: z.boolean().default(false).meta({ help: 'write over a manifest that is there' }),
})

export type ManifestOptions = z.output<typeof manifestOptions>

export interface DescribedSource {
  name: string
  licence?: string
  files: ManifestFile[]
}

export interface ManifestSummary extends Counts {
  title: string
  sources: DescribedSource[]
  damaged: Damaged[]
  artifact: string
}

/** What the documents of a file come to: by source, and by licence where they name one. */
interface Counted {
  sources: Ledger
  licences: Ledger
  /** Where they name it. */
  key?: string
}

export async function describe(inputs: readonly string[], options: ManifestOptions, session: Session): Promise<ManifestSummary> {
  const path = resolve(options.output)
  refuseOutput(path, options)
  checkMemory(options)
  native.startWorkers(options.workers)
  const files = await resolveInputs(inputs)
  await io.createFolder(dirname(path))
  const paths = files.map((file) => within(dirname(path), file.path))
  const digests = await digestsOf(files, 'digesting', options, session)
  const [counted, damaged] = await countDocuments(files, options, session)
  await countLicences(files, counted, options, session)
  const described = files.map(({ bytes }, i) => ({ path: paths[i] as string, bytes, sha256: digests[i] as string }))
  const sources = bySource(files, described, counted, options)
  const title = options.title ?? basename(dirname(path))
  await io.commitFile(path, Buffer.from(stringify({ title, sources }, { lineWidth: 0 })))
  const totals = total(summed(counted.map(({ sources }) => sources)))
  checkIdentity(totals)
  return { ...totals, title, sources, damaged, artifact: options.output }
}

function refuseOutput(path: string, { output, overwrite }: ManifestOptions): void {
  if (!/\.ya?ml$/.test(path)) throw new KopipeError('usage', `-o: expected a name that ends in .yaml, got ${JSON.stringify(output)}`)
  if (existsSync(path) && !overwrite) {
    throw new KopipeError('usage', `${output} is there already`, { path, hint: 'Take another name, or say --overwrite.' })
  }
}

/** A file's path from the folder of the manifest, as any system reads it. */
function within(folder: string, path: string): string {
  const at = relative(realpathSync(folder), realpathSync(path))
  if (at === '..' || at.startsWith(`..${sep}`) || isAbsolute(at)) {
    throw new KopipeError('invalid', `${path} is not in ${folder}, the folder of the manifest, or below it`, {
      path,
      hint: 'Write the manifest above its files (-o): its paths lead nowhere else.',
    })
  }
  return at.split(sep).join('/')
}

async function countDocuments(files: InputFile[], options: ManifestOptions, session: Session): Promise<[Counted[], Damaged[]]> {
  const counted = files.map((): Counted => ({ sources: {}, licences: {} }))
  const seen = new Set<number>()
  const use = (batch: Batch, ledger: Ledger, number: number) => {
    const file = counted[number] as Counted
    addLedger(file.sources, ledger)
    const key = seen.has(number) ? undefined : licenceKey(batch)
    if (key !== undefined) file.key = key
    seen.add(number)
  }
  return [counted, await eachBatch(files, { stage: 'counting', use }, options, session)]
}

/** Documents of the files that name a licence, counted by it as by a source. */
async function countLicences(files: InputFile[], counted: Counted[], options: ManifestOptions, session: Session): Promise<void> {
  for (const key of new Set(counted.flatMap(({ key }) => key ?? []))) {
    const naming = counted.flatMap((one, number) => (one.key === key ? [number] : []))
    const named = naming.map((number) => byLicence(files[number] as InputFile))
    const use = (_: Batch, ledger: Ledger, i: number) => addLedger((counted[naming[i] as number] as Counted).licences, ledger)
    await eachBatch(named, { stage: 'counting licences', use }, { ...options, sourceKey: key }, session)
  }
}

/** A file whose documents are all of one source belongs to that; any other is a source by its own name. */
function bySource(
  files: InputFile[],
  described: Omit<ManifestFile, 'documents' | 'text'>[],
  counted: Counted[],
  options: ManifestOptions,
): DescribedSource[] {
  const found = new Map<string, { files: ManifestFile[]; licences: Ledger }>()
  for (const [number, file] of described.entries()) {
    const { sources, licences } = counted[number] as Counted
    const { path, source } = files[number] as InputFile
    const names = Object.keys(sources)
    const name = names.length === 1 ? (names[0] as string) : (source ?? stem(path))
    const one = found.get(name) ?? { files: [], licences: {} }
    found.set(name, one)
    const { kept } = total(sources)
    one.files.push({ ...file, documents: kept.docs, text: kept.bytes })
    addLedger(one.licences, licences)
  }
  const said = licences(options.licence)
  said.checkUsed([...found.keys()])
  return [...found].map(([name, { files, licences }]) => {
    const licence = said.of(name, licences)
    return { name, ...(licence !== undefined && { licence }), files }
  })
}

function summed(ledgers: readonly Ledger[]): Ledger {
  const sum: Ledger = {}
  for (const ledger of ledgers) addLedger(sum, ledger)
  return sum
}
