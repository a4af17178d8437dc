/** What `tokenize` may be told: one schema gives types, validation, flags and help. */

import { z } from 'zod'
import { KopipeError } from '../core/errors.ts'
import { common, count, keys, output } from '../core/options.ts'
import { sizeFlag } from '../core/sizes.ts'
import { ANALYSER, ANALYSER_MEMORY } from './analyser.ts'

/** How documents are cut into what tokens never reach across, by the names that the patterns go by. */
const PATTERNS = ['gpt2', 'cl100k', 'o200k', 'llama3', 'qwen2'] as const

/** What tokens are made of, and may be; `bpe/train/units.rs` has what each means. */
const UNITS = ['bytes', 'syllables', 'jamo'] as const
/** Pieces of the modern jamo, which are tokens from the start: 67, and their first two bytes. */
const JAMO_TOKENS = 71

/** What GPT-NeoX wants: the end of a document, and padding. Their ids come first. */
export const SPECIALS = ['<|endoftext|>', '<|padding|>']
const BYTES = 256

export const tokenizeOptions = z.strictObject({
  output,
  vocabSize: count().default(30003).meta({ help: 'tokens in all: special tokens, the 256 bytes, merges', placeholder: 'N' }),
  pattern: z
    .enum(PATTERNS)
    .default('gpt2')
    .meta({ help: 'whose pre-tokenizer cuts the text: gpt2, cl100k, o200k, llama3 (cuts as cl100k) or qwen2', placeholder: 'NAME' }),
  special: z
    .array(z.string().min(1, 'expected a token, got an empty one'))
    .default([])
    .meta({ help: `a special token after ${SPECIALS.join(' and ')}`, placeholder: 'TOKEN' }),
  minFrequency: count(0).default(0).meta({ help: 'pairs that occur less often are not merged', placeholder: 'N' }),
  maxTokenLength: count(2)
    .optional()
    .meta({ help: 'merged tokens of more than two bytes are shorter than this, in bytes', placeholder: 'N' }),
  initialAlphabet: z
    .enum(['bytes', 'found'], 'expected bytes or found')
    .default('bytes')
    .meta({ help: 'begin with all 256 bytes, or with those that occur: text with others then loses them', placeholder: 'bytes|found' }),
  limitAlphabet: count()
    .optional()
    .meta({ help: 'of the bytes that occur, begin with the N most frequent (with --initial-alphabet found)', placeholder: 'N' }),
  units: z.enum(UNITS, 'expected bytes, syllables or jamo').default('bytes').meta({
    help: 'tokens are any bytes, or whole characters (or within one), or the jamo of syllables (NFD)',
    placeholder: 'bytes|syllables|jamo',
  }),
  morphemes: z.boolean().default(false).meta({ help: 'no merge is learnt across morphemes, which an analyser finds (ko-dic)' }),
  morphemeMinCount: count()
    .default(5)
    .meta({ help: 'pretokens that occur less often are not analysed (with --morphemes)', placeholder: 'N' }),
  lang: z.enum(['ko', 'en'], 'expected ko or en').default('en').meta({ help: 'of the report', placeholder: 'ko|en' }),
  verify: z.boolean().default(false).meta({ help: "compare with HF's own tokenizers, JavaScript's and Python's, on the kept sample" }),
  ...keys,
  allowCorrupt: z.boolean().default(false).meta({ help: 'exit 0 where compressed input is damaged' }),
  ...common,
})

export type TokenizeOptions = z.output<typeof tokenizeOptions>

/** What the tokenizer depends on, beside its input. */
export function configurationOf(options: TokenizeOptions, specials: string[]) {
  const { vocabSize, pattern, units, minFrequency, maxTokenLength, initialAlphabet, limitAlphabet, lang } = options
  const morphemes = options.morphemes ? { minCount: options.morphemeMinCount, analyser: ANALYSER } : undefined
  const { textKey, idKey, sourceKey, metadataKey, documentPer, maxDocument } = options
  const reading = { textKey, idKey, sourceKey, metadataKey, documentPer, maxDocument }
  const training = { vocabSize, pattern, units, morphemes, specials, minFrequency, maxTokenLength, initialAlphabet, limitAlphabet, lang }
  return { ...training, ...reading }
}

/** Refuses what cannot be together, and a vocabulary without room for what it begins with. */
export function checkOptions(options: TokenizeOptions, specials: string[]): void {
  const { vocabSize, initialAlphabet, limitAlphabet, units, morphemes, memory } = options
  if (morphemes && memory < 2 * ANALYSER_MEMORY) {
    const least = sizeFlag(2 * ANALYSER_MEMORY)
    throw new KopipeError('usage', `--morphemes: expected a --memory of at least ${least}, got ${sizeFlag(memory)}`, {
      hint: `The analyser alone takes ${sizeFlag(ANALYSER_MEMORY)}.`,
    })
  }
  if (morphemes && units === 'jamo') {
    throw new KopipeError('usage', '--morphemes is not for --units jamo: the analyser knows syllables, and boundaries lie between them', {
      hint: 'Leave out one of the two.',
    })
  }
  if (units === 'jamo' && initialAlphabet === 'found') {
    throw new KopipeError('usage', '--units jamo begins with all 256 bytes, and --initial-alphabet found does not')
  }
  // How many bytes occur is known when they are counted.
  const bytes = initialAlphabet === 'bytes' ? BYTES : 1
  if (initialAlphabet === 'bytes' && limitAlphabet !== undefined && limitAlphabet < BYTES) {
    throw new KopipeError('usage', `--limit-alphabet ${limitAlphabet} would lose ${BYTES - limitAlphabet} of the 256 bytes of any text`, {
      hint: 'Leave it out, or say --initial-alphabet found where text with other bytes may lose them.',
    })
  }
  const jamo = units === 'jamo' ? JAMO_TOKENS : 0
  const needed = specials.length + bytes + jamo
  if (vocabSize < needed) {
    const parts = [`${specials.length} special tokens`, bytes === BYTES ? '256 bytes' : 'a byte', ...(jamo > 0 ? [`${jamo} for jamo`] : [])]
    const listed = `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
    throw new KopipeError('usage', `--vocab-size: expected at least ${needed} (${listed}), got ${vocabSize}`)
  }
}
