import { z } from 'zod'
import { filter } from './filter.ts'

export default filter({
  id: 'length',
  schema: z.strictObject({ min: z.int().min(0).default(10) }),
  what: 'Drops documents of fewer than `min` characters (Unicode code points of the normalized text).',
  why: 'A few characters teach nothing, and as exact duplicates they would delete each other across the corpus.',
  source: 'EleutherAI/dps `doc_len_filter`, whose minimum of 50 would drop most Korean reviews; 10 keeps them.',
  reasons: { 'length-short': 'characters of the document' },
  example: { kept: '배송이 빠르고 품질이 좋아요.', dropped: '굿굿' },
})
