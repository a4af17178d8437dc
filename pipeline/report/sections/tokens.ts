/** What the text costs in tokens, the tokenizers among the inputs, and the losses of trainings. */

import { bars } from '../../../core/page/charts.ts'
import { html } from '../../../core/page/html.ts'
import { overSteps } from '../../../core/page/over-steps.ts'
import { charted, count, figures, folded, type Lang, legend, type Section, table } from '../../../core/page/page.ts'
import type { ArtifactStats, Stats } from '../measures.ts'
import { largestFirst, note, share, size } from '../shown.ts'
import { COMMON } from '../words/common.ts'
import { TOKENS } from '../words/tokens.ts'

const CHARTED = 20
const LISTED = 500
/** Rows of a table of steps. */
const STEPS = 12

const ratio = (part: number, whole: number) => (whole === 0 ? '' : (part / whole).toFixed(3))

export function fertility({ documents }: Stats, lang: Lang): Section {
  const [words, common] = [TOKENS[lang], COMMON[lang]]
  const { sampled } = documents
  const id = 'tokens'
  if (!sampled.tokens) return { id, title: words.fertility, body: html`${note(words.unknown)}` }
  const all = largestFirst(sampled.tokens, ({ bytes }) => bytes)
  const shown = all
    .slice(0, CHARTED)
    .map(([name, { chars, tokens }]) => ({ name, value: tokens === 0 ? 0 : chars / tokens }))
    .sort((a, b) => b.value - a.value)
  const chart = bars(words.chart, shown, (value) => value.toFixed(2))
  const sum = { tokens: 0, chars: 0, eojeol: 0, bytes: 0 }
  for (const [, one] of all) for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += one[key]
  const row = (name: string, { tokens, chars, eojeol, bytes }: typeof sum) => [
    name,
    ratio(chars, tokens),
    ratio(tokens, eojeol),
    ratio(bytes, tokens),
    count(tokens),
    count(chars),
  ]
  const rows = [row(words.all, sum), ...all.slice(0, LISTED).map(([name, one]) => row(name, one))]
  const head = [common.source, words.perToken, words.perEojeol, words.bytesPerToken, words.tokens, common.characters]
  const body = html`${note(words.fertilityNote)}${note(words.observed(count(sampled.docs), size(sampled.bytes)))}${charted(chart, common.numbers, head, rows)}`
  return { id, title: words.fertility, body }
}

export function tokenizers({ artifacts }: Stats, lang: Lang): Section[] {
  const [words, common] = [TOKENS[lang], COMMON[lang]]
  return artifacts.flatMap(({ folder, tokenizer }, i): Section[] => {
    if (!tokenizer) return []
    const { vocabulary, quality, sources } = tokenizer
    const numbers = figures([
      [vocabulary.size, words.size],
      [vocabulary.unused, words.unused],
      [quality.tokensPerCharacter.toFixed(3), words.perCharacter],
      [quality.tokensPerEojeol.toFixed(2), words.perEojeol],
      [quality.bytesPerToken.toFixed(2), words.bytesPerToken],
      [share(quality.cutOccurrenceShare, 1), words.cut],
    ])
    const rows = sources
      .slice(0, LISTED)
      .map((one) => [
        one.source,
        count(one.docs),
        one.tokensPerCharacter.toFixed(3),
        one.tokensPerEojeol.toFixed(2),
        one.bytesPerToken.toFixed(2),
        share(one.cutShare, 1),
      ])
    const head = [common.source, common.documents, words.perCharacter, words.perEojeol, words.bytesPerToken, words.cutShare]
    const body = html`${note(words.tokenizerNote)}${numbers}${rows.length > 1 ? folded(common.numbers, table(head, rows)) : []}`
    return [{ id: `tokenizer-${i + 1}`, title: `${words.tokenizer}: ${folder}`, body }]
  })
}

export function training({ artifacts }: Stats, lang: Lang): Section[] {
  const words = TOKENS[lang]
  return artifacts.flatMap(({ folder, metrics }, i): Section[] => {
    if (metrics.length === 0) return []
    const [losses, validations] = [pointsOf(metrics, 'loss'), pointsOf(metrics, 'val_loss')]
    const chart = overSteps(
      words.training,
      [
        { points: losses, colour: 'var(--accent)' },
        { points: validations, colour: 'var(--second)' },
      ],
      { height: 280 },
    )
    const every = Math.max(1, Math.ceil(metrics.length / STEPS))
    const rows = metrics
      .filter((_, at) => (metrics.length - 1 - at) % every === 0)
      .map(({ step, loss }) => {
        const validation = validations.findLast((point) => point.step <= step)
        return [count(step), loss?.toFixed(4) ?? '', validation?.value.toFixed(4) ?? '']
      })
    const key = legend(
      [
        { name: words.loss, colour: 'accent' },
        { name: words.validation, colour: 'second' },
      ],
      'line',
    )
    const body = html`${note(words.trainingNote)}${chart}${key}${folded(COMMON[lang].numbers, table([words.step, words.loss, words.validation], rows))}`
    return [{ id: `training-${i + 1}`, title: `${words.training}: ${folder}`, body }]
  })
}

function pointsOf(metrics: ArtifactStats['metrics'], key: 'loss' | 'val_loss'): { step: number; value: number }[] {
  return metrics.flatMap(({ step, [key]: value }) => (value === undefined ? [] : [{ step, value }]))
}
