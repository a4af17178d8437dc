import { z } from 'zod'
import { filter } from './filter.ts'

export default filter({
  id: 'words',
  schema: z.strictObject({
    min: z.int().min(0).default(3).describe('fewest words'),
    max: z.int().min(0).default(100_000).describe('most words'),
    unit: z.enum(['eojeol', 'morpheme']).default('eojeol').describe('what a word is; the number of morphemes is estimated'),
  }),
  what: 'Drops documents of fewer than `min` or more than `max` words: eojeol, or with `unit: morpheme` what Kiwi would find, estimated ([calibration](calibration.md#morphemes)).',
  why: "One or two eojeol are a label. Gopher's minimum of 50 is for web pages: no review of nsmc-reviews and no sentence of chat reaches it, so the recipe `ko` leaves the judgement to `length`.",
  source: 'Gopher, 50 to 100,000 words; FineWeb-2 the same on morphemes. An eojeol is 2.3 morphemes.',
  reasons: {
    'words-few': 'words of the document',
    'words-many': 'words of the document',
  },
  example: { kept: '배송이 빠르고 품질이 좋아요.', dropped: '상품문의 게시판' },
})
