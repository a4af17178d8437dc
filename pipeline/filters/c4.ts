import { z } from 'zod'
import { filter } from './filter.ts'

export default filter({
  id: 'c4',
  schema: z.strictObject({
    'lorem-ipsum': z.boolean().default(true).describe('drop a text with "lorem ipsum"'),
    'curly-bracket': z.boolean().default(false).describe('drop a text with a curly bracket'),
    javascript: z.number().min(0).max(1).default(0.5).describe('most lines that speak of JavaScript'),
    policy: z.number().min(0).max(1).default(0.5).describe('most lines that speak of terms of use, privacy, cookies or copyright'),
    'policy-terms': z.int().min(1).max(4).default(3).describe('fewest different terms of them, else the document stays'),
    sentences: z.int().min(0).default(0).describe('fewest sentences'),
    'min-words': z.int().min(0).default(50).describe('documents of fewer eojeol pass'),
  }),
  what: 'Drops documents with "lorem ipsum", with a curly bracket (off), documents in which more than the given share of lines speak of JavaScript or of terms of use, privacy, cookies and copyright (이용약관, 개인정보, 쿠키, 저작권) while at least `policy-terms` of these four occur, and documents of fewer than `sentences` sentences (0: off).',
  why: 'Placeholders, notices to switch JavaScript on and pages of terms. C4 removes such lines; kopipe judges the document by their share and leaves its text as it is. An article on copyright, or on biscuits (쿠키), has such a word in every line, but one of the four; a page of terms has them all. Not taken: the rule that every line ends in a mark and has three words (Korean headings, verse and chat would go), and curly brackets and five sentences as defaults: they drop technical documents and short texts.',
  source: 'Raffel et al., 2020 (C4), as in datatrove `C4QualityFilter`.',
  reasons: {
    'c4-lorem-ipsum': '1: it stands there',
    'c4-curly-bracket': '1: it stands there',
    'c4-javascript': 'share of such lines',
    'c4-policy': 'share of such lines',
    'c4-sentences-few': 'sentences',
  },
  example: {
    kept: '이 사이트를 쓰려면 자바스크립트를 켜야 한다.\n글은 그 다음에 이어진다.',
    dropped: 'Lorem ipsum dolor sit amet 소개 글이 들어갈 자리',
  },
})
