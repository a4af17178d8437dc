/** A run of every command that leaves something, small, with all that can stand in a file: what docs/formats.md and docs/formats/ are held against. */

import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { kopipe, koreanLines, type Summary, withNearDuplicates } from '../kit.ts'

const ROOT = resolve(import.meta.dirname, '../..')

/** What a section of the page is about: a folder or a file that was written, or what `--json` said. */
export interface Made {
  section: string
  path?: string
  json?: Summary
}

const LINE = '홈 | 로그인 | 회원 가입 안내'
const QUESTION = {
  split: 'test',
  premise: '비가 왔다.',
  question: '결과',
  alternative_1: '땅이 젖었다.',
  alternative_2: '땅이 말랐다.',
  label: 0,
}
const ITEM = '가을이 오면 단풍이 들고 산에는 바람이 불어서 사람들이 집으로 돌아간다고 한다'

function records(): string {
  const more = [
    {
      id: 'shadow',
      text: `${LINE}\n그는 어제 책을 읽었다. 오늘은 산에 간다.`,
      kopipe: 'theirs',
      licence: 'CC-BY-4.0',
      url: 'https://example.com/a',
      date: '2023-05-01',
    },
    { id: 'line', text: `${LINE}\n그녀는 내일 바다에 간다고 말했다.\n그리고 돌아왔다.`, tags: ['a', 'b'], score: 0.5 },
    { id: 'hit', text: `어느 날이었다. ${ITEM}. 그리고 밤이 되었다.` },
    { id: 'mask', text: '문의는 kim@example.com 이나 010-1234-5678 로 해 주시면 고맙겠습니다.' },
    { id: 'odd', text: `깨진 글자가 ${'\uFFFD'} 하나 있는 문장이다. 그래도 읽을 수 있다.` },
    { id: 'byline', text: '(서울=연합뉴스) 홍길동 기자 = 오늘 서울에는 비가 내렸다고 한다.\n홍길동 기자 hong@example.com' },
    { id: 'long', text: '가'.repeat(40_000) },
  ]
  return withNearDuplicates(koreanLines(400, 7)) + more.map((record) => `${JSON.stringify(record)}\n`).join('')
}

