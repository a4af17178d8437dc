import { formatCount } from '../core/sizes.ts'
import { type TokenizeOptions, tokenizeOptions } from '../tokenizer/options.ts'
import { type TokenizeSummary, tokenize } from '../tokenizer/train.ts'
import { disagreement, type Verified } from '../tokenizer/verify.ts'
import { command } from './command.ts'
import { damage, ledgerTable } from './ledger.ts'

export default command({
  name: 'tokenize',
  summary: 'Documents → tokenizer.json, a byte-level BPE equal to what HF tokenizers trains, and a report of it.',
  inputs: 'INPUT...',
  options: tokenizeOptions,
  examples: [
    ['kopipe tokenize clean -o tokenizer', 'of a cleaned artifact, 30,003 tokens'],
    ["kopipe tokenize clean -o tokenizer --vocab-size 64000 --special '<|user|>' --special '<|assistant|>'", 'a larger one for chat'],
    ['kopipe tokenize clean -o tokenizer --morphemes', 'tokens that keep to stems, particles and endings'],
    ['kopipe tokenize clean -o tokenizer --verify', "then the ids of a sample beside those of HF's own tokenizers"],
  ],
  async run(inputs, options, session) {
    const summary = await tokenize(inputs, options, session)
    return { summary: { ...summary }, lines: lines(summary, options.vocabSize), ...failure(summary, options) }
  },
})

/** Damaged input, and a peer that gives other ids: both are told. */
function failure({ damaged, verified }: TokenizeSummary, options: TokenizeOptions): { failure?: string } {
  const failures = [damage(damaged, options, 'trained on').failure, verified && disagreement(verified)].filter((text) => text !== undefined)
  return failures.length > 0 ? { failure: failures.join('\n') } : {}
}

function lines(summary: TokenizeSummary, wanted: number): string[] {
  const { pretokens, vocabulary, morphemes, quality, verified, artifact } = summary
  const full = vocabulary.size === wanted ? '' : `, of ${formatCount(wanted)} asked for: no further pair occurs often enough`
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`
  const measured = quality && [
    `${quality.tokensPerCharacter.toFixed(3)} tokens a character, ${quality.tokensPerEojeol.toFixed(2)} an eojeol; ${quality.bytesPerToken.toFixed(2)} bytes a token`,
    `${formatCount(vocabulary.unused ?? 0)} tokens never occur; ${percent(quality.cutOccurrenceShare)} of those in the text cut a syllable`,
  ]
  return [
    ...ledgerTable(summary),
    `${formatCount(pretokens.types)} distinct pretokens of ${formatCount(pretokens.occurrences)}`,
    ...(morphemes ? [`${formatCount(morphemes.asked)} of them analysed, ${formatCount(morphemes.cut)} have several morphemes`] : []),
    `${formatCount(vocabulary.size)} tokens, ${formatCount(vocabulary.merges)} merges${full}`,
    ...(measured ?? []),
    ...(verified ? compared(verified) : []),
    `→ ${artifact}/tokenizer.json${quality ? `, ${artifact}/report.html` : ' (no report: the vocabulary lacks bytes)'}`,
  ]
}

function compared({ javascript, python }: Verified): string[] {
  return [javascript, python].flatMap((peer) => {
    if ('missing' in peer) return [`not compared: ${peer.missing}`, `  ${peer.hint}`]
    const same = peer.differ === 0 ? 'the same ids' : `other ids in ${formatCount(peer.differ)} documents`
    return [`${peer.name} ${peer.version}: ${same}, ${formatCount(peer.docs)} documents, ${formatCount(peer.tokens)} tokens`]
  })
}
