/** `inspect` of what `clean` left: its stages and sources, or both sides of a reason. */

import { diffWordsWithSpace } from 'diff'
import { type Counts, total } from '../../core/ledger.ts'
import type { Session } from '../../core/progress.ts'
import { formatCount, formatSize } from '../../core/sizes.ts'
import { native } from '../../native/index.ts'
import { type Inspection, type InspectOptions, inspect, type Shown } from '../../pipeline/explain/inspect.ts'
import { type Listed, type Page, pageOf } from '../../pipeline/explain/pages.ts'
import type { Outcome } from '../command.ts'
import { printable } from '../errors.ts'
import { countedDocuments, cutTable, funnelTable } from '../ledger.ts'

/** Characters of a text that a person sees; `--json` has all. */
const EXCERPT = 300

export async function inspectClean(artifact: string, options: InspectOptions, session: Session): Promise<Outcome> {
  const isPaging = [options.search, options.id, options.offset].some((given) => given !== undefined)
  const list = options.list ?? (isPaging ? 'documents' : undefined)
  if (list) return listing(artifact, { ...options, list }, session)
  const found = await inspect(artifact, options, session)
  return { summary: { ...total(found.ledger), ...found, artifact }, lines: found.reason ? sides(found.reason) : overview(found) }
}

async function listing(artifact: string, options: InspectOptions & { list: Page['list'] }, session: Session): Promise<Outcome> {
  native.startWorkers(options.workers)
  const { offset = 0, count = 10 } = options
  const { listed, more } = await pageOf(artifact, { ...options, offset, count }, options, session)
  const next = `Others follow: --offset ${offset + listed.length}`
  return {
    summary: { artifact, list: options.list, offset, listed, more },
    lines: [...listed.flatMap(entry), ...(listed.length === 0 ? ['none'] : []), ...(more ? ['', next] : [])],
  }
}

function entry({ number, id, source, text, reason, value, threshold, size }: Listed): string[] {
  const judged =
    reason === undefined
      ? ''
      : `  ${reason}${value === undefined ? '' : ` ${round(value)}`}${threshold === undefined ? '' : `, threshold ${round(threshold)}`}`
  const documents = size === undefined ? '' : `  ${formatCount(size)} documents`
  const head = `${formatCount(number)}  ${printable(String(id))} (${printable(source)})${judged}${documents}`
  return [head, `      ${printable(excerpt(text))}`]
}

function overview({ ledger, funnel }: Inspection): string[] {
  const reasons = Object.entries({ ...total(ledger).dropped, malformed: total(ledger).malformed })
  return [
    ...funnelTable(funnel.total),
    '',
    ...sources(ledger, funnel),
    '',
    ...reasons.filter(([, { docs }]) => docs > 0).map(([reason, dropped]) => countedDocuments(reason, dropped)),
    ...cutTable(total(ledger).cut),
    '',
    'Both sides of a reason: --reason NAME.  One source: --source NAME.  Every number: --json.  One document: kopipe why.',
    'Pages of them: --list documents, rejects or clusters, with --search TEXT, --id ID, --offset N.',
  ]
}

function sources(ledger: Inspection['ledger'], { sources }: Inspection['funnel']): string[] {
  const share = ({ read, kept }: Counts) => (read.bytes === 0 ? 100 : (100 * kept.bytes) / read.bytes).toFixed(1)
  return Object.entries(ledger).map(([source, counts]) => {
    const seconds = (sources[source] ?? []).reduce((sum, stage) => sum + stage.seconds, 0)
    const most = Object.entries(counts.dropped).sort(([, a], [, b]) => b.bytes - a.bytes)[0]
    const why = most ? `, most for ${most[0]}` : ''
    const taken = seconds > 0 ? `, ${seconds.toFixed(2)} s` : ''
    return `${countedDocuments(source, counts.read)}, ${share(counts)} % of the text kept${why}${taken}`
  })
}

function sides({ reason, number, count, dropped, kept }: Required<Inspection>['reason']): string[] {
  const threshold = dropped.find((shown) => shown.threshold !== undefined)?.threshold
  const title = [reason, number && `: ${number}`, threshold === undefined ? '' : `, threshold ${round(threshold)}`].join('')
  const none = number ? 'none has such a number' : 'this reason has no number by which a kept document passed'
  return [
    title,
    '',
    `dropped: ${dropped.length} of ${formatCount(count.docs)} documents (${formatSize(count.bytes)})`,
    ...dropped.flatMap(shown),
    '',
    kept.length > 0 ? 'just kept' : `just kept: ${none}`,
    ...kept.flatMap(shown),
  ]
}

/** The beginning of a text, on one line. */
function excerpt(text: string): string {
  const characters = [...text]
  const cut = characters.length > EXCERPT ? `${characters.slice(0, EXCERPT).join('')} … (${characters.length} characters)` : text
  return cut.replace(/\s+/g, ' ')
}

function shown({ id, source, value, against, text, of }: Shown): string[] {
  const met = against ? `  with ${printable(String(against.id))} of ${printable(against.file)}` : ''
  const other = of ? `  beside ${printable(String(of.id))}` : met
  const line = of ? differing(of.text, text) : printable(excerpt(text))
  return [`  ${value === undefined ? '' : `${round(value)}  `}${printable(String(id))}  [${printable(source)}]${other}`, `      ${line}`]
}

/** Characters around a difference. */
const AROUND = 24

/** What a text has that another has not {+ +}, and the other way round [- -], each with what stands around it. */
function differing(other: string, text: string): string {
  const parts = diffWordsWithSpace(other, text, { timeout: 1000 })
  if (!parts) return 'they differ in too much to be shown'
  const line = parts
    .map(({ value, added, removed }) => {
      if (added) return `{+${value}+}`
      if (removed) return `[-${value}-]`
      const characters = [...value]
      if (characters.length <= 2 * AROUND) return value
      return `${characters.slice(0, AROUND).join('')} … ${characters.slice(-AROUND).join('')}`
    })
    .join('')
  const characters = [...line.replace(/\s+/g, ' ')]
  return printable(characters.length > 3 * EXCERPT ? `${characters.slice(0, 3 * EXCERPT).join('')} …` : characters.join(''))
}

function round(value: number): string {
  return String(Math.round(1e4 * value) / 1e4)
}
