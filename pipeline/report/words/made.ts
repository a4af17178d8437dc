/** Words of examples, of how it was made, and of the datasheet. */

import type { Lang } from '../../../core/page/page.ts'

const en = {
  examples: 'Documents',
  examplesNote:
    'Some documents, chosen by a hash of their text: the beginning of each. Those that were dropped stand at the rules, those with a twin at the duplicates.',
  explain: 'What became of one of them:',
  made: 'How it was made',
  madeNote: 'Everything that the result depends on. The same command on the same inputs gives the same bytes.',
  inputs: 'Inputs',
  path: 'file',
  bytes: 'bytes',
  changed: 'changed',
  digest: 'digest',
  configuration: 'Configuration',
  configurationDigest: 'digest of the configuration',
  status: 'status',
  format: 'format of the record',
  counted: 'What else was counted',
  distinct: (texts: string, docs: string) => `${texts} distinct texts among ${docs} documents.`,
}

const ko: typeof en = {
  examples: '문서',
  examplesNote: '텍스트의 해시로 고른 문서 몇 개의 앞부분. 버린 문서는 규칙에, 쌍둥이가 있는 문서는 중복에 있다.',
  explain: '그 가운데 하나가 어떻게 되었는지:',
  made: '어떻게 만들었나',
  madeNote: '결과를 정하는 모든 것. 같은 입력에 같은 명령은 같은 바이트를 낸다.',
  inputs: '입력',
  path: '파일',
  bytes: '바이트',
  changed: '바뀐 때',
  digest: '다이제스트',
  configuration: '설정',
  configurationDigest: '설정의 다이제스트',
  status: '상태',
  format: '기록의 형식',
  counted: '그 밖에 센 것',
  distinct: (texts, docs) => `문서 ${docs}개에 서로 다른 글 ${texts}개.`,
}

export const MADE: Record<Lang, typeof en> = { en, ko }
