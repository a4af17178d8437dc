/**
 * A run of every command that leaves something, small, with all that can stand in a file: what docs/formats.md and docs/formats/
 * are held against. What only a GPU or a lost loss leaves comes from the loop on an engine without a model.
 */

import assert from 'node:assert/strict'
import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { kopipe, koreanLines, type Summary, withNearDuplicates } from '../kit.ts'
import { fakeRun } from '../training/fake-run.ts'

const ROOT = resolve(import.meta.dirname, '../..')

/** What a section of the page is about: a folder or a file that was written, or what `--json` said. */
export interface Made {
  section: string
  path?: string
  json?: Summary
}

const LINE = '홈 | 로그인 | 회원 가입 안내'
const ITEM = '가을이 오면 단풍이 들고 산에는 바람이 불어서 사람들이 집으로 돌아간다고 한다'
const QUESTION = {
  split: 'test',
  premise: '비가 왔다.',
  question: '결과',
  alternative_1: '땅이 젖었다.',
  alternative_2: '땅이 말랐다.',
  label: 0,
}
const ABOUT = { licence: 'CC-BY-4.0', url: 'https://example.com/a', date: '2023-05-01', tags: ['a', 'b'], score: 0.5 }
const DOCUMENTS = [
  { id: 1, text: `${LINE}\n그는 어제 책을 읽었다. 오늘은 산에 간다.`, kopipe: 'theirs', ...ABOUT },
  { id: 'line', text: `${LINE}\n그녀는 내일 바다에 간다고 말했다.\n그리고 돌아왔다.` },
  { id: 'hit', text: `어느 날이었다. ${ITEM}. 그리고 밤이 되었다.` },
  { id: 'mask', text: '문의는 kim@example.com 이나 010-1234-5678 로 해 주시면 고맙겠습니다.' },
  { id: 'long', text: '가'.repeat(40_000) },
]
const RECIPE = (action: string) => `clean:
  normalize: { nfc: true }
  cut: { bylines: true, footers: true }
  filters:
    length: { min: 10, max: 100000 }
    hangul-ratio: { min: 0.05 }
  against: { action: ${action} }
  mask: { style: polyglot }
  dedupe: { lines: {}, priority: [wiki] }
`
const SMALL = 'engine: jax, steps: 1, sequence-length: 32, batch-size: 2'
const RUN = `inputs: [again.jsonl]
output: run
clean: {}
tokenize: { vocab-size: 300 }
pack: {}
train: { options: { ${SMALL} } }
`
const DATASHEET = ['motivation', 'composition', 'collection', 'preprocessing', 'uses', 'distribution', 'maintenance']
const PUBLISHED = `title: t
datasheet: { ${DATASHEET.map((key) => `${key}: x`).join(', ')} }
bytes: { before: 3MB, after: 2000000 }
documents: 400
sources:
  - { name: a, licence: x, link: https://example.com, bytes: { before: 2MB, after: 1MB }, documents: 300 }
`

/** Runs a command of a section; `path` is what it writes. */
type Run = (section: string, args: string[], path?: string, code?: number) => Promise<void>
type At = (...names: string[]) => string

/** `folder`: where all of it goes. */
export async function made(folder: string): Promise<Made[]> {
  const at: At = (...names) => join(folder, ...names)
  const all: Made[] = []
  const run: Run = async (section, args, path, expected = 0) => {
    const { code, stderr, summary } = await kopipe([...args, '--json', '--quiet'])
    assert.equal(code, expected, `${args.join(' ')}: ${stderr}`)
    all.push({ section, json: summary, ...(path !== undefined && { path: at(path) }) })
  }
  writeInputs(at)
  await run('sample', ['sample', '-o', at('sample'), '--size', '1MB'], 'sample')
  await runClean(run, at)
  await runTokenize(run, at)
  await runPack(run, at)
  await runTrain(run, at)
  await runRecipe(run, at)
  await runLooks(run, at)
  const ran: [section: string, name: string][] = [
    ['clean', 'clean'],
    ['tokenize', 'tokenizer'],
    ['pack', 'packed'],
    ['train', 'model'],
    ['stats', 'stats.json'],
  ]
  for (const [section, name] of ran) all.push({ section, path: at('run', name) })
  await fakeRun(at('lost'), { faults: { loss: [51] }, steps: 40 })
  all.push({ section: 'train', path: at('lost') }, { section: 'manifest', path: at('published/data.yaml') })
  return all
}

