import { z } from 'zod'
import { filter } from './filter.ts'

export default filter({
  id: 'language',
  schema: z.strictObject({
    min: z.number().min(0).max(1).default(0.08).describe('least share of Korean among the letters'),
  }),
  what: 'Drops documents in which less than `min` of the letters are Korean, told by script: Hangul, and Han up to twice the Hangul, since mixed-script Korean has as much; none of the Han where there is more kana than Hangul.',
  why: "Digits, marks and white space say nothing of a language; `hangul-ratio` counts them, this filter does not. It tells scripts, not languages: not Korean in Latin letters, not English from German, not Cia-Cia or Jeju in Hangul from Korean, and a Chinese text with a third of Hangul passes. The user's own model is the next step where that matters.",
  source:
    'FineWeb-2 wants a GlotLID score of .842 for Korean; a model of one gigabyte. The share of scripts settles what it is asked for most, at no cost where Hangul is plenty.',
  reasons: {
    'language-other': 'share of Korean among the letters',
  },
  example: {
    kept: '三國時代의 遺物이 發掘되었다.',
    dropped: 'A page in English with one word, 한글, in a hundred and more letters of Latin.',
  },
})
