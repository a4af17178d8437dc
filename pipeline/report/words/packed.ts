/** The words of what is packed, in the page's two languages. */

import type { Lang } from '../../../core/page/page.ts'
import type { SplitStats } from '../../shards/stats.ts'

export interface PackedWords {
  numbers: string
  dataset: string
  tokens: string
  documents: string
  shards: string
  shard: string
  bytes: string
  mean: string
  vocabulary: string
  unusedCount: string
  charactersPerToken: string
  bytesPerToken: string
  entropy: string
  share: string
  sources: string
  source: string
  part: string
  split: Record<SplitStats['split'], string>
  packing: string
  packingNote: (sequenceLength: string) => string
  samples: string
  withBoundary: string
  documentsASample: string
  cut: string
  lengths: string
  lengthsNote: string
  quantilesNote: string
  quantile: string
  shortest: string
  longest: string
  epochs: string
  epochsNote: (sequenceLength: string) => string
  budget: string
  steps: string
  use: string
  used: string
  stray: string
  coverage: string
  first: (tokens: string) => string
  byRank: string
  byRankNote: string
  rank: string
  occurrences: string
  token: string
  id: string
  mostFrequent: string
  rarest: string
  unused: string
  unusedNote: (shown: number, all: number) => string
  shardsNote: (shown: number, all: number) => string
}

export const PACKED_WORDS: Record<Lang, PackedWords> = {
  en: {
    numbers: 'The numbers',
    dataset: 'Packed dataset',
    tokens: 'tokens',
    documents: 'documents',
    shards: 'shards',
    shard: 'shard',
    bytes: 'bytes of tokens',
    mean: 'tokens a document',
    vocabulary: 'in the vocabulary',
    unusedCount: 'tokens that never occur',
    charactersPerToken: 'characters a token',
    bytesPerToken: 'bytes a token',
    entropy: 'bits of entropy a token',
    share: 'share',
    sources: 'Tokens by source',
    source: 'source',
    part: 'split',
    split: { all: 'all', train: 'train', valid: 'valid', test: 'test' },
    packing: 'Splits and samples',
    packingNote: (length) =>
      `Samples of ${length} tokens and one that is only predicted, as GPT-NeoX cuts them, with documents in the order of the dataset; shuffled, the numbers differ by chance. A dataset that is not split is cut 969, 30, 1 by position.`,
    samples: 'samples',
    withBoundary: 'samples of several documents',
    documentsASample: 'documents a sample',
    cut: 'documents cut',
    lengths: 'Length of documents in tokens',
    lengthsNote: 'each bar reaches to the double of its label; the end of a document is one of its tokens',
    quantilesNote: 'The length that a share of the documents does not exceed, exact below 65,536 tokens and to .4 % from there on.',
    quantile: 'share of the documents',
    shortest: 'shortest',
    longest: 'longest',
    epochs: 'Epochs',
    epochsNote: (length) =>
      `How often the train split is seen in a budget of tokens, and the steps of 1,024 samples of ${length} that this is.`,
    budget: 'tokens trained on',
    steps: 'steps',
    use: 'Use of the vocabulary',
    used: 'tokens that occur',
    stray: 'occurrences of tokens beyond the vocabulary: of another tokenizer',
    coverage: 'Share of the most frequent tokens',
    first: (tokens) => `the first ${tokens}`,
    byRank: 'Occurrences by rank',
    byRankNote: 'of the most frequent token, the second, the fourth and so on',
    rank: 'rank',
    occurrences: 'occurrences',
    token: 'token',
    id: 'id',
    mostFrequent: 'The most frequent tokens',
    rarest: 'The rarest tokens that occur',
    unused: 'Tokens that never occur',
    unusedNote: (shown, all) => (shown < all ? `the ids of ${shown} of ${all}; stats.json has all` : `the ids of all ${all}`),
    shardsNote: (shown, all) => `${shown} of ${all}; stats.json has all`,
  },
  ko: {
    numbers: '수치',
    dataset: '묶은 데이터셋',
    tokens: '토큰',
    documents: '문서',
    shards: '샤드',
    shard: '샤드',
    bytes: '토큰 바이트',
    mean: '문서당 토큰',
    vocabulary: '어휘 크기',
    unusedCount: '한 번도 나오지 않는 토큰',
    charactersPerToken: '토큰당 글자',
    bytesPerToken: '토큰당 바이트',
    entropy: '토큰당 엔트로피 (비트)',
    share: '비율',
    sources: '출처별 토큰',
    source: '출처',
    part: '분할',
    split: { all: '전체', train: '학습', valid: '검증', test: '시험' },
    packing: '분할과 표본',
    packingNote: (length) =>
      `GPT-NeoX처럼 자른, ${length}토큰에 예측만 하는 한 토큰을 더한 표본. 문서는 데이터셋의 순서대로이며, 섞으면 값이 우연만큼 달라진다. 분할되지 않은 데이터셋은 위치에 따라 969, 30, 1로 나눈다.`,
    samples: '표본',
    withBoundary: '문서가 여럿인 표본',
    documentsASample: '표본당 문서',
    cut: '잘린 문서',
    lengths: '문서 길이 (토큰)',
    lengthsNote: '막대 하나는 표시된 값에서 그 두 배까지; 문서의 끝도 토큰 하나로 센다',
    quantilesNote: '문서의 이 비율이 넘지 않는 길이. 65,536토큰 미만은 정확하고, 그 위로는 오차가 0.4 % 이내이다.',
    quantile: '문서의 비율',
    shortest: '가장 짧은 문서',
    longest: '가장 긴 문서',
    epochs: '에폭',
    epochsNote: (length) =>
      `학습할 토큰 수에 대해 학습 분할을 몇 번 보는지, 그리고 ${length}토큰 표본 1,024개를 한 단계로 할 때의 단계 수.`,
    budget: '학습할 토큰',
    steps: '단계',
    use: '어휘의 쓰임',
    used: '나오는 토큰',
    stray: '어휘 밖의 토큰이 나온 횟수: 다른 토크나이저의 것',
    coverage: '가장 잦은 토큰의 비율',
    first: (tokens) => `상위 ${tokens}개`,
    byRank: '순위별 횟수',
    byRankNote: '가장 잦은 토큰, 두 번째, 네 번째, …',
    rank: '순위',
    occurrences: '횟수',
    token: '토큰',
    id: '번호',
    mostFrequent: '가장 잦은 토큰',
    rarest: '나오는 것 중 가장 드문 토큰',
    unused: '한 번도 나오지 않는 토큰',
    unusedNote: (shown, all) => (shown < all ? `${all}개 중 ${shown}개의 번호; 전부는 stats.json에 있다` : `모두 ${all}개의 번호`),
    shardsNote: (shown, all) => `${all}개 중 ${shown}개; 전부는 stats.json에 있다`,
  },
}
