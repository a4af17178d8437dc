/** Words of tokens and training. */

import type { Lang } from '../../../core/page/page.ts'

const en = {
  fertility: 'Tokens',
  fertilityNote:
    'By the tokenizer that `--tokenizer` named. Characters a token: the more, the less a text costs. A source far below the others is of another kind than what the tokenizer was trained on.',
  observed: (docs: string, bytes: string) => `Measured on ${docs} documents (${bytes}); counts are theirs.`,
  chart: 'Characters a token, by source',
  perToken: 'characters a token',
  perEojeol: 'tokens an eojeol',
  bytesPerToken: 'bytes a token',
  tokens: 'tokens',
  all: 'all',
  tokenizer: 'Tokenizer',
  tokenizerNote: 'From its own report.json, of the whole text it was trained on; report.html beside it shows its tokens.',
  size: 'in the vocabulary',
  merges: 'merges',
  unused: 'that never occur',
  cut: 'of the tokens in the text cut a syllable',
  cutShare: 'cut a syllable',
  perCharacter: 'tokens a character',
  training: 'Training',
  trainingNote: 'Loss in nats a token; report.html in its folder has the whole course.',
  loss: 'loss',
  validation: 'validation',
  step: 'step',
  unknown: 'How many tokens these documents come to is not known here: give `stats` a `--tokenizer`, or what `pack` made of them.',
}

const ko: typeof en = {
  fertility: '토큰',
  fertilityNote:
    '`--tokenizer`로 준 토크나이저 기준. 토큰당 글자가 많을수록 글 값이 싸다. 다른 출처보다 훨씬 적은 출처는 토크나이저가 배운 글과 다른 글이다.',
  observed: (docs, bytes) => `문서 ${docs}개(${bytes})에서 쟀고, 수는 그 문서들의 것이다.`,
  chart: '출처별 토큰당 글자',
  perToken: '토큰당 글자',
  perEojeol: '어절당 토큰',
  bytesPerToken: '토큰당 바이트',
  tokens: '토큰',
  all: '전체',
  tokenizer: '토크나이저',
  tokenizerNote: '토크나이저의 report.json에 있는, 배운 글 전체에서 잰 값. 토큰은 그 옆의 report.html에서 볼 수 있다.',
  size: '어휘 크기',
  merges: '병합',
  unused: '한 번도 나오지 않는 토큰',
  cut: '음절을 자르는 토큰의 비율 (글에서)',
  cutShare: '음절을 자름',
  perCharacter: '글자당 토큰',
  training: '학습',
  trainingNote: '손실은 토큰당 nat. 전체 과정은 그 폴더의 report.html에 있다.',
  loss: '손실',
  validation: '검증',
  step: '단계',
  unknown: '이 문서들이 토큰으로 몇 개인지 여기서는 알 수 없다. `stats`에 `--tokenizer`나 `pack`의 결과를 주면 된다.',
}

export const TOKENS: Record<Lang, typeof en> = { en, ko }
