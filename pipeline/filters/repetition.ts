import { z } from 'zod'
import { filter } from './filter.ts'

export default filter({
  id: 'repetition',
  schema: z.strictObject({
    lines: z.number().min(0).max(1).default(0.8).describe('most lines that came before'),
    'line-characters': z.number().min(0).max(1).default(0.65).describe('most characters in them'),
    paragraphs: z.number().min(0).max(1).default(0.65).describe('most paragraphs that came before'),
    'paragraph-characters': z.number().min(0).max(1).default(0.5).describe('most characters in them'),
    top: z
      .tuple([z.number().min(0), z.number().min(0), z.number().min(0)])
      .default([0.25, 0.28, 0.32])
      .describe('most characters in the most frequent 2-, 3- and 4-gram'),
    duplicate: z
      .tuple([z.number().min(0), z.number().min(0), z.number().min(0), z.number().min(0), z.number().min(0), z.number().min(0)])
      .default([0.6, 0.59, 0.58, 0.57, 0.56, 0.55])
      .describe('most characters in 5- to 10-grams that came before'),
    'min-words': z.int().min(0).default(50).describe('documents of fewer eojeol pass'),
  }),
  what: 'Drops documents that repeat themselves, by shares of lines, of paragraphs, and of the characters in n-grams of eojeol: the most frequent 2- to 4-gram, and 5- to 10-grams that came before.',
  why: 'Menus, templates and keyword stuffing. On short text the shares say nothing: without a minimum they drop four of five documents under 50 eojeol, since one bigram is a fifth of a text of ten words. Court decisions and references repeat by their nature: half the precedents have 6 % of their characters in 5-grams that came before.',
  source:
    'Gopher (Rae et al., 2021), table A1: .3 .2 .3 .2, .2 .18 .16, .15 to .1. FineWeb-2 for Korean: lines .374, .282 .228 .185, .201 to .127 on morphemes. The defaults lie beyond the 99.9th percentile of ms-docs-2021.',
  reasons: {
    'repetition-paragraphs': 'share of paragraphs that came before',
    'repetition-paragraph-characters': 'share of characters in them',
    'repetition-lines': 'share of lines that came before',
    'repetition-line-characters': 'share of characters in them',
    'repetition-top-2-gram': 'share of characters in the most frequent 2-gram',
    'repetition-top-3-gram': 'share of characters in the most frequent 3-gram',
    'repetition-top-4-gram': 'share of characters in the most frequent 4-gram',
    'repetition-duplicate-5-grams': 'share of characters in 5-grams that came before',
    'repetition-duplicate-6-grams': 'share of characters in 6-grams that came before',
    'repetition-duplicate-7-grams': 'share of characters in 7-grams that came before',
    'repetition-duplicate-8-grams': 'share of characters in 8-grams that came before',
    'repetition-duplicate-9-grams': 'share of characters in 9-grams that came before',
    'repetition-duplicate-10-grams': 'share of characters in 10-grams that came before',
  },
  example: {
    kept: '좋은 글은 같은 말을 되풀이하지 않는다. 같은 말이라도 다르게 한다.',
    dropped: '좋아요 공유하기 좋아요 공유하기 좋아요 공유하기 좋아요 공유하기',
  },
})
