import { z } from 'zod'
import { filter } from './filter.ts'

export default filter({
  id: 'hangul-ratio',
  schema: z.strictObject({
    min: z.number().min(0).max(1).default(0.05).describe('least share of Hangul'),
  }),
  what: 'Drops documents in which less than `min` of the characters that are not white space are Hangul (syllables and jamo).',
  why: 'A Korean corpus is to hold Korean. Technical documents are half code and markup: 1 % of ms-docs-2021 have less than .07. Chinese, symbols and keyboard mash have none.',
  source:
    'EleutherAI/dps `korean_word_ratio` (.25, which would drop a third of ms-docs-2021), counted here on Hangul alone: the original also passed Chinese.',
  reasons: {
    'hangul-ratio-low': 'share of Hangul',
  },
  example: { kept: '漢字와 한글을 섞어 쓴 글이다.', dropped: '中文文字 全部 漢字' },
})