/** `folder`: where all of it goes. */
export async function made(folder: string): Promise<Made[]> {
  const at = (...names: string[]) => join(folder, ...names)
  const all: Made[] = []
  const run = async (section: string, args: string[], path?: string) => {
    const { code, stderr, summary } = await kopipe([...args, '--json', '--quiet'])
    assert.equal(code, 0, `${args.join(' ')}: ${stderr}`)
    all.push({ section, json: summary, ...(path !== undefined && { path: at(path) }) })
  }
  writeFileSync(at('in.jsonl'), records())
  writeFileSync(at('again.jsonl'), koreanLines(200, 7))
  writeFileSync(
    at('items.jsonl'),
    `${JSON.stringify({ id: 'q1', question: ITEM, answer: ITEM })}\n${JSON.stringify({ id: 'q2', question: ITEM })}\n`,
  )
  writeFileSync(at('recipe.yaml'), RECIPE)
  const limit = ['--max-document', '100kB', '--workers', '1']
  await run('sample', ['sample', '-o', at('sample'), '--size', '1MB'], 'sample')
  const evaluated = ['--recipe', at('recipe.yaml'), '--against', at('items.jsonl'), '--keep-index', '--document-per', 'line']
  await run(
    'clean',
    ['clean', at('in.jsonl'), at('sample/euc-kr'), at('sample/documents'), '-o', at('clean'), ...evaluated, ...limit],
    'clean',
  )
  const known = ['--known', at('clean'), '--filter', join(ROOT, 'docs/own-filter.mjs')]
  for (const format of ['parquet', 'arrow', 'jsonl', 'jsonl.gz']) {
    await run('clean', ['clean', at('again.jsonl'), '-o', at(format), '--format', format, ...known, ...limit], format)
  }
  await run('clean', ['clean', at('sample/documents'), '-o', at('bands'), '--near-profile', 'datatrove', '--mask', 'dps'], 'bands')
  await run('manifest', ['manifest', at('in.jsonl'), '-o', at('data.yaml'), '--licence', 'in=CC-BY-SA-4.0'], 'data.yaml')
  await run('tokenize', ['tokenize', at('clean'), '-o', at('tokenizer'), '--vocab-size', '400', '--verify'], 'tokenizer')
  await run('tokenize', ['tokenize', at('data.yaml'), '-o', at('morphemes'), '--vocab-size', '300', '--morphemes'], 'morphemes')
  const tokenizer = ['--tokenizer', at('tokenizer/tokenizer.json')]
  await run('pack', ['pack', at('clean'), ...tokenizer, '-o', at('packed')], 'packed')
  await run('pack', ['pack', at('data.yaml'), ...tokenizer, '-o', at('split'), '--split', 'train=.8,valid=.2', '--shuffle', '1'], 'split')
  await run(
    'pack',
    ['pack', at('clean'), ...tokenizer, '-o', at('epochs'), '--shuffle', '1', '--epochs', 'wiki=1.5', '--epochs', 'news=0'],
    'epochs',
  )
  await run('pack', ['pack', at('again.jsonl'), ...tokenizer, '-o', at('appended'), '--append-to', at('packed')], 'appended')
  await run('pack', ['pack', 'merge', at('packed'), at('epochs'), '-o', at('merged')], 'merged')
  await run('pack', ['pack', 'split', at('packed'), '-o', at('parted'), '--split', 'train=.8,valid=.2'], 'parted')
  await run('pack verify', ['pack', 'verify', at('packed')])
  const short = ['--engine', 'jax', '--steps', '3', '--sequence-length', '32', '--batch-size', '2', '--save-every', '2']
  await run('train', ['train', at('packed'), '-o', at('model'), ...short], 'model')
  mkdirSync(at('tasks'))
  writeFileSync(at('tasks/kobest_copa.jsonl'), `${JSON.stringify(QUESTION)}\n`)
  writeFileSync(at('held.jsonl'), '{"text":"가을이 왔다."}\n')
  const scored = ['--tasks', 'kobest_copa', '--data', at('tasks'), '--text', at('held.jsonl'), '--samples', at('samples.jsonl')]
  await run('eval', ['eval', at('model'), '--engine', 'jax', ...scored], 'samples.jsonl')
  await run('generate', ['generate', at('model'), '--engine', 'jax', '--max-tokens', '2', '--prompt', '가'])
  const everything = [at('clean'), at('tokenizer'), at('packed'), at('model'), '--versus', at('again.jsonl')]
  await run('stats', ['stats', ...everything, ...tokenizer, '-o', at('stats', 'report.html')], 'stats')
  await run('init', ['init', at('in.jsonl'), '--yes', '-o', at('init', 'kopipe.yaml')], 'init')
  writeFileSync(
    at('run.yaml'),
    'inputs: [again.jsonl]\noutput: run\nclean: {}\ntokenize: { vocab-size: 300 }\npack: {}\ntrain: { options: { engine: jax, steps: 1, sequence-length: 32, batch-size: 2 } }\n',
  )
  await run('run', ['run', at('run.yaml')], 'run')
  const parts: [section: string, name: string][] = [
    ['clean', 'clean'],
    ['tokenize', 'tokenizer'],
    ['pack', 'packed'],
  ]
  all.push({ section: 'stats', path: at('run/stats.json') })
  for (const [section, name] of parts) all.push({ section, path: at('run', name) })
  await run('train-filter', ['train-filter', at('in.jsonl'), at('sample/documents'), '-o', at('filter')], 'filter')
  await run('inspect ARTIFACT', ['inspect', at('clean')])
  await run('inspect --reason', ['inspect', at('clean'), '--reason', 'length-short'])
  await run('inspect --list', ['inspect', at('clean'), '--list', 'documents'])
  await run('inspect PACKED', ['inspect', at('packed')])
  await run('inspect --document', ['inspect', at('packed'), '--document', '0'])
  await run('inspect --sample', ['inspect', at('packed'), '--sample', '0', '--sequence-length', '32'])
  await run('inspect MODEL', ['inspect', at('model')])
  await run('why', ['why', at('clean'), 'hit'])
  await run('plan', ['plan', at('again.jsonl')])
  await run('doctor', ['doctor'])
  return all
}

const RECIPE = `clean:
  normalize: { nfc: true }
  cut: { bylines: true, footers: true }
  filters:
    length: { min: 10, max: 100000 }
    hangul-ratio: { min: 0.05 }
  against: { action: cut }
  mask: { style: polyglot }
  dedupe: { lines: {}, priority: [wiki] }
`
