/** Some documents, and how all of it was made: inputs, configuration, versions, digests. */

import { type Html, html } from '../../../core/page/html.ts'
import { count, folded, type Lang, type Section, table } from '../../../core/page/page.ts'
import type { ArtifactStats, Stats } from '../measures.ts'
import { beginningOf, estimated, idOf, note } from '../shown.ts'
import { whyOf } from '../why.ts'
import { COMMON } from '../words/common.ts'
import { MADE } from '../words/made.ts'
import { cleaned } from './artifacts.ts'

/** Inputs that a page lists, and numbers. */
const LISTED = 200
/** Documents that are shown without being asked for. */
const OPEN = 6

export function examples(stats: Stats, lang: Lang): Section[] {
  const words = MADE[lang]
  if (stats.documents.total.docs === 0) return []
  const all = stats.documents.sampled.examples
  const [only, ...others] = cleaned(stats)
  const [first] = all
  const why =
    only && others.length === 0 && first ? html`<p class="about">${words.explain} ${whyOf(only.artifact.folder, first.id)}</p>` : []
  const shown = all.map(
    ({ id, source, chars, text }) =>
      html`<p class="about">${idOf(id)} · ${source} · ${COMMON[lang].charactersOf(count(chars))}</p>${beginningOf({ chars, text })}`,
  )
  return [
    {
      id: 'examples',
      title: words.examples,
      body: html`${note(words.examplesNote)}${why}${shown.slice(0, OPEN)}${shown.length > OPEN ? folded(`+ ${shown.length - OPEN}`, html`${shown.slice(OPEN)}`) : []}`,
    },
  ]
}

export function made(stats: Stats, lang: Lang): Section {
  const words = MADE[lang]
  const { distinct, total } = stats.documents
  const all = [...stats.artifacts, ...(stats.versus?.artifacts ?? [])]
  const texts = total.docs > 0 ? html`<p>${words.distinct(estimated(distinct.texts), count(total.docs))}</p>` : []
  return { id: 'made', title: words.made, body: html`${note(words.madeNote)}${texts}${all.map((artifact) => artifactOf(artifact, lang))}` }
}

function artifactOf({ folder, record }: ArtifactStats, lang: Lang): Html {
  const words = MADE[lang]
  const { kind, status, version, digest, inputs, configuration, totals } = record
  const about = [
    [words.status, status],
    [words.format, String(version)],
    [words.configurationDigest, html`<code>${digest}</code>`],
  ]
  const files = (inputs ?? []) as readonly { path: string; bytes: number; mtime: number; digest?: string }[]
  const rows = files.slice(0, LISTED).map(({ path, bytes, mtime, digest }) => [path, count(bytes), dayOf(mtime), digest ?? ''])
  const counted = flat(totals).filter(([name]) => !/^(read|kept|dropped|malformed|cut|against)\b/.test(name))
  const numbers = counted.slice(0, LISTED).map(([name, value]) => [name, count(value)])
  return html`<h3>${COMMON[lang].artifact(kind, folder)}</h3>${table(['', ''], about)}
${rows.length > 0 ? folded(`${words.inputs} (${count(files.length)})`, table([words.path, words.bytes, words.changed, words.digest], rows)) : []}
${numbers.length > 0 ? folded(words.counted, table(['', ''], numbers)) : []}
${folded(words.configuration, html`<pre>${JSON.stringify(configuration, null, 2) ?? ''}</pre>`)}`
}

function dayOf(mtime: number): string {
  const date = new Date(mtime)
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 16).replace('T', ' ')
}

/** What else a command counted (tokens, shards, losses), by its own names. */
function flat(value: unknown, name = ''): [name: string, value: number][] {
  if (typeof value === 'number') return [[name, value]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => flat(inner, name ? `${name}.${key}` : key))
}
