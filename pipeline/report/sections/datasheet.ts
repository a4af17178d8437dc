/** A datasheet for the dataset, filled from what is recorded: numbers, configuration, and the texts of data manifests. */

import type { ManifestRecord } from '../../../core/manifest.ts'
import { type Html, html } from '../../../core/page/html.ts'
import { count, type Lang, type Section, table } from '../../../core/page/page.ts'
import type { Stats } from '../measures.ts'
import { coded, estimated, largestFirst, listed, note, share, size } from '../shown.ts'
import { COMMON } from '../words/common.ts'
import { DATASHEET, type Heading } from '../words/datasheet.ts'
import { cleaned } from './artifacts.ts'
import { kindOf, metBy } from './risks.ts'
import { languageOf } from './texts.ts'

const HEADINGS: Heading[] = ['motivation', 'composition', 'collection', 'preprocessing', 'uses', 'distribution', 'maintenance']

export function datasheet(stats: Stats, lang: Lang): Section {
  const words = DATASHEET[lang]
  const manifests = manifestsOf(stats)
  const known: Record<Heading, string[]> = {
    motivation: [],
    composition: composition(stats, lang),
    collection: collection(stats, lang),
    preprocessing: preprocessing(stats, lang),
    uses: uses(stats, lang),
    distribution: distribution(stats, lang),
    maintenance: stats.artifacts.map(({ folder, record }) => words.configuration(record.kind, folder, record.digest.slice(0, 16))),
  }
  const body = HEADINGS.map((heading) => {
    const told = manifests.flatMap(({ datasheet }) => datasheet?.[heading] ?? [])
    const unknown = words.unknown[heading]
    const missing = told.length === 0 && unknown ? html`<p class="unknown">${unknown} ${coded(words.todo(heading))}</p>` : []
    const facts = known[heading].length > 0 ? html`<ul>${known[heading].map((fact) => html`<li>${coded(fact)}</li>`)}</ul>` : []
    return html`<h3>${words.headings[heading]}</h3>${told.map((text) => html`<p class="told">${text}</p>`)}${facts}${missing}`
  })
  return { id: 'datasheet', title: words.title, body: html`${note(words.note)}${body}${named(manifests, lang)}` }
}

/** Each once, whichever artifacts say of it. */
function manifestsOf({ artifacts }: Stats): ManifestRecord[] {
  const all = artifacts.flatMap(({ record }) => record.manifests ?? [])
  return [...new Map(all.map((manifest) => [`${manifest.digest} ${manifest.path}`, manifest])).values()]
}

function named(manifests: readonly ManifestRecord[], lang: Lang): Html | Html[] {
  const words = DATASHEET[lang]
  if (manifests.length === 0) return []
  const each = manifests.map(({ path, digest, title, sources }) => {
    const rows = sources.map(({ name, licence, link }) => [name, licence ?? COMMON[lang].unknown, link ?? ''])
    const head = html`<p class="about"><b>${title}</b> · ${path} · <code>${digest}</code></p>`
    return html`${head}${rows.length > 0 ? table([words.source, words.licence, words.link], rows) : []}`
  })
  return html`<h3>${words.manifests}</h3>${each}`
}

function composition(stats: Stats, lang: Lang): string[] {
  const words = DATASHEET[lang]
  const { total, bySource, metadata, sampled, distinct } = stats.documents
  const splits = stats.datasets.flatMap(({ splits }) => splits.filter(({ split }) => split !== 'all'))
  const splitNames = splits.map(({ split, documents }) => `${split} ${count(documents)}`)
  if (total.docs === 0) return [splits.length > 0 ? words.splits(listed(splitNames)) : words.none]
  const sources = largestFirst(bySource, ({ bytes }) => bytes).map(([name, { bytes }]) => `${name} (${share(bytes, total.bytes)})`)
  const languages = largestFirst(sampled.languages, ({ docs }) => docs)
  const all = languages.reduce((sum, [, { docs }]) => sum + docs, 0)
  const kinds = largestFirst(sampled.personal, ({ docs }) => docs).map(([kind, { docs }]) => `${kindOf(kind, lang)} ${count(docs)}`)
  const met = metBy(stats).flatMap(({ sets }) => sets)
  return [
    words.instances(count(total.docs), size(total.bytes), count(total.eojeol)),
    words.sources(count(sources.length), listed(sources)),
    words.languages(listed(languages.map(([code, { docs }]) => `${languageOf(code, lang)} ${share(docs, all)}`))),
    ...(metadata.length > 0 ? [words.metadata(listed(metadata.map(({ key }) => key)))] : []),
    ...(splits.length > 0 ? [words.splits(listed(splitNames))] : []),
    words.distinct(share(Math.min(distinct.texts.estimate, total.docs), total.docs)),
    words.labels,
    kinds.length > 0 ? words.personal(listed(kinds)) : words.noPersonal,
    met.length > 0 ? words.overlap(count(met.reduce((sum, { met }) => sum + met, 0))) : words.noOverlap,
  ]
}

