/** What `kopipe train` tells while it runs and after: metrics, TensorBoard, the report; and how it is stopped. */

import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { flopsPerToken } from '../../training/flops.ts'
import { folder, jsonLines, kopipe, peer } from '../kit.ts'
import { fakeRun } from './fake-run.ts'
import { chains, writeDataset } from './shards.ts'

const STEPS = 40
const PACE = ['--save-every', '10', '--validate-every', '8']
/** Of the engine that is always there. */
const JAX = ['--engine', 'jax']
const SMALL = [...JAX, '--sequence-length', '16', '--batch-size', '2', '--steps', String(STEPS), ...PACE, '--json']

function dataset(t: TestContext): string {
  return writeDataset(folder(t), chains(80, 50, 1), 60)
}

interface Line {
  step: number
  loss: number
  val_loss: number
  lr: number
  grad_norm: number
  tokens_per_second: number
  mfu?: number
  time: number
}

const metrics = (output: string) => jsonLines<Line>(join(output, 'metrics.jsonl'))

/** Signals the process as soon as a step is told. */
function signalAt(output: string, step: number, signal: NodeJS.Signals, then?: () => void) {
  return (child: ChildProcess) => {
    const look = setInterval(() => {
      if (!existsSync(join(output, 'metrics.jsonl')) || !readFileSync(join(output, 'metrics.jsonl')).includes(`{"step":${step},`)) return
      clearInterval(look)
      child.kill(signal)
      then?.()
    }, 5)
    child.on('close', () => clearInterval(look))
  }
}

test('killed, terminated and gone on, TensorBoard reads every step once, at the time when it was', async (t) => {
  const [data, out] = [dataset(t), join(folder(t), 'model')]
  const args = ['train', data, '-o', out, ...SMALL]
  const killed = await kopipe(args, { started: signalAt(out, 13, 'SIGKILL') })
  assert.equal(killed.signal, 'SIGKILL')
  const terminated = await kopipe(args, { started: signalAt(out, 22, 'SIGTERM') })
  assert.equal(terminated.code, 130, terminated.stderr)
  assert.match(terminated.stderr, /interrupted after step \d+ of 40; it is saved/)
  assert.ok(existsSync(join(out, 'report.html')))
  const done = await kopipe(args)
  assert.equal(done.code, 0, done.stderr)

  const lines = metrics(out)
  const steps = lines.filter(({ loss }) => loss !== undefined)
  assert.deepEqual(
    steps.map(({ step }) => step),
    Array.from({ length: STEPS }, (_, i) => i + 1),
  )
  const [read] = Object.values((await peer(t, [join(out, 'tensorboard')], 'tensorboard_events.py')) ?? {}) as {
    files: string[]
    events: number
    scalars: Record<string, [step: number, value: number, time: number][]>
  }[]
  if (!read) return
  for (const file of read.files) assert.match(file, /^events\.out\.tfevents\.\d{10}\.kopipe$/)
  // A version, a begin, a step each, a validation each; and a version is left of each session before.
  assert.deepEqual([read.files.length, read.events], [3, 2 + 2 + STEPS + STEPS / 8])
  const of = (tag: keyof Line, from: Line[]) => from.map((line) => [line.step, Math.fround(line[tag] ?? Number.NaN), line.time])
  assert.deepEqual(read.scalars, {
    'train/loss': of('loss', steps),
    'train/lr': of('lr', steps),
    'train/grad_norm': of('grad_norm', steps),
    'train/tokens_per_second': of('tokens_per_second', steps),
    'val/loss': of(
      'val_loss',
      lines.filter(({ val_loss }) => val_loss !== undefined),
    ),
  })
})

test('a second signal stops at once, and the same command goes on from the checkpoint before', async (t) => {
  const [data, out] = [dataset(t), join(folder(t), 'model')]
  // Steps are long, so that both come within one.
  const args = [
    'train',
    data,
    '-o',
    out,
    ...JAX,
    '--sequence-length',
    '256',
    '--batch-size',
    '8',
    '--steps',
    '12',
    '--save-every',
    '2',
    '--json',
  ]
  let child: ChildProcess | undefined
  const stopped = await kopipe(args, {
    started: (process) => {
      child = process
      signalAt(out, 3, 'SIGTERM', () => setTimeout(() => child?.kill('SIGTERM'), 20))(process)
    },
  })
  assert.equal(stopped.code, 130, stopped.stderr)
  assert.match(stopped.stderr, /again to stop at once/)
  assert.doesNotMatch(stopped.stderr, /it is saved/)
  assert.ok(readdirSync(join(out, 'checkpoints')).includes('step-000002'))
})

test('a learning rate far too large: it goes back as often as it may, then says what to do and ends with 1', async (t) => {
  const [data, out] = [dataset(t), join(folder(t), 'model')]
  const run = await kopipe(['train', data, '-o', out, ...SMALL, '--lr', '1e30', '--rollbacks', '2'])
  assert.equal(run.code, 1)
  assert.match(run.stderr, /the loss is no number at step 2: back to step 0, past what was read since \(try 1 of 2\)/)
  assert.match(run.stderr, /^kopipe: the loss is no number at step 2, and going back 2 times did not help: training has diverged$/m)
  assert.match(run.stderr, /^Start again with --overwrite and a smaller --lr/m)
  assert.equal(readFileSync(join(out, 'metrics.jsonl'), 'utf8').match(/"rollback"/g)?.length, 2)
})

