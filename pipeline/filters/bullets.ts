import { z } from 'zod'
import { filter } from './filter.ts'

export default filter({
  id: 'bullets',
  schema: z.strictObject({
    max: z.number().min(0).max(1).default(0.9).describe('most lines that begin with a bullet'),
    'ended-lines': z.number().min(0).max(1).default(0.1).describe('a list stays where more of its lines end as a sentence does; 1: never'),
    'min-words': z.int().min(0).default(50).describe('documents of fewer eojeol pass'),
    'min-lines': z.int().min(0).default(4).describe('documents of fewer lines that are not blank pass'),
  }),
  what: 'Drops documents in which more than `max` of the lines that are not blank begin with a bullet (`-`, `*`, `•`, `■`, `▶`, `※` and their like), unless more than `ended-lines` of its lines end as a sentence does.',
  why: 'A page that is nothing but a list is mostly a menu. A list of sentences is not: minutes of meetings are written so. A share of lines tells nothing where there are one or two.',
  source:
    'Gopher, FineWeb-2 and EleutherAI/dps: .9. The 99.9th percentile of ms-docs-2021 is .82; of fifteen such lists in real text, read by hand, nine were minutes or a glossary; five of them stay by `ended-lines`.',
  reasons: {
    'bullets-many': 'share of lines that begin with a bullet',
  },
  example: { kept: '준비물은 다음과 같다.\n- 물 한 컵\n- 소금\n- 간장', dropped: '- 홈\n- 회사 소개\n- 오시는 길\n- 고객 센터' },
})
