/** Words that several sections have. */

import type { Lang } from '../../../core/page/page.ts'

const en = {
  title: 'Corpus report',
  contents: 'Contents',
  numbers: 'The numbers',
  documents: 'documents',
  bytes: 'text',
  characters: 'characters',
  eojeol: 'eojeol',
  lines: 'lines',
  source: 'source',
  share: 'share',
  unknown: '(not said)',
  measuredAll: 'Measured on all documents.',
  measuredSome: (oneIn: string, docs: string, bytes: string) =>
    `An estimate: measured on one document in ${oneIn} (${docs} documents, ${bytes}), chosen by a hash of their text; counts are of all documents.`,
  likeObserved: (docs: string, bytes: string) =>
    `An estimate: documents and bytes are exact, all else is of ${docs} documents (${bytes}) that were measured, and the others are taken to be like them.`,
  shownOf: (shown: number, all: string) => `${shown} of ${all}; stats.json has the others.`,
  charactersOf: (chars: string) => `${chars} characters`,
  artifact: (kind: string, folder: string) => `${kind}: ${folder}`,
}

const ko: typeof en = {
  title: '말뭉치 보고서',
  contents: '차례',
  numbers: '수치',
  documents: '문서',
  bytes: '텍스트',
  characters: '글자',
  eojeol: '어절',
  lines: '줄',
  source: '출처',
  share: '비율',
  unknown: '(밝히지 않음)',
  measuredAll: '모든 문서에서 잰 값이다.',
  measuredSome: (oneIn, docs, bytes) =>
    `추정치: 텍스트의 해시로 고른 문서 ${oneIn}개 중 하나(문서 ${docs}개, ${bytes})에서 쟀고, 수는 전체 문서에 대한 것이다.`,
  likeObserved: (docs, bytes) =>
    `추정치: 문서 수와 바이트는 정확하고, 나머지는 문서 ${docs}개(${bytes})에서 잰 것으로, 다른 문서도 그와 같다고 본 값이다.`,
  shownOf: (shown, all) => `${all}개 중 ${shown}개; 나머지는 stats.json에 있다.`,
  charactersOf: (chars) => `${chars}자`,
  artifact: (kind, folder) => `${kind}: ${folder}`,
}

export const COMMON: Record<Lang, typeof en> = { en, ko }