function collection(stats: Stats, lang: Lang): string[] {
  const words = DATASHEET[lang]
  const inputs = inputsOf(stats)
  const read = inputs.length > 0 ? [words.inputs(count(inputs.length), size(inputs.reduce((sum, { bytes }) => sum + bytes, 0)))] : []
  const { byDate, domains, total } = stats.documents
  if (total.docs === 0) return read
  const dates = Object.keys(byDate)
    .filter((date) => date !== '')
    .sort()
  const dated = total.docs - (byDate['']?.docs ?? 0)
  const { frequent, distinct } = domains
  return [
    ...read,
    ...(dates.length > 0 ? [words.dates(dates[0] ?? '', dates.at(-1) ?? '', share(dated, total.docs))] : []),
    ...(frequent.length > 0 ? [words.domains(estimated(distinct), listed(frequent.map(({ text }) => text)))] : []),
  ]
}

/** What was made of others' results was collected by what made these. */
function inputsOf(stats: Stats): readonly { bytes: number }[] {
  return (cleaned(stats)[0]?.artifact ?? stats.artifacts[0])?.record.inputs ?? []
}

interface Recipe {
  filters?: Record<string, unknown>
  mask?: { style?: string; kinds?: string[] }
}

function preprocessing(stats: Stats, lang: Lang): string[] {
  const words = DATASHEET[lang]
  const all = cleaned(stats)
  if (all.length === 0) return stats.documents.total.docs > 0 ? [words.uncleaned] : []
  return all.flatMap(({ artifact, totals }) => {
    const { recipe = {}, dedupe, nearProfile } = artifact.record.configuration as { recipe?: Recipe; dedupe?: string; nearProfile?: string }
    const filters = Object.keys(recipe.filters ?? {})
    const { style, kinds = [] } = recipe.mask ?? {}
    return [
      words.cleaned(count(totals.read.docs), count(totals.kept.docs)),
      ...(filters.length > 0 ? [words.filters(filters.join(', '))] : []),
      ...(dedupe ? [words.dedupe(nearProfile ? `${dedupe}, ${nearProfile}` : dedupe)] : []),
      ...(style && style !== 'off' ? [words.mask(style, kinds.map((kind) => kindOf(kind, lang)).join(', '))] : []),
      words.raw,
    ]
  })
}

function uses({ artifacts, datasets }: Stats, lang: Lang): string[] {
  const words = DATASHEET[lang]
  return [
    ...artifacts.flatMap(({ folder, tokenizer }) => (tokenizer ? [words.tokenizer(folder, count(tokenizer.vocabulary.size))] : [])),
    ...datasets.map(({ packed, tokens }) => words.packed(packed, count(tokens))),
    ...artifacts.filter(({ record }) => record.kind === 'train').map(({ folder }) => words.trained(folder)),
  ]
}

function distribution({ documents: { byLicence, total } }: Stats, lang: Lang): string[] {
  if (total.docs === 0) return []
  const all = largestFirst(byLicence, ({ docs }) => docs)
  const names = all.map(([name, { docs }]) => `${name === '' ? COMMON[lang].unknown : name} ${share(docs, total.docs)}`)
  return [DATASHEET[lang].licences(listed(names))]
}
