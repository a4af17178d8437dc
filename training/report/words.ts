/** The page's words in its two languages. */

import type { Lang } from '../../core/page/page.ts'
import type { Trouble } from '../watch.ts'

export interface Words {
  title: string
  loss: string
  smoothedLoss: string
  validation: string
  steps: string
  tokens: string
  parameters: string
  time: string
  tokensPerSecond: string
  mfu: string
  save: string
  lossTitle: string
  lossNote: string
  cut: string
  batch: string
  smoothed: string
  step: string
  range: string
  others: string
  othersNote: string
  lr: string
  gradNorm: string
  rollbacks: string
  rollbacksNote: string
  rollback: Record<'since' | 'at' | 'to' | 'skipped' | 'before' | 'loss' | 'attempt' | 'when', string>
  cause: Record<Trouble['cause'], string>
  model: string
  layers: string
  width: string
  feedForward: string
  heads: string
  rotary: string
  vocabulary: string
  flops: string
  batchSize: string
  device: string
  peak: string
  data: string
  documents: string
  samples: string
  epochs: string
  cutDocuments: string
  utilisation: string
  file: string
  bytes: string
  filesNote: (shown: number, all: number) => string
  configuration: string
}

export const WORDS: Record<Lang, Words> = {
  en: {
    title: 'Training report',
    loss: 'loss',
    smoothedLoss: 'loss, smoothed',
    validation: 'validation loss',
    steps: 'steps',
    tokens: 'tokens trained on',
    parameters: 'parameters',
    time: 'of training',
    tokensPerSecond: 'tokens a second',
    mfu: 'model FLOPs utilisation',
    save: 'to save a checkpoint',
    lossTitle: 'Loss',
    lossNote: 'In nats a token, over the steps. Dashed lines are steps that the run went back to.',
    cut: ' The first steps lie above the chart.',
    batch: 'of the batch',
    smoothed: 'smoothed',
    step: 'step',
    range: 'lowest – highest',
    others: 'Learning rate, gradient, speed over the steps',
    othersNote: 'Of many steps, the few that lie far above the others are cut off.',
    lr: 'learning rate',
    gradNorm: 'length of the gradient, before clipping',
    rollbacks: 'Rollbacks',
    rollbacksNote:
      'The loss was lost, so the run went back to an earlier checkpoint and on with samples that come after those that it had read.',
    rollback: {
      since: 'since step',
      at: 'seen at',
      to: 'back to',
      skipped: 'samples passed over',
      before: 'loss before',
      loss: 'loss',
      attempt: 'try',
      when: 'when (UTC)',
    },
    cause: {
      loss: 'loss no number',
      gradient: 'gradient no number',
      validation: 'validation loss no number',
      spike: 'loss went up and stayed',
    },
    model: 'Model and device',
    layers: 'layers',
    width: 'width',
    feedForward: 'width of the feed-forward layers',
    heads: 'heads × dimensions',
    rotary: 'rotary dimensions a head',
    vocabulary: 'vocabulary, padded',
    flops: 'operations a token, forward and backward',
    batchSize: 'samples × tokens a step',
    device: 'device',
    peak: 'peak of the device, operations a second',
    data: 'Trained on',
    documents: 'documents',
    samples: 'samples',
    epochs: 'epochs',
    cutDocuments: 'documents cut',
    utilisation: 'places used',
    file: 'file',
    bytes: 'bytes',
    filesNote: (shown, all) => `The first ${shown} of ${all} files; all of them are in kopipe.json.`,
    configuration: 'Configuration',
  },
  ko: {
    title: '학습 보고서',
    loss: '손실',
    smoothedLoss: '평활한 손실',
    validation: '검증 손실',
    steps: '스텝',
    tokens: '학습한 토큰',
    parameters: '매개변수',
    time: '학습 시간',
    tokensPerSecond: '초당 토큰',
    mfu: '모델 FLOPs 활용률',
    save: '체크포인트 저장 시간',
    lossTitle: '손실',
    lossNote: '스텝별 손실이며 토큰당 내트(nat) 단위입니다. 점선은 되돌아간 스텝입니다.',
    cut: ' 처음 몇 스텝은 차트 위로 벗어나 있습니다.',
    batch: '배치의 손실',
    smoothed: '평활한 손실',
    step: '스텝',
    range: '최저 – 최고',
    others: '스텝별 학습률, 기울기, 속도',
    othersNote: '스텝이 많으면 나머지보다 훨씬 높은 일부는 차트 위로 잘립니다.',
    lr: '학습률',
    gradNorm: '자르기 전 기울기의 크기',
    rollbacks: '되돌림',
    rollbacksNote: '손실이 무너져 이전 체크포인트로 되돌아간 뒤, 그때까지 읽은 샘플을 건너뛰고 그다음 샘플로 계속했습니다.',
    rollback: {
      since: '시작 스텝',
      at: '확인 스텝',
      to: '되돌아간 스텝',
      skipped: '건너뛴 샘플',
      before: '이전 손실',
      loss: '손실',
      attempt: '시도',
      when: '시각 (UTC)',
    },
    cause: {
      loss: '손실이 수가 아님',
      gradient: '기울기가 수가 아님',
      validation: '검증 손실이 수가 아님',
      spike: '손실이 올라가 내려오지 않음',
    },
    model: '모델과 장치',
    layers: '층',
    width: '폭',
    feedForward: '순방향 층의 폭',
    heads: '헤드 × 차원',
    rotary: '헤드당 회전 차원',
    vocabulary: '채운 어휘 크기',
    flops: '토큰당 연산 수(순전파와 역전파)',
    batchSize: '스텝당 샘플 × 토큰',
    device: '장치',
    peak: '장치의 초당 최대 연산 수',
    data: '학습 데이터',
    documents: '문서',
    samples: '샘플',
    epochs: '에포크',
    cutDocuments: '잘린 문서',
    utilisation: '쓰인 자리',
    file: '파일',
    bytes: '바이트',
    filesNote: (shown, all) => `${all}개 파일 중 처음 ${shown}개입니다. 모두 kopipe.json에 있습니다.`,
    configuration: '설정',
  },
}
