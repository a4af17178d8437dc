import { z } from 'zod'
import { filter } from './filter.ts'

export default filter({
  id: 'word-length',
  schema: z.strictObject({
    min: z.number().min(0).default(2).describe('least mean'),
    max: z.number().min(0).default(20).describe('greatest mean'),
    'min-words': z.int().min(0).default(50).describe('documents of fewer eojeol pass'),
    unit: z.enum(['eojeol', 'morpheme']).default('eojeol').describe('what a word is; the number of morphemes is estimated'),
  }),
  what: 'Drops documents whose eojeol have fewer than `min` or more than `max` characters on average, marks included; with `unit: morpheme` whose morphemes, signs left out, have ([calibration](calibration.md#morphemes)).',
  why: 'A text with a blank after every syllable, or with hardly any, is broken. Good Korean stays: its eojeol are short (median 3.6 in kowiki-2023, 1st percentile 3.0; 2.8 in ms-docs-2021, whose 99.9th is 20).',
  source: 'EleutherAI/dps and Gopher 3 to 10, which drops 나는 학교에 갔다 그리고 집에 왔다; FineWeb-2 1 to 6 on morphemes.',
  reasons: {
    'word-length-short': 'mean characters of a word',
    'word-length-long': 'mean characters of a word',
  },
  example: { kept: '나는 학교에 갔다 그리고 집에 왔다', dropped: '한 글 자 씩 떼 어 쓴 글' },
})
