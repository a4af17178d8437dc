/** The page's words in its two languages. */

import type { Lang } from '../../core/page/page.ts'

export interface Words {
  title: string
  documents: string
  bytes: string
  characters: string
  eojeol: string
  tokens: string
  vocabulary: string
  perCharacter: string
  perEojeol: string
  bytesPerToken: string
  unusedCount: string
  cut: string
  cutShare: string
  cutNote: string
  cutOccurrences: string
  cutTokens: string
  renyi: string
  renyiNote: string
  quality: string
  sources: string
  sourcesNote: string
  others: (sources: number) => string
  source: string
  sampledDocuments: string
  sampledCharacters: string
  lengths: string
  lengthsNote: string
  share: string
  occurrences: string
  mostFrequent: string
  longest: string
  rarest: string
  rarestNote: string
  unused: string
  unusedNote: (shown: number, all: number) => string
  token: string
  id: string
  count: string
  examples: string
  examplesNote: string
  configuration: string
}

export const WORDS: Record<Lang, Words> = {
  en: {
    title: 'Tokenizer report',
    documents: 'documents',
    bytes: 'bytes of text',
    characters: 'characters',
    eojeol: 'eojeol',
    tokens: 'tokens',
    vocabulary: 'in the vocabulary',
    perCharacter: 'tokens a character',
    perEojeol: 'tokens an eojeol',
    bytesPerToken: 'bytes a token',
    unusedCount: 'tokens that never occur',
    cut: 'Syllables that are cut',
    cutShare: 'cut a syllable',
    cutNote:
      'A token cuts a syllable where it begins or ends inside a character, or, of Hangul in conjoining jamo, where it begins with a vowel or a final or ends with a leading consonant.',
    cutOccurrences: 'of the tokens that occur',
    cutTokens: 'of the vocabulary',
    renyi: 'Rényi efficiency (α = 2.5)',
    renyiNote:
      'H₂.₅ / log |V| over the whole vocabulary (Zouhar et al. 2023): 1 where all tokens are equally frequent, less where a few do most of the work.',
    quality: 'Over the whole text',
    sources: 'Fertility by source',
    sourcesNote: 'from a sample of each source, whose size is in the table',
    others: (sources) => `${sources} sources share the row (other sources).`,
    source: 'source',
    sampledDocuments: 'documents of the sample',
    sampledCharacters: 'characters of the sample',
    lengths: 'Length of tokens',
    lengthsNote: 'in characters that begin in a token; 0 are parts of one',
    share: 'share',
    occurrences: 'occurrences',
    mostFrequent: 'The most frequent tokens',
    longest: 'The longest tokens',
    rarest: 'The rarest tokens',
    rarestNote: 'that merges made and that occur; single bytes are left out',
    unused: 'Tokens that never occur',
    unusedNote: (shown, all) => (shown < all ? `${shown} of ${all}; all of them are in report.json` : `${all}`),
    token: 'token',
    id: 'id',
    count: 'occurs',
    examples: 'Examples',
    examplesNote: 'Every token has the id as its title. Dashed ones are parts of a character, shown as bytes.',
    configuration: 'Configuration',
  },
  ko: {
    title: '토크나이저 보고서',
    documents: '문서',
    bytes: '텍스트 바이트',
    characters: '글자',
    eojeol: '어절',
    tokens: '토큰',
    vocabulary: '어휘 크기',
    perCharacter: '글자당 토큰',
    perEojeol: '어절당 토큰',
    bytesPerToken: '토큰당 바이트',
    unusedCount: '한 번도 나오지 않은 토큰',
    cut: '잘린 음절',
    cutShare: '음절을 자른 토큰',
    cutNote:
      '글자 중간에서 시작하거나 끝나는 토큰, 또는 첫가끝 자모에서 중성이나 종성으로 시작하거나 초성으로 끝나는 토큰은 음절을 자릅니다.',
    cutOccurrences: '나온 토큰 가운데',
    cutTokens: '어휘 가운데',
    renyi: '레니 효율 (α = 2.5)',
    renyiNote: '어휘 전체에 대한 H₂.₅ / log |V| (Zouhar et al. 2023): 모든 토큰이 고르게 나오면 1, 몇 개가 대부분을 차지하면 작아집니다.',
    quality: '전체 텍스트',
    sources: '출처별 분할 정도',
    sourcesNote: '출처마다 남긴 표본에서; 표본 크기는 표에 있습니다',
    others: (sources) => `출처 ${sources}개는 (other sources) 한 줄로 모았습니다.`,
    source: '출처',
    sampledDocuments: '표본 문서 수',
    sampledCharacters: '표본 글자 수',
    lengths: '토큰 길이',
    lengthsNote: '토큰 안에서 시작하는 글자 수; 0은 글자의 일부',
    share: '비율',
    occurrences: '출현',
    mostFrequent: '가장 자주 나온 토큰',
    longest: '가장 긴 토큰',
    rarest: '가장 드문 토큰',
    rarestNote: '병합으로 만들어져 한 번이라도 나온 토큰; 낱바이트는 뺐습니다',
    unused: '한 번도 나오지 않은 토큰',
    unusedNote: (shown, all) => (shown < all ? `${all}개 가운데 ${shown}개; 전부는 report.json에 있습니다` : `${all}개`),
    token: '토큰',
    id: '번호',
    count: '출현',
    examples: '예문',
    examplesNote: '토큰에 포인터를 올리면 번호가 보입니다. 점선은 글자의 일부이며 바이트로 보입니다.',
    configuration: '설정',
  },
}
