import { z } from 'zod'
import { filter } from './filter.ts'

export default filter({
  id: 'stop-endings',
  schema: z.strictObject({
    min: z.int().min(0).max(21).default(2).describe('fewest different ones'),
    'min-words': z.int().min(0).default(50).describe('documents of fewer eojeol pass'),
  }),
  what: 'Drops documents whose eojeol end in (or are) fewer than `min` different ones of 21 Korean stop words: 의 다 이 는 에 을 한 년 하 은 를 했 고 에서 가 있 으로 인 월 로 되. Marks behind them are set aside; of two that fit the longer counts.',
  why: 'Text has particles and endings; lists of keywords, names and products have none.',
  source:
    "FineWeb-2's stop words for Korean, where they are morphemes. As whole eojeol hardly any of them occurs, and the rule would reject nearly all Korean: they are matched where particles stand.",
  reasons: {
    'stop-endings-few': 'different stop words',
  },
  example: { kept: '서울에서 부산까지 가는 길은 멀다', dropped: '서울 부산 대구 인천 광주 대전 울산 세종' },
})
