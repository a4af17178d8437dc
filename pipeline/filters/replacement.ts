import { z } from 'zod'
import { filter } from './filter.ts'

export default filter({
  id: 'replacement',
  schema: z.strictObject({
    max: z.number().min(0).max(1).default(0.01).describe('most U+FFFD'),
  }),
  what: 'Drops documents in which more than `max` of the characters that are not white space are U+FFFD.',
  why: 'U+FFFD stands where bytes were lost; one in a hundred breaks every second sentence. Scans of the 1920s in colonial-magazines have .001 at the most.',
  source: 'Own.',
  reasons: {
    'replacement-many': 'share of U+FFFD',
  },
  example: {
    kept: '오늘은 날씨가 참 좋아서 친구와 함께 가까운 공원에 나가 한참을 걸었다. 나무 밑에 앉아 준비해 온 점심을 먹고, 해가 질 때까지 지난 이야기를 나누었다. 돌아오는 길에는 오래된 책방에 들러 서로에게 줄 책을 한 권씩 골랐다. 그 책의 첫 장에는 이름이 \ufffd 한 자 적혀 있었다. 누구의 것인지는 끝내 알 수 없었다.',
    dropped: '깨�진 �� 글',
  },
})
