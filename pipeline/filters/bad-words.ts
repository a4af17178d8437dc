import { z } from 'zod'
import { filter } from './filter.ts'

export default filter({
  id: 'bad-words',
  schema: z.strictObject({
    distinct: z.int().min(1).default(3).describe('fewest different terms'),
    density: z.number().min(0).max(1).default(0.2).describe('most terms for an eojeol'),
  }),
  what: 'Drops documents with at least `distinct` different terms of advertising for gambling, escorts, loans and drugs, and more than `density` of them for an eojeol. A term counts where an eojeol begins with it, signs before it aside.',
  why: 'Such advertising says little else. News and articles about gambling or fraud name a few of these things now and then, and stay: one hit is no reason.',
  source:
    "The idea of EleutherAI/dps `bad_words_filter`, which drops at one substring; the list is kopipe's own (measures/bad_words.txt). No article of kowiki-2023 has both.",
  reasons: {
    'bad-words-many': 'terms for an eojeol',
  },
  example: {
    kept: '경찰은 불법 카지노 사이트를 운영하며 바카라 도박을 벌인 일당을 붙잡아 조사하고 있다고 밝혔다.',
    dropped: '★신규가입 첫충 30%★ 먹튀 없는 안전놀이터 추천 코드',
  },
})
