import { KopipeError } from '../core/errors.ts'
import { formatCount, formatSize } from '../core/sizes.ts'
import { type EvalSummary, evaluate } from '../training/evaluate/evaluate.ts'
import { evalOptions } from '../training/evaluate/options.ts'
import { command } from './command.ts'
import { printable } from './errors.ts'
import { damage } from './ledger.ts'

export default command({
  name: 'eval',
  summary: 'What a trained model is worth: KoBEST and KLUE as lm-evaluation-harness scores them, bits a byte of held-out text.',
  inputs: 'MODEL',
  options: evalOptions,
  examples: [
    ['kopipe eval run --tasks all --data tasks', 'the newest checkpoint of a run, every task, without shots'],
    ['kopipe eval run --tasks kobest_copa,kobest_hellaswag --data tasks --shots 5', 'two tasks with five shots'],
    ['kopipe eval run --text packed', 'bits a byte of the valid split of a packed dataset'],
    ['kopipe eval polyglot-ko-1.3b --text news.jsonl.zst --engine torch', "another's GPT-NeoX by any text"],
    ['kopipe eval run --tasks kobest_copa --data tasks --samples copa.jsonl', 'also what became of each question'],
  ],
  async run(inputs, options, session) {
    const [model] = inputs
    if (model === undefined) throw new KopipeError('usage', 'expected a MODEL: a run of train, a checkpoint or a GPT-NeoX model')
    const summary = await evaluate(model, options, session)
    return { summary: { ...summary }, lines: table(summary), ...damage(summary.damaged, options, 'scored') }
  },
})

function table({ model, device, tasks, texts }: EvalSummary): string[] {
  const score = (value: number | undefined, error?: number | null) =>
    value === undefined ? '' : `${value.toFixed(4)}${error ? ` ± ${error.toFixed(4)}` : ''}`
  const rows = Object.entries(tasks).map(([name, task]) => [
    name,
    formatCount(task.docs),
    String(task.shots),
    score(task.acc, task.acc_stderr),
    score(task.acc_norm, task.acc_norm_stderr),
    score(task.f1),
  ])
  const columns = ['task', 'questions', 'shots', 'accuracy', 'a character', 'F1']
  return [
    `${printable(model)} on ${device}`,
    ...(rows.length > 0 ? aligned([columns, ...rows]) : []),
    ...Object.entries(texts).map(
      ([name, { documents, bytes, bits_per_byte, nats_per_token }]) =>
        `${printable(name)}: ${bits_per_byte.toFixed(4)} bits a byte, ${nats_per_token.toFixed(4)} nats a token; ${formatCount(documents)} documents, ${formatSize(bytes)}`,
    ),
  ]
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
