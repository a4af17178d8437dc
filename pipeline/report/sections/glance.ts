/** What stands on top: the numbers one asks for first, and what is fine, what is not, each with where it is told. */

import { short } from '../../../core/page/charts.ts'
import { type Html, html } from '../../../core/page/html.ts'
import { count, figures, type Lang, type Section } from '../../../core/page/page.ts'
import type { Stats } from '../measures.ts'
import { share, size } from '../shown.ts'
import { COMMON } from '../words/common.ts'
import { GLANCE } from '../words/glance.ts'
import { accountsOf, addsUp, cleaned, lossesOf } from './artifacts.ts'
import { kindOf, metBy } from './risks.ts'
import { hangulOf } from './texts.ts'

interface Finding {
  level: 'ok' | 'note' | 'alarm' | 'stop'
  text: string
  /** The section that tells more. */
  at: string
}

/** Sources that a sentence names. */
const NAMED = 8
/** Shares from which something is told as an alarm. */
const [COPIES, REPEATING, UNLICENSED] = [0.05, 0.02, 0.5]

export function glance(stats: Stats, sections: readonly Section[], lang: Lang): Html[] {
  const { total, lengths } = stats.documents
  const [words, common] = [GLANCE[lang], COMMON[lang]]
  const ofDocuments: [number | string, string][] =
    total.docs === 0
      ? stats.datasets.length > 0
        ? []
        : [[0, common.documents]]
      : [
          [total.docs, common.documents],
          [size(total.bytes), words.texts],
          [short(total.chars), common.characters],
          [short(total.eojeol), common.eojeol],
          [count(Math.round(lengths.characters.mean)), words.mean],
        ]
  const ofDatasets = stats.datasets.flatMap(({ tokens, vocabulary }): [string, string][] => [
    [short(tokens), words.tokens],
    [count(vocabulary.size), words.vocabularyName],
  ])
  const all = [...accounts(stats, lang), ...(total.docs > 0 ? texts(stats, lang) : []), ...trained(stats, lang)]
  // What is wrong comes first.
  const found = (['stop', 'alarm', undefined] as const).flatMap((level) =>
    all.filter((one) => (level ? one.level === level : one.level === 'ok' || one.level === 'note')),
  )
  const titles = new Map(sections.map(({ id, title }) => [id, title]))
  const item = ({ level, text, at }: Finding) => {
    const title = titles.get(at)
    const more = title ? html`\u00a0<a href="#${at}" aria-label="${title}">→</a>` : ''
    return html`<li><b class="${level}">${words.levels[level]}</b><span>${text}${more}</span></li>`
  }
  const about = [
    ...stats.artifacts.map(({ folder, record }) => common.artifact(record.kind, folder)),
    ...stats.datasets.flatMap(({ packed }) => (stats.artifacts.some(({ folder }) => folder === packed) ? [] : packed)),
  ]
  return [
    ...(about.length > 0 ? [html`<p class="about">${[...new Set(about)].join(' · ')}</p>`] : []),
    figures([...ofDocuments, ...ofDatasets]),
    ...(found.length > 0 ? [html`<ul class="findings" aria-label="${words.glance}">${found.map(item)}</ul>`] : []),
  ]
}

function accounts(stats: Stats, lang: Lang): Finding[] {
  const words = GLANCE[lang]
  const all = accountsOf(stats)
  if (all.some(({ totals }) => !addsUp(totals))) return [{ level: 'stop', text: words.broken, at: 'account' }]
  return cleaned(stats).flatMap(({ totals: { read, kept, malformed }, ledger }): Finding[] => {
    const losses = lossesOf(ledger)
    const of = (level: string) => losses.filter((loss) => loss.level === level)
    const named = (level: string) => {
      const some = of(level)
      return [
        ...some.slice(0, NAMED).map(({ source, documents }) => `${source} (${share(documents, 1)})`),
        ...(some.length > NAMED ? ['…'] : []),
      ].join(', ')
    }
    return [
      { level: 'ok', text: words.adds(count(read.docs), count(kept.docs), share(kept.bytes, read.bytes)), at: 'account' },
      ...(malformed.docs > 0 ? [{ level: 'note', text: words.malformed(count(malformed.docs)), at: 'account' } as const] : []),
      ...(of('stop').length > 0 ? [{ level: 'stop', text: words.stopped(named('stop')), at: 'loss' } as const] : []),
      ...(of('alarm').length > 0 ? [{ level: 'alarm', text: words.alarmed(named('alarm')), at: 'loss' } as const] : []),
      ...(losses.every(({ level }) => level === 'fine')
        ? [{ level: 'ok', text: words.noLoss(count(losses.length)), at: 'loss' } as const]
        : []),
    ]
  })
}

