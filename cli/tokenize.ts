import { formatCount } from '../core/sizes.ts'
import { tokenizeOptions } from '../tokenizer/options.ts'
import { type TokenizeSummary, tokenize } from '../tokenizer/train.ts'
import { command } from './command.ts'
import { damage, ledgerTable } from './ledger.ts'

export default command({
  name: 'tokenize',
  summary: 'Documents → tokenizer.json, a byte-level BPE equal to what HF tokenizers trains.',
  inputs: 'INPUT...',
  options: tokenizeOptions,
  examples: [
    ['kopipe tokenize clean -o tokenizer', 'of a cleaned artifact, 30,003 tokens'],
    ["kopipe tokenize clean -o tokenizer --vocab-size 64000 --special '<|user|>' --special '<|assistant|>'", 'a larger one for chat'],
    ['kopipe tokenize clean -o tokenizer --morphemes', 'tokens that keep to stems, particles and endings'],
  ],
  async run(inputs, options, session) {
    const summary = await tokenize(inputs, options, session)
    return { summary: { ...summary }, lines: lines(summary, options.vocabSize), ...damage(summary.damaged, options, 'trained on') }
  },
})

function lines(summary: TokenizeSummary, wanted: number): string[] {
  const { pretokens, vocabulary, morphemes } = summary
  const full = vocabulary.size === wanted ? '' : `, of ${formatCount(wanted)} asked for: no further pair occurs often enough`
  return [
    ...ledgerTable(summary),
    `${formatCount(pretokens.types)} distinct pretokens of ${formatCount(pretokens.occurrences)}`,
    ...(morphemes ? [`${formatCount(morphemes.asked)} of them analysed, ${formatCount(morphemes.cut)} have several morphemes`] : []),
    `${formatCount(vocabulary.size)} tokens, ${formatCount(vocabulary.merges)} merges${full}`,
    `→ ${summary.artifact}/tokenizer.json`,
  ]
}
