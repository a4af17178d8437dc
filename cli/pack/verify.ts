import { formatCount, formatSize } from '../../core/sizes.ts'
import type { Fault } from '../../pipeline/shards/findings.ts'
import { type VerifySummary, verify, verifyOptions } from '../../pipeline/shards/verify.ts'
import { command } from '../command.ts'
import { printable } from '../errors.ts'

/** Faults that a person sees; `--json` has all. */
const SHOWN = 50

export default command({
  name: 'pack verify',
  summary: 'Holds packed datasets, or bare shards, against the format, their records and their tokenizer, to the last byte.',
  inputs: 'PACKED...',
  options: verifyOptions,
  examples: [
    ['kopipe pack verify packed', 'every file, every token; exit 1 where anything is wrong'],
    ['kopipe pack verify old.idx --tokenizer tokenizer.json', 'a shard of GPT-NeoX or Megatron'],
  ],
  async run(inputs, options, session) {
    const started = performance.now()
    const summary = await verify(inputs, options, session)
    return { summary: { ...summary, artifact: inputs[0] }, lines: lines(summary, performance.now() - started), ...failure(summary.faults) }
  },
})

function lines({ shards, documents, tokens, bytes }: VerifySummary, milliseconds: number): string[] {
  const rate = formatSize((1000 * bytes) / Math.max(1, milliseconds))
  return [
    `${formatCount(tokens)} tokens in ${formatCount(documents)} documents and ${formatCount(shards)} shard${shards === 1 ? '' : 's'}`,
    `${formatSize(bytes)} read, ${rate}/s`,
  ]
}

function failure(faults: Fault[]): { failure?: string } {
  if (faults.length === 0) return {}
  const told = faults.slice(0, SHOWN).map(({ path, offset, what, count }) => {
    const where = offset === undefined ? '' : ` at byte ${offset}`
    return `  ${printable(path)}${where}: ${what}${count > 1 ? `; and so ${formatCount(count)} times` : ''}`
  })
  const more = faults.length > SHOWN ? [`  … and ${formatCount(faults.length - SHOWN)} more`] : []
  const number = faults.length === 1 ? '1 thing is wrong' : `${formatCount(faults.length)} things are wrong`
  return { failure: [`${number}:`, ...told, ...more].join('\n') }
}
