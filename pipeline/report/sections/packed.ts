/** What is packed, on the page: splits and how they fill samples, lengths, epochs, which tokens occur. */

import { bars, columns, histogram, short } from '../../../core/page/charts.ts'
import { type Html, html, joined } from '../../../core/page/html.ts'
import { charted, count, figures, folded, type Lang, percent, type Section, table } from '../../../core/page/page.ts'
import { shownToken } from '../../../core/page/token.ts'
import type { CountedToken, SourceStats } from '../../shards/stats.ts'
import type { Stats } from '../measures.ts'
import { note } from '../shown.ts'
import { PACKED_WORDS, type PackedWords } from '../words/packed.ts'

type Dataset = Stats['datasets'][number]

/** What a list of the page holds at the most; stats.json has all. */
const ROWS = 30
const SHARDS = 200
const SOURCES = 200
const CHARTED = 20

export function packed({ datasets }: Stats, lang: Lang): Section[] {
  const words = PACKED_WORDS[lang]
  return datasets.map((found, i) => ({
    id: `dataset-${i + 1}`,
    title: `${words.dataset}: ${found.packed}`,
    body: html`${overview(found, words)}
${sources(found, words)}
${splits(found, words)}
${lengths(found, words)}
${epochs(found, words)}
${vocabulary(found, words)}
${shards(found, words)}`,
  }))
}

function overview({ tokens, documents, shards, bytes, dtype, lengths, vocabulary }: Dataset, words: PackedWords): Html {
  return figures([
    [tokens, `${words.tokens} (${dtype})`],
    [documents, words.documents],
    [shards.length, words.shards],
    [bytes, words.bytes],
    [count(Number(lengths.mean.toFixed(1))), words.mean],
    [vocabulary.size, words.vocabulary],
    [vocabulary.unused, words.unusedCount],
    [perToken(vocabulary.use.characters, tokens), words.charactersPerToken],
    [vocabulary.entropy.toFixed(2), words.entropy],
  ])
}

function sources({ sources, tokens }: Dataset, words: PackedWords): Html | Html[] {
  if (!sources || sources.length === 0) return []
  const chart = bars(
    words.sources,
    sources.slice(0, CHARTED).map(({ source, tokens }) => ({ name: source, value: tokens })),
  )
  const shown: [head: string, cell: (source: SourceStats) => string][] = [
    [words.source, ({ source }) => source],
    [words.documents, ({ documents }) => count(documents)],
    [words.tokens, ({ tokens }) => count(tokens)],
    [words.share, (source) => percent(source.tokens, tokens)],
    [words.mean, ({ documents, tokens }) => (documents === 0 ? '' : count(Number((tokens / documents).toFixed(1))))],
  ]
  if (sources.some(({ use }) => use)) {
    shown.push(
      [words.charactersPerToken, ({ use, tokens }) => (use ? perToken(use.characters, tokens) : '')],
      [words.bytesPerToken, ({ use, tokens }) => (use ? perToken(use.bytes, tokens) : '')],
      [words.unusedCount, ({ use }) => (use ? count(use.unused) : '')],
    )
  }
  if (sources.some(({ epochs }) => epochs !== undefined)) shown.push([words.epochs, ({ epochs }) => String(epochs ?? '')])
  const rows = sources.slice(0, SOURCES).map((source) => shown.map(([, cell]) => cell(source)))
  const more = sources.length > SOURCES ? note(words.shardsNote(SOURCES, sources.length)) : []
  const head = shown.map(([name]) => name)
  return html`<h3>${words.sources}</h3>${more}${charted(chart, words.numbers, head, rows)}`
}

function perToken(of: number, tokens: number): string {
  return tokens === 0 ? '' : (of / tokens).toFixed(2)
}

function splits({ splits, tokens, sequenceLength }: Dataset, words: PackedWords): Html {
  const rows = splits.map((split) => [
    words.split[split.split],
    count(split.documents),
    count(split.tokens),
    percent(split.tokens, tokens),
    count(split.samples),
    percent(split.samplesWithBoundary, split.samples),
    split.documentsASample.toFixed(2),
    percent(split.documentsCut, split.documents),
  ])
  const head = ['', words.documents, words.tokens, words.share, words.samples, words.withBoundary, words.documentsASample, words.cut]
  return html`<h3>${words.packing}</h3>${note(words.packingNote(count(sequenceLength)))}${table(head, rows)}`
}

