/** Words of clusters and pairs. */

import type { Lang } from '../../../core/page/page.ts'

const en = {
  title: 'Duplicates',
  sizes: 'Documents by the size of their cluster',
  sizesNote:
    'Documents that passed the filters, by how many copies and near-copies there are of them, themselves included. Of each cluster one stays.',
  curve: 'FineWeb-2, Korean: share of documents that its filters remove, by the size of their cluster (%)',
  curveNote:
    'How the size of a cluster tells quality elsewhere: in FineWeb-2’s Korean part documents with no copy and those with very many are mostly dropped by its filters, those of 5 to 30 copies least; it repeats what stays accordingly. Where many documents here stand in small clusters, `pack --repeat-by-cluster` has something to go by.',
  size: 'cluster of',
  clusters: 'clusters',
  removed: 'FineWeb-2 removes',
  repeats: 'and repeats',
  partly: (looked: string, all: string) => `Counted in ${looked} of ${all} parts.`,
  largest: 'The largest clusters',
  cluster: (size: string) => `${size} documents`,
  stays: 'stays',
  goes: 'goes',
  went: 'Near-duplicates that went, beside the one that stays',
  wentNote:
    'A random sample. Struck through is what only the one that stays has, underlined what only this one has; … stands for what both have.',
  stayed: 'Nearly alike, and stay',
  stayedNote: 'The documents that came nearest to the threshold, each beside the one it was most like.',
  beside: (other: string) => `beside ${other}`,
  alike: 'alike',
  noPairs: 'None whose texts can still be read: the input is gone or has changed.',
}

const ko: typeof en = {
  title: '중복',
  sizes: '군집 크기별 문서',
  sizesNote: '필터를 통과한 문서를, 자신을 포함해 같거나 거의 같은 문서가 몇인지에 따라 세었다. 군집마다 하나가 남는다.',
  curve: 'FineWeb-2 한국어: 군집 크기별로 필터가 버리는 문서의 비율 (%)',
  curveNote:
    '군집의 크기가 품질을 어떻게 말하는지 보여 주는 다른 말뭉치의 예. FineWeb-2 한국어에서는 사본이 없는 문서와 사본이 아주 많은 문서가 가장 많이 버려지고 사본이 5–30개인 문서가 가장 적게 버려지며, 남은 문서는 그에 따라 반복된다. 여기서 작은 군집에 든 문서가 많다면 `pack --repeat-by-cluster`가 쓸모 있다.',
  size: '군집 크기',
  clusters: '군집',
  removed: 'FineWeb-2가 버림',
  repeats: '반복',
  partly: (looked, all) => `부분 ${all}개 가운데 ${looked}개에서 세었다.`,
  largest: '가장 큰 군집',
  cluster: (size) => `문서 ${size}개`,
  stays: '남음',
  goes: '버림',
  went: '버린 근사 중복과 대신 남은 문서',
  wentNote: '무작위 표본. 줄 그은 것은 남은 문서에만, 밑줄 친 것은 버린 문서에만 있으며, …는 둘 다에 있는 글을 줄인 것이다.',
  stayed: '비슷하지만 남은 문서',
  stayedNote: '기준에 가장 가까이서 남은 문서와 그와 가장 비슷했던 문서.',
  beside: (other) => `${other}와 나란히`,
  alike: '유사도',
  noPairs: '아직 읽을 수 있는 글이 없다. 입력이 사라졌거나 바뀌었다.',
}

export const DUPLICATES: Record<Lang, typeof en> = { en, ko }
