/** Words of what was dropped by each rule, what just passed, and what its threshold does. */

import type { Lang } from '../../../core/page/page.ts'

const en = {
  title: 'Rules: drops, and what just passed',
  note: 'Of each rule ten drops at random, and the ten kept documents that came nearest to its threshold. Read both: a rule is right when what it drops should go and what just passes should stay.',
  looked: (looked: string, all: string) => `Of the artifact’s ${all} parts, ${looked} were looked at, spread over it.`,
  thresholds: 'A tenth looser, a tenth stricter',
  thresholdsNote:
    'What a threshold moved by a tenth would do, each rule alone: of the drops, the share that would pass it (another rule may still drop them); of the kept documents that have such a number, the share that would go. Kept documents are measured again as they were written, some of them where they are many; shares are scaled to the artifact.',
  idle: (rules: string) => `${rules} other numbers dropped nothing, and would not a tenth stricter.`,
  chart: 'Kept documents that a threshold a tenth stricter would drop',
  rule: 'rule',
  number: 'its number',
  threshold: 'threshold',
  drops: 'drops',
  pass: 'would pass, looser',
  go: 'would go, stricter',
  about: (docs: string) => `≈ ${docs}`,
  sides: 'Drops and what just passed, by reason',
  dropped: 'dropped, at random',
  kept: 'just kept',
  noKept: 'No kept document has such a number.',
  with: (id: string, file: string) => `shares text with ${id} of ${file}`,
  noNumber: 'no number',
  explain: 'What became of one document, with every number it was judged by:',
}

const ko: typeof en = {
  title: '규칙: 버린 것과 간신히 남은 것',
  note: '규칙마다 무작위로 고른 버린 문서 열 개와 기준에 가장 가까이서 남은 문서 열 개. 둘 다 읽어 보라. 버린 것이 버릴 만하고 간신히 남은 것이 남을 만하면 옳은 규칙이다.',
  looked: (looked, all) => `산출물의 부분 ${all}개 가운데 고루 고른 ${looked}개를 살폈다.`,
  thresholds: '기준을 10 % 늦추거나 죄면',
  thresholdsNote:
    '규칙마다 따로, 기준을 10분의 1 옮기면 생기는 일: 버린 문서 가운데 통과할 비율(다른 규칙이 버릴 수도 있다), 그런 수치를 가진 남은 문서 가운데 버려질 비율. 남은 문서는 쓰인 그대로 다시 재며, 많으면 일부만 재어 산출물 전체로 늘려 잡았다.',
  idle: (rules) => `다른 수치 ${rules}개는 아무것도 버리지 않았고, 10 % 죄어도 그렇다.`,
  chart: '기준을 10 % 죄면 버려질 남은 문서',
  rule: '규칙',
  number: '재는 값',
  threshold: '기준',
  drops: '버림',
  pass: '늦추면 통과',
  go: '죄면 버림',
  about: (docs) => `≈ ${docs}`,
  sides: '이유별로 버린 것과 간신히 남은 것',
  dropped: '버린 것 (무작위)',
  kept: '간신히 남은 것',
  noKept: '그런 수치를 가진 남은 문서가 없다.',
  with: (id, file) => `${file}의 ${id}와 글이 겹친다`,
  noNumber: '수치 없음',
  explain: '문서 하나가 어떻게 되었는지, 잰 수치를 모두 보려면:',
}

export const RULES: Record<Lang, typeof en> = { en, ko }
