/** Words of the account: what was read, dropped and kept, by stage, reason and source. */

import type { Lang } from '../../../core/page/page.ts'

const en = {
  title: 'Where the documents went',
  loss: 'What each source lost',
  holds: (read: string, kept: string, dropped: string, malformed: string) =>
    `${read} read = ${kept} kept + ${dropped} dropped + ${malformed} malformed: the account adds up, in documents and in bytes.`,
  broken: 'The account does not add up: this is a defect of kopipe.',
  stages: 'Documents left, stage by stage',
  stagesNote:
    'Stages that drop one document in 2,000 or more, and what is left behind each; the table has them all. Seconds are those of the workers; those of a filter are an estimate.',
  stage: 'stage',
  read: 'read',
  kept: 'kept',
  dropped: 'dropped',
  malformed: 'malformed',
  seconds: 'seconds',
  rate: 'text a second',
  into: 'documents in',
  textInto: 'text in',
  droppedText: 'text dropped',
  left: 'left',
  allStages: 'Every stage, with documents, text and time',
  reasons: 'Documents dropped, by reason',
  reason: 'reason',
  cuts: 'Cut or masked inside documents that stay',
  kind: 'kind',
  hits: 'times',
  lossNote:
    'Share of each source’s documents that is gone. A source that lost over half is an alarm; over 95 %, a stop: read its drops before you believe the rest.',
  lost: 'lost',
  lostText: 'text lost',
  most: 'most of it as',
  matrix: 'Documents that each source lost at each stage',
  alarm: '▲ alarm',
  stop: '■ stop',
  fine: '✓ fine',
  others: 'Accounts of the other artifacts',
}

const ko: typeof en = {
  title: '문서가 어디로 갔나',
  loss: '출처마다 잃은 것',
  holds: (read, kept, dropped, malformed) =>
    `읽음 ${read} = 남김 ${kept} + 버림 ${dropped} + 깨짐 ${malformed}. 문서 수와 바이트 모두 맞아떨어진다.`,
  broken: '수가 맞아떨어지지 않는다. kopipe의 결함이다.',
  stages: '단계마다 남은 문서',
  stagesNote:
    '문서 2,000개 가운데 하나 이상을 버린 단계와 그 뒤에 남은 문서. 모든 단계는 표에 있다. 시간은 작업 스레드가 쓴 시간의 합이고, 필터별 시간은 추정치이다.',
  stage: '단계',
  read: '읽음',
  kept: '남김',
  dropped: '버림',
  malformed: '깨짐',
  seconds: '초',
  rate: '초당 텍스트',
  into: '들어온 문서',
  textInto: '들어온 텍스트',
  droppedText: '버린 텍스트',
  left: '남음',
  allStages: '모든 단계의 문서, 텍스트, 시간',
  reasons: '이유별로 버린 문서',
  reason: '이유',
  cuts: '남은 문서 안에서 잘라 내거나 가린 것',
  kind: '종류',
  hits: '횟수',
  lossNote:
    '출처마다 사라진 문서의 비율. 절반 넘게 잃은 출처는 경보, 95 % 넘게 잃은 출처는 정지이다. 나머지를 믿기 전에 버려진 문서를 읽어 보라.',
  lost: '잃은 비율',
  lostText: '잃은 텍스트',
  most: '가장 큰 이유',
  matrix: '출처와 단계별로 잃은 문서',
  alarm: '▲ 경보',
  stop: '■ 정지',
  fine: '✓ 정상',
  others: '다른 산출물의 수지',
}

export const ACCOUNT: Record<Lang, typeof en> = { en, ko }