test('the report shows the course, the model and the data, in both languages, and text of others is text', async (t) => {
  const at = join(folder(t), '<img src=x>')
  const data = writeDataset(at, chains(80, 50, 1), 60)
  for (const [lang, words] of [
    ['en', ['Training report', 'validation loss', 'learning rate', 'length of the gradient', 'tokens a second', 'documents cut']],
    ['ko', ['학습 보고서', '검증 손실', '학습률', '초당 토큰', '잘린 문서']],
  ] as const) {
    const out = join(folder(t), 'model')
    const run = await kopipe(['train', data, '-o', out, ...SMALL, '--steps', '9', '--lang', lang])
    assert.equal(run.code, 0, run.stderr)
    const page = readFileSync(join(out, 'report.html'), 'utf8')
    for (const word of words) assert.ok(page.includes(word), word)
    assert.match(page, new RegExp(`<html lang="${lang}">`))
    // Loss, learning rate, gradient, speed: the device says no peak.
    assert.equal(page.match(/<div class="chart">/g)?.length, 4)
    assert.ok(page.includes('826,112'), 'parameters')
    assert.ok(page.includes((run.summary.loss as number).toFixed(4)) && page.includes((run.summary.val_loss as number).toFixed(4)))
    assert.ok(page.includes('&lt;img src=x&gt;') && !page.includes('<img'))
    assert.doesNotMatch(page, /NaN|undefined|Infinity/)
  }
})

test('docs/training-loop.md tells of the keys, tags and numbers that are there', async (t) => {
  const doc = readFileSync(join(import.meta.dirname, '../../docs/training-loop.md'), 'utf8')
  const out = folder(t)
  await fakeRun(out, { faults: { loss: [51] } })
  const lines = metrics(out)
  const keysOf = (key: string) => Object.keys(lines.find((line) => key in line) ?? {})
  const [, table = ''] = /\| of a step \|\n\|---\|---\|\n((?:\|.*\n)+)/.exec(doc) ?? []
  assert.deepEqual(
    [...table.matchAll(/^\| `(\w+)`/gm)].map(([, key]) => key),
    keysOf('loss'),
  )
  assert.deepEqual(
    [keysOf('val_loss'), keysOf('rollback')],
    [
      ['step', 'val_loss', 'time'],
      ['step', 'rollback', 'time'],
    ],
  )
  const source = (file: string) => readFileSync(join(import.meta.dirname, '../../training', file), 'utf8')
  const tags = [...source('tensorboard/events.ts').matchAll(/'((?:train|val)\/\w+)'/g)].map(([, tag]) => tag as string)
  assert.equal(tags.length, 6)
  for (const tag of tags) assert.ok(doc.includes(`\`${tag}\``), tag)
  const number = (file: string, name: string) => new RegExp(`const ${name} = (\\d+)`).exec(source(file))?.[1]
  assert.match(doc, new RegExp(`more than ${number('watch.ts', 'DEVIATIONS')} robust .* last ${number('watch.ts', 'WINDOW')} sound`))
  assert.match(doc, new RegExp(`for ${number('watch.ts', 'LASTING')} steps on end`))
  assert.match(doc, new RegExp(`within ${number('rollback.ts', 'NEAR')} steps`))
  assert.match(doc, new RegExp(`same ${number('loop.ts', 'VALIDATION_BATCHES')} batches`))
  assert.match(doc, new RegExp(`1/${number('report/report.ts', 'SELDOM')} of the time`))
  assert.match(doc, new RegExp(`${number('curve.ts', 'BUCKETS')} points`))
  const { stdout } = await kopipe(['train', '--help'])
  for (const [flag] of doc.matchAll(/--(?!logdir)[a-z][a-z-]+/g)) assert.ok(stdout.includes(`${flag} `), flag)
  assert.match(stdout, /--rollbacks N .*\(default: 3\)|--rollbacks <N>.*3/s)
})

test('utilisation is told where the peak is known, and what a person sees is all of it', async (t) => {
  const out = folder(t)
  const { details } = await fakeRun(out, { steps: 30 })
  const shape = { layers: 1, width: 8, feedForward: 32, heads: 1, rotary: 2, vocabulary: 128 }
  for (const { mfu = 0, tokens_per_second } of metrics(out).filter(({ loss }) => loss !== undefined)) {
    // Two devices of 1e9 operations a second; both numbers are rounded.
    const expected = (flopsPerToken(shape, 8) * tokens_per_second) / 2e9
    assert.ok(Math.abs(mfu / expected - 1) < 1e-2, `${mfu} ${expected}`)
  }
  assert.match(
    details.at(-1) ?? '',
    /^step 30 {2}loss \d\.\d{4} {2}val \d\.\d{4} {2}lr \d\.\de-\d {2}grad 0\.\d+ {2}[\d,]+ tokens\/s {2}MFU \d+\.\d %$/,
  )
})
