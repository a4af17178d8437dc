import { KopipeError } from '../core/errors.ts'
import { formatCount, formatSize } from '../core/sizes.ts'
import { type TrainFilterSummary, trainFilter, trainFilterOptions } from '../pipeline/train-filter.ts'
import { command } from './command.ts'
import { damage } from './ledger.ts'

export default command({
  name: 'train-filter',
  summary: 'Good documents and bad ones → a fastText model for the filter `quality`, with its precision and recall.',
  inputs: 'GOOD BAD',
  options: trainFilterOptions,
  examples: [
    ['kopipe train-filter wiki.jsonl.zst comments.jsonl.zst -o filter', 'what is like the first is to be kept'],
    ["kopipe train-filter clean 'spam/*.jsonl' -o filter --limit 16MB", 'an artifact against files; a quarter of the text'],
  ],
  async run(inputs, options, session) {
    const [good, bad, ...more] = inputs
    if (good === undefined || bad === undefined || more.length > 0) {
      throw new KopipeError('usage', `expected GOOD and BAD, got ${inputs.length} arguments`, {
        hint: "Each is a file, a folder, an artifact, or a glob in quotes: 'bad/*.jsonl'.",
      })
    }
    const summary = await trainFilter(good, bad, options, session)
    return { summary: { ...summary }, lines: lines(summary), ...damage(summary.damaged, options, 'trained on') }
  },
})

function lines({ documents, overall, folds, thresholds, least, label, artifact }: TrainFilterSummary): string[] {
  const share = (value: number) => value.toFixed(4)
  const row = (...columns: (string | number)[]) =>
    columns
      .map((column) => String(column).padStart(11))
      .join('')
      .trimEnd()
  const { good, bad, inBoth } = documents
  const model = /[^\w./-]/.test(artifact) ? JSON.stringify(`${artifact}/model.bin`) : `${artifact}/model.bin`
  return [
    `good        ${formatCount(good.docs)} different documents, ${formatSize(good.bytes)}`,
    `bad         ${formatCount(bad.docs)} different documents, ${formatSize(bad.bytes)}`,
    ...(inBoth > 0 ? [`            ${formatCount(inBoth)} more stood in both and were left out`] : []),
    `of ${folds.length} folds, at ${least}: precision ${share(overall.precision)}, recall ${share(overall.recall)}, F1 ${share(overall.f1)}`,
    row('least', 'precision', 'recall', 'F1', 'kept'),
    ...thresholds.map((at) => row(at.least, share(at.precision), share(at.recall), share(at.f1), share(at.kept))),
    `→ ${artifact}/model.bin, ${artifact}/quality.json; for a recipe, under clean: filters:`,
    `quality: {model: ${model}, label: ${label}, least: ${least}}`,
  ]
}
