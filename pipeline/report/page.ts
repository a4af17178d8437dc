/** The report as one HTML file: no network, light and dark, every chart with its numbers as a table beneath. */

import { html } from '../../core/page/html.ts'
import { type Lang, pageOf, type Section } from '../../core/page/page.ts'
import type { Stats } from './measures.ts'
import { account } from './sections/account.ts'
import { datasheet } from './sections/datasheet.ts'
import { duplicates } from './sections/duplicates.ts'
import { glance } from './sections/glance.ts'
import { examples, made } from './sections/made.ts'
import { packed } from './sections/packed.ts'
import { lines, ngrams, repetition } from './sections/patterns.ts'
import { overlap, personal } from './sections/risks.ts'
import { rules } from './sections/rules.ts'
import { metadata, provenance, sources } from './sections/sources.ts'
import { languages, lengths, scripts } from './sections/texts.ts'
import { fertility, tokenizers, training } from './sections/tokens.ts'
import { versus } from './sections/versus.ts'
import { measuredNote } from './shown.ts'
import { COMMON } from './words/common.ts'

const STYLE = `
td:has(small) { min-width: 11rem } td small { color: var(--soft); font-size: .92em } .told { color: var(--ink); white-space: pre-wrap } .unknown { border-left: 3px solid var(--alarm); padding-left: .8rem } ul { padding-left: 1.2rem; margin: .3rem 0 .9rem } ul li { overflow-wrap: anywhere } ul.findings { padding: 0 }
`

export function renderReport(stats: Stats, lang: Lang): string {
  const { title, contents } = COMMON[lang]
  const sections = [
    ...account(stats, lang),
    ...rules(stats, lang),
    ...duplicates(stats, lang),
    ...(stats.documents.total.docs > 0 ? ofDocuments(stats, lang) : []),
    ...tokenizers(stats, lang),
    ...packed(stats, lang),
    ...training(stats, lang),
    ...versus(stats, lang),
    ...examples(stats, lang),
    made(stats, lang),
    datasheet(stats, lang),
  ]
  return pageOf({ lang, title, style: STYLE, contents: { title: contents, sections } }, glance(stats, sections, lang))
}

/** What the documents are made of, whatever they come from. */
function ofDocuments(stats: Stats, lang: Lang): Section[] {
  const { documents } = stats
  // Of statistics that were gathered from some of the documents each of these says so.
  const measured = ({ id, title, body }: Section): Section => ({ id, title, body: html`${measuredNote(documents, lang)}${body}` })
  return [
    ...[sources(documents, lang), ...provenance(documents, lang), lengths(documents, lang), scripts(documents, lang)].map(measured),
    languages(documents, lang),
    ...ngrams(documents, lang),
    lines(documents, lang),
    repetition(documents, lang),
    ...metadata(documents, lang).map(measured),
    personal(stats, lang),
    overlap(stats, lang),
    fertility(stats, lang),
  ]
}
