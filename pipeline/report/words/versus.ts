/** Words of two corpora side by side. */

import type { Lang } from '../../../core/page/page.ts'

const en = {
  title: 'Before against after',
  note: (before: string) => `Before: ${before}. After: what this page is about. Where one of them was sampled its numbers are estimates.`,
  before: 'before',
  after: 'after',
  change: 'change',
  measures: 'Measures',
  meanLength: 'characters a document',
  distinctTexts: 'distinct texts',
  hangul: 'Hangul among letters',
  scripts: 'Scripts: share of characters (%)',
  lengths: 'Lengths in characters: share of documents (%)',
  languages: 'Languages: share of documents (%)',
  repetition: 'Documents that repeat half of themselves',
  personal: 'Documents with personal data',
  sources: 'Sources: documents before and after',
  gone: (names: string) => `Gone: ${names}.`,
  fresh: (names: string) => `New: ${names}.`,
  source: 'source',
  lines: 'Frequent lines that vanished',
  linesNote: 'Lines that were among the most frequent before and are not any more.',
  noLines: 'None: the lines that many documents had before are still there.',
  line: 'line',
}

const ko: typeof en = {
  title: '이전과 이후',
  note: (before) => `이전: ${before}. 이후: 이 보고서가 다루는 것. 어느 한쪽을 표본으로 쟀다면 그 값은 추정치이다.`,
  before: '이전',
  after: '이후',
  change: '변화',
  measures: '잰 값',
  meanLength: '문서당 글자',
  distinctTexts: '서로 다른 글',
  hangul: '문자 가운데 한글',
  scripts: '글자 종류: 글자의 비율 (%)',
  lengths: '글자 수: 문서의 비율 (%)',
  languages: '언어: 문서의 비율 (%)',
  repetition: '글의 절반 이상이 반복인 문서',
  personal: '개인 정보가 있는 문서',
  sources: '출처: 이전과 이후의 문서',
  gone: (names) => `사라진 출처: ${names}.`,
  fresh: (names) => `새 출처: ${names}.`,
  source: '출처',
  lines: '사라진 잦은 줄',
  linesNote: '이전에는 가장 잦은 줄에 들었으나 이제는 들지 않는 것.',
  noLines: '없다. 이전에 많은 문서에 있던 줄이 그대로 있다.',
  line: '줄',
}

export const VERSUS: Record<Lang, typeof en> = { en, ko }
