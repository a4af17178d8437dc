/**
 * Across runs. `--keep-index` leaves in DIR/index what the documents of the result are known by: digests, bands and coarse
 * sketches. `--known ARTIFACT` looks for duplicates among a new crawl and the documents of such an index, which stay, whatever
 * comes; their texts are not read again, and need not be there any more.
 */

import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { Artifact } from '../core/artifact.ts'
import { KopipeError } from '../core/errors.ts'
import { eachJob } from '../core/flow.ts'
import { pin } from '../core/input-file.ts'
import type { Session } from '../core/progress.ts'
import { formatCount } from '../core/sizes.ts'
import { partName } from '../core/units.ts'
import { type DuplicateOutcomes, io, type KnownPart, type LineCuts, type SealedFile } from '../native/index.ts'
import { type DedupeOptions, signingOf } from './dedupe.ts'
import { type Pinned, pinned } from './pinned.ts'
import type { CleanRecipe } from './recipe.ts'
import type { ScratchFolder } from './scratch.ts'

export const knownOptions = {
  known: z
    .array(z.string().min(1))
    .default([])
    .meta({ help: 'an earlier artifact that kept an index: documents like one of its go too', placeholder: 'ARTIFACT', path: 'file' }),
  keepIndex: z.boolean().default(false).meta({ help: 'keep what a later run knows these documents by (--known): under 0.8 KB each' }),
}

/** What the totals of an artifact say of an index: what its documents are signed with, how many they are, and the bytes of its files. */
export interface IndexRecord {
  signing: string
  documents: number
  bytes: number
}

/** An earlier artifact: pinned by its kopipe.json, with the parts of its index. */
export interface Known extends Pinned {
  parts: KnownPart[]
  /** What made its texts what they are. */
  recipe: CleanRecipe
}

/** Seals the index of a part. */
interface KeptRecord {
  /** Of the part, those that went with them. */
  records: number
  documents: number
  signatures: SealedFile
  sketches?: SealedFile
}

const signaturesOf = (part: string) => join('index', `${part}.signatures`)
const sketchesOf = (part: string) => join('index', `${part}.sketches`)

/** The indexes of earlier artifacts; one that is of no use for this run is refused. */
export async function loadKnown(folders: readonly string[], options: DedupeOptions & { keepIndex: boolean }): Promise<Known[]> {
  const signing = signingOf(options)
  if (signing === undefined && (folders.length > 0 || options.keepIndex)) {
    throw new KopipeError(
      'usage',
      `${folders.length > 0 ? '--known' : '--keep-index'} is about duplicates, and --dedupe off looks for none`,
      {
        hint: 'Leave --dedupe out, or choose near or exact.',
      },
    )
  }
  return Promise.all(folders.map((folder) => knownIn(resolve(folder), signing)))
}

async function knownIn(folder: string, signing: string | undefined): Promise<Known> {
  const artifact = await Artifact.finished(folder, 'clean', io)
  const { index } = artifact.record.totals as { index?: IndexRecord }
  const hint = `To make one from its documents: kopipe clean ${folder} -o NEW --recipe none --keep-index`
  if (index === undefined) {
    throw new KopipeError('invalid', `${folder} keeps no index: it was made without --keep-index`, { path: folder, hint })
  }
  // Digests are there whatever is looked for.
  if (signing !== 'exact' && index.signing !== signing) {
    throw new KopipeError('invalid', `${folder} keeps an index of ${said(index.signing)}, and this run looks for ${said(signing ?? '')}`, {
      path: folder,
      hint,
    })
  }
  const sealed = [...(await artifact.sealed<KeptRecord>('index'))].sort(([a], [b]) => (a < b ? -1 : 1))
  const parts = sealed.map(([part, { records, signatures, sketches }]): KnownPart => {
    const path = present(artifact.path(signaturesOf(part)), signatures)
    const compared = signing !== 'exact' && sketches && present(artifact.path(sketchesOf(part)), sketches)
    return { artifact: folder, part: Number(part), signatures: path, ...(compared && { sketches: compared }), records }
  })
  const whole = sumOf(sealed.map(([, record]) => record))
  if (whole.documents !== index.documents || whole.bytes !== index.bytes) {
    const said = ({ documents, bytes }: typeof whole) => `${formatCount(documents)} documents in ${formatCount(bytes)} bytes`
    throw new KopipeError('corrupt', `${folder}: expected an index of ${said(index)}, as kopipe.json says, its parts have ${said(whole)}`, {
      path: folder,
      hint: 'Bring the files of its index back, or leave the artifact out of --known.',
    })
  }
  const { recipe } = artifact.record.configuration as unknown as { recipe: CleanRecipe }
  return { ...(await pinned(artifact.path('kopipe.json'))), parts, recipe }
}

