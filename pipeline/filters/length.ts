import { z } from 'zod'
import { filter } from './filter.ts'

export default filter({
  id: 'length',
  schema: z.strictObject({
    min: z.int().min(0).default(10).describe('fewest characters'),
    max: z.int().min(0).default(1_000_000).describe('most characters'),
  }),
  what: 'Drops documents of fewer than `min` or more than `max` characters (Unicode code points of the normalized text, white space included).',
  why: 'A few characters teach nothing, and as exact duplicates they would delete each other across the corpus; a megabyte in one piece is a dump or a log.',
  source:
    'EleutherAI/dps `doc_len_filter`, 50 to 100,000: its minimum would drop most Korean reviews, its maximum a long court decision. The longest document of kowiki-2023 has 169,769, of precedents 381,085.',
  reasons: {
    'length-short': 'characters of the document',
    'length-long': 'characters of the document',
  },
  example: { kept: '배송이 빠르고 품질이 좋아요.', dropped: '굿굿' },
})