function texts(stats: Stats, lang: Lang): Finding[] {
  const words = GLANCE[lang]
  const { total, sampled, distinct, byLicence } = stats.documents
  const all = Object.values(sampled.languages).reduce((sum, { docs }) => sum + docs, 0)
  const korean = sampled.languages.ko?.docs ?? 0
  const unlicensed = byLicence['']?.docs ?? 0
  const apart = Math.min(1, distinct.texts.estimate / total.docs)
  const bins = sampled.repetition.lines.map((docs, i) => Math.max(docs, sampled.repetition.ngrams[i] ?? 0))
  const repeating = bins.slice(bins.length / 2).reduce((sum, docs) => sum + docs, 0)
  const kinds = Object.entries(sampled.personal)
  const personal: Finding =
    kinds.length === 0
      ? { level: 'ok', text: words.noPersonal, at: 'personal' }
      : {
          level: 'note',
          text: words.personal(
            count(kinds.reduce((sum, [, { docs }]) => sum + docs, 0)),
            kinds.map(([kind]) => kindOf(kind, lang)).join(', '),
          ),
          at: 'personal',
        }
  return [
    {
      level: 2 * korean > all ? 'ok' : 'alarm',
      text: words.korean(share(korean, all), `${hangulOf(total).toFixed(1)} %`),
      at: 'languages',
    },
    apart >= 1 - COPIES
      ? { level: 'ok', text: words.distinct(share(apart, 1)), at: 'made' }
      : { level: 'alarm', text: words.copies(share(apart, 1)), at: 'duplicates' },
    ...(repeating > REPEATING * total.docs
      ? [{ level: 'alarm', text: words.repeat(share(repeating, total.docs)), at: 'repetition' } as const]
      : []),
    personal,
    ...evaluated(stats, lang),
    ...(unlicensed > UNLICENSED * total.docs
      ? [{ level: 'note', text: words.licences(share(unlicensed, total.docs)), at: 'licences' } as const]
      : []),
  ]
}

function evaluated(stats: Stats, lang: Lang): Finding[] {
  const words = GLANCE[lang]
  const sets = metBy(stats).flatMap(({ sets }) => sets)
  if (sets.length === 0) return [{ level: 'note', text: words.unmet, at: 'overlap' }]
  const [met, used] = [sets.reduce((sum, { met }) => sum + met, 0), sets.reduce((sum, { used }) => sum + used, 0)]
  return [{ level: 'ok', text: met > 0 ? words.met(count(met), count(used)) : words.notMet(count(used)), at: 'overlap' }]
}

function trained({ artifacts, datasets }: Stats, lang: Lang): Finding[] {
  const words = GLANCE[lang]
  const vocabularies = datasets.map(({ packed, vocabulary }, i): Finding => {
    const text = words.vocabulary(share(vocabulary.used, vocabulary.size), packed)
    return { level: vocabulary.used > 0.9 * vocabulary.size ? 'ok' : 'note', text, at: `dataset-${i + 1}` }
  })
  const losses = artifacts.flatMap(({ folder, metrics }, i): Finding[] => {
    const last = metrics.findLast(({ val_loss }) => val_loss !== undefined)
    if (!last) return []
    return [{ level: 'note', text: words.loss((last.val_loss ?? 0).toFixed(4), count(last.step), folder), at: `training-${i + 1}` }]
  })
  return [...vocabularies, ...losses]
}