function lengths({ lengths, documents }: Dataset, words: PackedWords): Html {
  const rows = lengths.powers.flatMap((n, power) =>
    n === 0 ? [] : [[power === 0 ? '0' : `${count(2 ** (power - 1))} – ${count(2 ** power - 1)}`, count(n), percent(n, documents)]],
  )
  const name = (share: number) => (share === 0 ? words.shortest : share === 1 ? words.longest : `${Number((100 * share).toFixed(1))} %`)
  const quantiles = lengths.quantiles.map(({ share, tokens }) => [name(share), count(tokens)])
  return html`<h3>${words.lengths}</h3>${note(words.lengthsNote)}${charted(histogram(words.lengths, lengths.powers), words.numbers, [words.tokens, words.documents, words.share], rows)}
${note(words.quantilesNote)}${table([words.quantile, words.tokens], quantiles)}`
}

function epochs({ budgets, sequenceLength }: Dataset, words: PackedWords): Html | Html[] {
  if (budgets.length === 0) return []
  const rows = budgets.map(({ tokens, like, steps, epochs }) => [
    like ? `${short(tokens)} · ${like}` : short(tokens),
    count(steps),
    epochs < 100 ? epochs.toFixed(2) : count(Math.round(epochs)),
  ])
  return html`<h3>${words.epochs}</h3>${note(words.epochsNote(count(sequenceLength)))}${table([words.budget, words.steps, words.epochs], rows)}`
}

function vocabulary({ vocabulary, tokens }: Dataset, words: PackedWords): Html {
  const { size, used, unused, stray, ranks, byRank, mostFrequent, rarest, unusedIds } = vocabulary
  const use = [
    [words.used, count(used), percent(used, size)],
    [words.unusedCount, count(unused), percent(unused, size)],
    ...(stray > 0 ? [[words.stray, count(stray), '']] : []),
  ]
  const chart = columns(
    words.byRank,
    byRank.map(({ rank, occurrences }) => ({ name: short(rank), value: occurrences })),
  )
  const firsts = ranks.map((first) => ({ name: words.first(count(first.tokens)), value: first.occurrences }))
  const cells = ranks.map(({ tokens: first, occurrences }) => [words.first(count(first)), count(occurrences), percent(occurrences, tokens)])
  const byRanks = byRank.map(({ rank, occurrences }) => [count(rank), count(occurrences), percent(occurrences, tokens)])
  const list = (all: readonly CountedToken[]) =>
    table(
      [words.token, words.id, words.occurrences],
      all.slice(0, ROWS).map(({ id, bytes, occurrences }) => [tokenOf(bytes), String(id), count(occurrences)]),
    )
  const shown = unusedIds.slice(0, 10 * ROWS)
  return html`<h3>${words.use}</h3>${table(['', words.tokens, words.share], use)}
<h3>${words.coverage}</h3>${charted(bars(words.coverage, firsts), words.numbers, ['', words.occurrences, words.share], cells)}
<h3>${words.byRank}</h3>${note(words.byRankNote)}${charted(chart, words.numbers, [words.rank, words.occurrences, words.share], byRanks)}
${folded(words.mostFrequent, list(mostFrequent))}${folded(words.rarest, list(rarest))}
<h3>${words.unused}</h3>${note(words.unusedNote(shown.length, unused))}<p>${joined(shown.map((id) => html`<code>${id}</code> `))}</p>`
}

function tokenOf(bytes: string): Html {
  return html`<code>${shownToken(Buffer.from(bytes, 'hex'))}</code>`
}

function shards({ shards, tokens }: Dataset, words: PackedWords): Html {
  const rows = shards
    .slice(0, SHARDS)
    .map(({ prefix, split, documents, tokens: own }) => [
      prefix,
      split ? words.split[split] : '',
      count(documents),
      count(own),
      percent(own, tokens),
    ])
  const more = shards.length > SHARDS ? note(words.shardsNote(SHARDS, shards.length)) : []
  return html`<h3>${words.shards}</h3>${more}${table([words.shard, words.part, words.documents, words.tokens, words.share], rows)}`
}