function writeInputs(at: At): void {
  const jsonLines = (values: readonly unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('')
  for (const name of ['tasks', 'published']) mkdirSync(at(name))
  writeFileSync(at('in.jsonl'), withNearDuplicates(koreanLines(400, 7)) + jsonLines(DOCUMENTS))
  writeFileSync(at('again.jsonl'), koreanLines(200, 7))
  writeFileSync(at('held.jsonl'), '{"text":"가을이 왔다."}\n')
  writeFileSync(at('broken.txt'), Buffer.concat([Buffer.from('그는 어제 책을 읽었다고 한다. '.repeat(20)), Buffer.from([0xff, 0x0a])]))
  writeFileSync(
    at('items.jsonl'),
    jsonLines([
      { id: 'q1', question: ITEM, answer: ITEM },
      { id: 'q2', question: ITEM },
    ]),
  )
  writeFileSync(at('tasks/kobest_copa.jsonl'), jsonLines([QUESTION]))
  for (const action of ['cut', 'drop']) writeFileSync(at(`${action}.yaml`), RECIPE(action))
  writeFileSync(at('run.yaml'), RUN)
  writeFileSync(at('seed.yml'), 'seed: 1234\n')
  writeFileSync(at('published/data.yaml'), PUBLISHED)
}

async function runClean(run: Run, at: At): Promise<void> {
  const clean = (name: string, inputs: string[], ...more: string[]) =>
    run('clean', ['clean', ...inputs.map((input) => at(input)), '-o', at(name), '--workers', '1', ...more], name)
  const against = (action: string) => ['--recipe', at(`${action}.yaml`), '--against', at('items.jsonl')]
  const more = ['--keep-index', '--document-per', 'line', '--max-document', '100kB']
  await clean('clean', ['in.jsonl', 'broken.txt', 'sample/euc-kr', 'sample/documents'], ...against('cut'), ...more)
  await clean('dropped', ['in.jsonl'], ...against('drop'))
  const known = ['--known', at('clean'), '--allow-loss']
  await clean('known', ['clean'], '--recipe', 'none', ...known)
  const own = ['--filter', join(ROOT, 'docs/own-filter.mjs')]
  for (const format of ['parquet', 'arrow', 'jsonl', 'jsonl.gz']) await clean(format, ['again.jsonl'], '--format', format, ...own)
  await clean('bands', ['sample/documents'], '--near-profile', 'datatrove', '--mask', 'dps')
  const whole = readFileSync(at('sample/documents/00000.jsonl.zst'))
  writeFileSync(at('torn.jsonl.zst'), whole.subarray(0, whole.length / 2))
  await clean('torn', ['torn.jsonl.zst'], '--allow-corrupt')
}

async function runTokenize(run: Run, at: At): Promise<void> {
  await run('manifest', ['manifest', at('in.jsonl'), '-o', at('data.yaml'), '--licence', 'in=CC-BY-SA-4.0'], 'data.yaml')
  const described = readFileSync(at('data.yaml'), 'utf8').replace('sources:', 'datasheet: { uses: x }\nsources:')
  writeFileSync(at('data.yaml'), described.replace('licence:', 'link: https://example.com\n    licence:'))
  await run('tokenize', ['tokenize', at('clean'), '-o', at('tokenizer'), '--vocab-size', '400', '--verify'], 'tokenizer')
  await run('tokenize', ['tokenize', at('data.yaml'), '-o', at('morphemes'), '--vocab-size', '300', '--morphemes'], 'morphemes')
}

async function runPack(run: Run, at: At): Promise<void> {
  const pack = (name: string, input: string, ...more: string[]) =>
    run('pack', ['pack', at(input), '--tokenizer', at('tokenizer/tokenizer.json'), '-o', at(name), ...more], name)
  const split = ['--split', 'train=.8,valid=.2']
  await pack('packed', 'clean')
  await pack('split', 'data.yaml', ...split, '--shuffle', '2')
  await pack('shuffled', 'clean', '--shuffle', '1', '--epochs', 'wiki=1.5', '--epochs', 'news=0')
  await pack('appended', 'again.jsonl', '--append-to', at('packed'))
  await run('pack', ['pack', 'merge', at('packed'), at('shuffled'), '-o', at('merged')], 'merged')
  await run('pack', ['pack', 'split', at('packed'), '-o', at('parted'), ...split], 'parted')
  await run('pack verify', ['pack', 'verify', at('packed')])
  cpSync(at('packed'), at('spoilt'), { recursive: true })
  copyFileSync(at('spoilt/shards/00000.idx'), at('spoilt/shards/00000.bin'))
  await run('pack verify', ['pack', 'verify', at('spoilt')], undefined, 1)
}

async function runTrain(run: Run, at: At): Promise<void> {
  const short = ['--engine', 'jax', '--steps', '3', '--sequence-length', '32', '--batch-size', '2', '--save-every', '2']
  await run('train', ['train', at('packed'), '-o', at('model'), '--neox', at('seed.yml'), '--preset', 'tiny', ...short], 'model')
  const scored = ['--tasks', 'kobest_copa', '--data', at('tasks'), '--text', at('held.jsonl'), '--samples', at('samples.jsonl')]
  await run('eval', ['eval', at('model'), '--engine', 'jax', ...scored], 'samples.jsonl')
  await run('generate', ['generate', at('model'), '--engine', 'jax', '--max-tokens', '2', '--prompt', '가'])
  await run('train-filter', ['train-filter', at('in.jsonl'), at('sample/documents'), '-o', at('filter')], 'filter')
}

async function runRecipe(run: Run, at: At): Promise<void> {
  const everything = ['clean', 'tokenizer', 'packed', 'model'].map((name) => at(name))
  const more = ['--versus', at('again.jsonl'), '--tokenizer', at('tokenizer/tokenizer.json')]
  await run('stats', ['stats', ...everything, ...more, '-o', at('stats/report.html')], 'stats')
  await run('init', ['init', at('in.jsonl'), '--yes', '-o', at('init/kopipe.yaml')], 'init')
  await run('run', ['run', at('run.yaml')], 'run')
}

async function runLooks(run: Run, at: At): Promise<void> {
  await run('inspect ARTIFACT', ['inspect', at('clean')])
  await run('inspect --reason', ['inspect', at('clean'), '--reason', 'length-short'])
  for (const list of ['documents', 'rejects', 'clusters']) await run('inspect --list', ['inspect', at('clean'), '--list', list])
  await run('inspect PACKED', ['inspect', at('packed')])
  await run('inspect --document', ['inspect', at('packed'), '--document', '0'])
  await run('inspect --sample', ['inspect', at('packed'), '--sample', '0', '--sequence-length', '32'])
  await run('inspect MODEL', ['inspect', at('model')])
  const near = /"id":"(d\d+-near)"/.exec(readFileSync(at('in.jsonl'), 'utf8'))?.[1] as string
  for (const id of ['hit', near]) await run('why', ['why', at('clean'), id])
  await run('why', ['why', at('dropped'), 'hit'])
  await run('plan', ['plan', at('published/data.yaml'), '--calibrate', at('again.jsonl')])
  await run('doctor', ['doctor'])
}