/** Documents of all parts, and bytes of their files. */
function sumOf(parts: readonly KeptRecord[]): Omit<IndexRecord, 'signing'> {
  const bytes = ({ signatures, sketches }: KeptRecord) => signatures.bytes + (sketches?.bytes ?? 0)
  return {
    documents: parts.reduce((sum, { documents }) => sum + documents, 0),
    bytes: parts.reduce((sum, part) => sum + bytes(part), 0),
  }
}

/** Texts that were made otherwise are not equal any more where they came as equals. */
export function warnOfOtherTexts(known: readonly Known[], recipe: CleanRecipe, { progress }: Session): void {
  const made = ({ normalize, cut, mask }: CleanRecipe) => JSON.stringify([normalize, cut, mask])
  for (const { path } of known.filter((known) => made(known.recipe) !== made(recipe))) {
    progress.note(
      `warning: ${dirname(path)} was normalized, cut or masked otherwise: what came as a copy may be merely alike, or not found`,
    )
  }
}

function said(signing: string): string {
  return signing === 'exact' ? 'exact duplicates only' : `--near-profile ${signing}`
}

/** What its bytes say is checked as they are read; that it is there and whole, before anything is done. */
function present(path: string, { bytes }: SealedFile): string {
  const now = existsSync(path) ? pin(path).bytes : undefined
  if (now === bytes) return path
  throw new KopipeError(
    'corrupt',
    `${path}: expected the ${bytes} bytes of an index, got ${now === undefined ? 'no file' : `${now} bytes`}`,
    {
      path,
      hint: 'Bring the file back, or leave the artifact out of --known.',
    },
  )
}

/** Keeps the index of every part whose scratch is still there; each job leaves files and a record, and is not done again. */
export async function keepIndex(
  artifact: Artifact,
  scratch: ScratchFolder,
  outcomes: DuplicateOutcomes,
  lines: LineCuts | undefined,
  options: DedupeOptions & { keepIndex: boolean },
  session: Session,
): Promise<{ index?: IndexRecord; seconds: number }> {
  const signing = signingOf(options)
  if (!options.keepIndex || signing === undefined) return { seconds: 0 }
  const started = performance.now()
  await io.createFolder(artifact.path('index'))
  const kept = await artifact.sealed<KeptRecord>('index')
  const left = [...scratch.units().entries()].filter(([part]) => !kept.has(partName(part)))
  session.progress.stage('keeping the index', left.length)
  await eachJob(left.length, options, session, async (job) => {
    const [number, unit] = left[job] as (typeof left)[number]
    const part = partName(number)
    const to = { signatures: artifact.path(signaturesOf(part)), sketches: artifact.path(sketchesOf(part)) }
    const files = await outcomes.keep(number, scratch.signed(unit), lines, signing, to)
    const record: KeptRecord = { records: unit.records, ...files }
    await artifact.seal(artifact.path('index', `${part}.done.json`), record)
    kept.set(part, record)
  })
  const index = { signing, ...sumOf([...kept.values()]) }
  return { index, seconds: (performance.now() - started) / 1000 }
}
