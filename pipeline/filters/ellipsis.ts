import { z } from 'zod'
import { filter } from './filter.ts'

export default filter({
  id: 'ellipsis',
  schema: z.strictObject({
    max: z.number().min(0).max(1).default(0.7).describe('most lines that end in an ellipsis'),
    'min-words': z.int().min(0).default(50).describe('documents of fewer eojeol pass'),
    'min-lines': z.int().min(0).default(8).describe('documents of fewer lines that are not blank pass'),
  }),
  what: 'Drops documents in which more than `max` of the lines that are not blank end in `…` or `...`.',
  why: 'Such pages list the beginnings of others. A comment of one line may well end so, and every third line of a dialogue: a share tells something of many lines, and a high one.',
  source:
    'Gopher, FineWeb-2 and EleutherAI/dps: .3, of any number of lines. The 99th percentile is .08 in web-docs, .07 in ms-docs-2021, 0 in kowiki-2023.',
  reasons: {
    'ellipsis-many': 'share of lines that end in an ellipsis',
  },
  example: {
    kept: '그는 말을 잇지 못했다...\n밖에는 비가 왔다.\n아무도 묻지 않았다.\n날이 밝았다.',
    dropped:
      '정부가 오늘 발표한 대책에 따르면...\n지난해 수출이 사상 처음으로...\n프로야구 개막전에서 신인이...\n전국이 대체로 맑은 가운데...',
  },
})
