import { z } from 'zod'
import { filter } from './filter.ts'

export default filter({
  id: 'words',
  schema: z.strictObject({
    min: z.int().min(0).default(3).describe('fewest eojeol'),
    max: z.int().min(0).default(100_000).describe('most eojeol'),
  }),
  what: 'Drops documents of fewer than `min` or more than `max` eojeol.',
  why: "One or two eojeol are a label. Gopher's minimum of 50 is for web pages: no review of nsmc-reviews and no sentence of chat reaches it, so the recipe `ko` leaves the judgement to `length`.",
  source: 'Gopher, 50 to 100,000 words; FineWeb-2 the same on morphemes. Defined here on eojeol, of which one is about two morphemes.',
  reasons: {
    'words-few': 'eojeol of the document',
    'words-many': 'eojeol of the document',
  },
  example: { kept: '배송이 빠르고 품질이 좋아요.', dropped: '상품문의 게시판' },
})
