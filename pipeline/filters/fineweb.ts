import { z } from 'zod'
import { filter } from './filter.ts'

export default filter({
  id: 'fineweb',
  schema: z.strictObject({
    'ended-lines': z.number().min(0).max(1).default(0.005).describe('least share of lines that end as a sentence does'),
    'short-lines': z.number().min(0).max(1).default(1).describe('most lines of `short-length` characters or fewer; 1: off'),
    'short-length': z.int().min(0).default(30).describe('characters of a short line'),
    'duplicate-characters': z.number().min(0).max(1).default(0.65).describe('most characters in lines that came before'),
    'line-feeds': z.number().min(0).default(0.8).describe('most line feeds for an eojeol'),
    'min-words': z.int().min(0).default(50).describe('documents of fewer eojeol pass'),
    'min-lines': z.int().min(0).default(4).describe('documents of fewer lines that are not blank pass'),
  }),
  what: 'Drops documents by their lines: too few end in a terminal mark (closing quotation marks and brackets aside), too many are short, too many characters stand in lines that came before, too many line feeds for the words.',
  why: 'Menus, lists of products and forum frames are short lines without sentences. Korean and technical text needs room: a court decision ends a third of its lines so, ms-docs-2021 .22, half of the news comments of one line none.',
  source:
    'FineWeb (Penedo et al., 2024): .12, .67 (30 characters), .01, .3. FineWeb-2 for Korean: .062, off, .1, .196 on morphemes. The defaults lie beyond the 99.9th percentile of ms-docs-2021.',
  reasons: {
    'fineweb-ended-lines': 'share of lines that end as a sentence',
    'fineweb-short-lines': 'share of short lines',
    'fineweb-duplicate-characters': 'share of characters in lines that came before',
    'fineweb-line-feeds': 'line feeds for an eojeol',
  },
  example: {
    kept: '오늘의 소식\n정부가 새 대책을 내놓았다.\n내년부터 시행한다.\n자세한 내용은 다음과 같다.',
    dropped: '홈\n뉴스\n스포츠\n로그인',
  },
})
