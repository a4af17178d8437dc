/**
 * `inspect --list`: pages of what stands in an artifact of `clean`: documents, rejects, clusters. Files are read from their beginning
 * to the page's end, some 140 MB/s with a search and without; only what is meant is taken apart.
 */

import { interrupted, KopipeError } from '../../core/errors.ts'
import { total } from '../../core/ledger.ts'
import type { Session } from '../../core/progress.ts'
import type { Batch } from '../../native/index.ts'
import { type Bounds, CleanArtifact, sourceOf } from './artifact.ts'
import { Best } from './chosen.ts'
import { type Compared, comparedIn, documentsAt } from './pairs.ts'

export const LISTS = ['documents', 'rejects', 'clusters'] as const

export interface Page {
  list: (typeof LISTS)[number]
  reason?: string | undefined
  source?: string | undefined
  /** In the text or the id. */
  search?: string | undefined
  id?: string | undefined
  /** Means nothing here, and is refused. */
  drops?: string | undefined
  offset: number
  count: number
}

export interface Listed {
  /** Which of those that are meant it is, from 0. */
  number: number
  id: unknown
  source: string
  text: string
  reason?: string
  value?: number
  threshold?: number
  /** Documents of the cluster that it stands for. */
  size?: number
}

export interface Listing {
  listed: Listed[]
  /** Whether others follow. */
  more: boolean
}

export async function pageOf(folder: string, page: Page, bounds: Bounds, session: Session): Promise<Listing> {
  const artifact = await CleanArtifact.open(folder)
  refuse(artifact, page)
  return page.list === 'clusters' ? clusters(artifact, page, bounds, session) : lines(artifact, page, page.list, bounds, session)
}

function refuse(artifact: CleanArtifact, { list, reason, search, id, source, drops }: Page): void {
  if (drops !== undefined) throw new KopipeError('usage', '--drops is for --reason without --list: a list has all, in order')
  if (list === 'clusters' && [search, id, source, reason].some((given) => given !== undefined)) {
    throw new KopipeError('usage', '--list clusters takes --offset and --count alone: the largest come first')
  }
  if (reason === undefined) return
  if (list === 'documents') throw new KopipeError('usage', `--reason ${reason} is for --list rejects: documents were dropped for none`)
  const { dropped, malformed } = total(artifact.ledger)
  const known = Object.keys({ ...dropped, ...(malformed.docs > 0 && { malformed }) })
  if (!known.includes(reason)) {
    throw new KopipeError('usage', `nothing was dropped for ${JSON.stringify(reason)}`, { hint: `Reasons: ${known.join(', ')}` })
  }
}

interface Line {
  id: unknown
  text?: string
  kopipe?: { reason?: string; value?: number; threshold?: number }
  [key: string]: unknown
}

async function lines(
  artifact: CleanArtifact,
  page: Page,
  list: 'documents' | 'rejects',
  bounds: Bounds,
  { progress, signal }: Session,
): Promise<Listing> {
  const files = await artifact.files(list)
  progress.stage(
    `reading ${list}`,
    files.reduce((sum, { file }) => sum + file.bytes, 0),
  )
  const listed: Listed[] = []
  let met = 0
  for (const { part, unit, file } of files) {
    for (const textKey of textKeys(page)) {
      let fileBytes = 0
      for await (const batch of artifact.batches(file, bounds, textKey)) {
        if (signal.aborted) throw interrupted()
        const ordinals = await ordinalsIn(batch, page, textKey)
        const passed = areAllMeant(page) ? Math.min(ordinals.length, Math.max(0, page.offset - met)) : 0
        met += passed
        for (const ordinal of ordinals.slice(passed)) {
          const found = takenApart(batch.line(ordinal, part) ?? '{}', page, artifact, sourceOf(unit.file))
          if (!found) continue
          if (listed.length === page.count) return { listed, more: true }
          if (met++ >= page.offset) listed.push({ number: met - 1, ...found })
        }
        progress.advance({ of: batch.fileBytes - fileBytes })
        fileBytes = batch.fileBytes
      }
    }
  }
  return { listed, more: false }
}

/** Whether all documents are that the core has found: only a line tells its source and reason. */
function areAllMeant({ list, source, reason, id, search }: Page): boolean {
  return list === 'documents' && source === undefined && reason === undefined && (id === undefined || search === undefined)
}

type TextKey = 'text' | 'raw'

/** What never was a document has its raw beginning for a text: rejects are read by both, those of a reason by theirs. */
function textKeys({ list, reason }: Page): TextKey[] {
  if (list === 'documents') return ['text']
  if (reason === undefined) return ['text', 'raw']
  return reason === 'malformed' ? ['raw'] : ['text']
}

/** To a reader of raw beginnings, what has a text is none: there the reason tells which are meant. */
async function ordinalsIn(batch: Batch, { id, search }: Page, textKey: TextKey): Promise<number[]> {
  const all = () => Array.from({ length: batch.records }, (_, i) => batch.firstOrdinal + i)
  const named = id !== undefined ? await batch.find(id) : search !== undefined ? await batch.containing(search) : all()
  if (textKey === 'text') return named
  const malformed = new Set((JSON.parse(await batch.rejected('malformed')) as { ordinal: number }[]).map(({ ordinal }) => ordinal))
  return named.filter((ordinal) => malformed.has(ordinal))
}

function takenApart(line: string, page: Page, artifact: CleanArtifact, file: string): Omit<Listed, 'number'> | undefined {
  const { search } = page
  const { id, text, kopipe: { reason, value, threshold } = {}, ...rest } = JSON.parse(line) as Line
  // What could not be read as a document has none.
  if (text === undefined) return undefined
  const named = rest[artifact.configuration.sourceKey]
  const source = typeof named === 'string' ? named : file
  if (search !== undefined && !text.includes(search) && !String(id).includes(search)) return undefined
  if (page.source !== undefined && page.source !== source) return undefined
  if (page.reason !== undefined && page.reason !== reason) return undefined
  return {
    id,
    source,
    text,
    ...(reason && { reason }),
    ...(value !== undefined && { value }),
    ...(threshold !== undefined && { threshold }),
  }
}

async function clusters(artifact: CleanArtifact, { offset, count }: Page, bounds: Bounds, { progress, signal }: Session): Promise<Listing> {
  const files = await artifact.files('duplicates')
  progress.stage(
    'reading duplicates',
    files.reduce((sum, { file }) => sum + file.bytes, 0),
  )
  const largest = new Best<Compared>(offset + count + 1)
  for (const { file } of files) {
    if (signal.aborted) throw interrupted()
    for await (const line of comparedIn(artifact, file, bounds)) {
      if (line.size > 1 && (line.rule === 'kept' || line.rule === 'different')) largest.add([-line.size, line.unit, line.ordinal], line)
    }
    progress.advance({ of: file.bytes })
  }
  const found = largest.items()
  const shown = found.slice(offset, offset + count)
  const at = await documentsAt(
    artifact,
    shown.map(({ unit, ordinal }) => ({ unit, ordinal })),
    bounds,
  )
  const listed = shown.map(({ unit, ordinal, size }, i): Listed => {
    const document = at({ unit, ordinal })
    return { number: offset + i, id: document?.id ?? null, source: document?.source ?? '', text: document?.text ?? '', size }
  })
  return { listed, more: found.length > offset + count }
}
