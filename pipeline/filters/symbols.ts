import { z } from 'zod'
import { filter } from './filter.ts'

export default filter({
  id: 'symbols',
  schema: z.strictObject({
    hashes: z.number().min(0).default(0.4).describe('most number signs for an eojeol'),
    ellipses: z.number().min(0).default(0.3).describe('most `…` and `...` for an eojeol'),
    'min-words': z.int().min(0).default(50).describe('documents of fewer eojeol pass'),
  }),
  what: 'Drops documents with more than `hashes` number signs, or more than `ellipses` ellipses (`…` or `...`), for an eojeol.',
  why: 'Lists of hash tags, and lists of headlines that were cut off. Markdown has number signs (.34 at the 99.9th percentile of ms-docs-2021), comments have ellipses (.09 at the 99th of news-comments).',
  source: 'Gopher, FineWeb-2 and EleutherAI/dps: .1 for both.',
  reasons: {
    'symbols-hashes': 'number signs for an eojeol',
    'symbols-ellipses': 'ellipses for an eojeol',
  },
  example: { kept: '이슈 #12를 고쳤고 문서를 새로 썼다', dropped: '#맛집 #여행 #일상 #좋아요' },
})
