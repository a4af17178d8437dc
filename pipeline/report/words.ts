/** The page's words in its two languages. */

export interface Words {
  title: string
  documents: string
  bytes: string
  characters: string
  eojeol: string
  source: string
  share: string
  funnel: string
  funnelNote: string
  read: string
  kept: string
  malformed: string
  lengths: string
  lengthsNote: string
  scripts: string
  script: Record<string, string>
  sources: string
  artifact: string
  training: string
  step: string
  loss: string
  valLoss: string
  configuration: string
}

export const WORDS: Record<'en' | 'ko', Words> = {
  en: {
    title: 'Corpus report',
    documents: 'documents',
    bytes: 'bytes of text',
    characters: 'characters',
    eojeol: 'eojeol',
    source: 'source',
    share: 'share',
    funnel: 'What became of the documents',
    funnelNote: 'read = kept + dropped + malformed, in documents and in bytes',
    read: 'read',
    kept: 'kept',
    malformed: 'malformed',
    lengths: 'Length of documents',
    lengthsNote: 'in characters; each bar reaches to the double of its label',
    scripts: 'Characters',
    script: {
      syllables: 'Hangul syllables',
      jamo: 'jamo',
      hanja: 'Hanja',
      kana: 'kana',
      latin: 'Latin',
      digits: 'digits',
      whiteSpace: 'white space',
      other: 'other',
    },
    sources: 'Sources',
    artifact: 'Artifact',
    training: 'Training',
    step: 'step',
    loss: 'loss',
    valLoss: 'validation loss',
    configuration: 'Configuration',
  },
  ko: {
    title: '말뭉치 보고서',
    documents: '문서',
    bytes: '텍스트 바이트',
    characters: '글자',
    eojeol: '어절',
    source: '출처',
    share: '비율',
    funnel: '문서가 어떻게 되었나',
    funnelNote: '읽음 = 남김 + 버림 + 깨짐 (문서 수와 바이트 모두)',
    read: '읽음',
    kept: '남김',
    malformed: '깨짐',
    lengths: '문서 길이',
    lengthsNote: '글자 수; 막대 하나는 표시된 값에서 그 두 배까지',
    scripts: '글자 종류',
    script: {
      syllables: '한글 음절',
      jamo: '자모',
      hanja: '한자',
      kana: '가나',
      latin: '라틴',
      digits: '숫자',
      whiteSpace: '공백',
      other: '기타',
    },
    sources: '출처별',
    artifact: '산출물',
    training: '학습',
    step: '단계',
    loss: '손실',
    valLoss: '검증 손실',
    configuration: '설정',
  },
}
