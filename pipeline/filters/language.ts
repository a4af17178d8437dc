import { z } from 'zod'
import { filter } from './filter.ts'

export default filter({
  id: 'language',
  files: ['model'],
  schema: z.strictObject({
    min: z.number().min(0).max(1).default(0.08).describe('least share of Korean among the letters'),
    model: z.string().min(1).optional().describe('a fastText model of languages (lid.176, GlotLID) that judges what the scripts let pass'),
    labels: z
      .array(z.string().min(1))
      .min(1)
      .default(['__label__ko', '__label__kor_Hang'])
      .describe('its labels that are Korean: the likeliest counts'),
    least: z.number().min(0).max(1).default(0.842).describe('least probability of it'),
  }),
  what: 'Drops documents in which less than `min` of the letters are Korean, told by script: Hangul, and Han up to twice the Hangul, since mixed-script Korean has as much; none of the Han where there is more kana than Hangul. With a `model` of your own, a fastText `.bin` or `.ftz`, documents that pass must have `least` of its probability too.',
  why: 'Digits, marks and white space say nothing of a language; `hangul-ratio` counts them, this filter does not. It tells scripts, not languages: not Korean in Latin letters, not English from German, not Cia-Cia or Jeju in Hangul from Korean, and a Chinese text with a third of Hangul passes. Where that matters, a model of languages is the next step; kopipe ships none. It costs what its character n-grams cost, far more than counting scripts, and so judges only what passes that.',
  source:
    'FineWeb-2 wants a GlotLID score of .842 for Korean, hence `least`; a model of one gigabyte. The share of scripts settles what it is asked for most, at no cost where Hangul is plenty.',
  reasons: {
    'language-other': 'share of Korean among the letters',
    'language-model': 'probability of the likeliest of the labels',
  },
  example: {
    kept: '三國時代의 遺物이 發掘되었다.',
    dropped: 'A page in English with one word, 한글, in a hundred and more letters of Latin.',
  },
})
