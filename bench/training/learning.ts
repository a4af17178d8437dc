/**
 * Whether a model learns, in bits a byte of text that it has not seen: `node bench/training/learning.ts beats|versus`.
 *
 * - beats    a small model on cleaned kowiki-2023 against smoothed 5-grams of characters and bytes of the same text
 * - versus   equal tokens of raw data and of what `clean` leaves of it, on a held-out part of what is clean
 *
 * Everything goes to bench/made/learning; a run that was interrupted goes on. docs/learning.md has what came out.
 */

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createWriteStream, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { unzstd } from '../../test/kit.ts'
import { pythonFor } from '../../training/engines/torch-python.ts'
import { drawn, type Point } from './learning/curves.ts'

const ROOT = resolve(import.meta.dirname, '..', '..')
const OUT = join(ROOT, 'bench', 'made', 'learning')
const CORPUS = process.env.KOPIPE_CORPUS ?? join(ROOT, '..', 'shared', 'corpus')
const PYTHON = pythonFor('torch', undefined) as string
const VOCABULARY = ['--vocab-size', '8192']
const TRAIN = ['--recipe', join(import.meta.dirname, 'learning', 'small.yaml'), '--engine', 'torch', '--precision', 'bf16', '--compile']
const RAW = [
  'kowiki-2023',
  'kowiki-2020',
  'ms-docs-2021',
  'ms-docs-2018',
  'web-docs',
  'news-comments',
  'news-titles',
  'nsmc-reviews',
  'chat',
]

mkdirSync(OUT, { recursive: true })
if (process.argv[2] === 'beats') await beats()
else if (process.argv[2] === 'versus') await versus()
else throw new Error('expected beats or versus')

async function beats(): Promise<void> {
  const at = (name: string) => join(OUT, name)
  kopipe('clean', join(CORPUS, 'kowiki-2023.jsonl.zst'), '-o', at('clean'))
  await part(at('clean'), at('train.jsonl'), at('held.jsonl'), ({ id }) => id, 2)
  kopipe('tokenize', at('train.jsonl'), '-o', at('tok8k'), ...VOCABULARY)
  kopipe('pack', at('train.jsonl'), '--tokenizer', join(at('tok8k'), 'tokenizer.json'), '-o', at('packed8k'))
  kopipe('train', at('packed8k'), '-o', at('model'), ...TRAIN, '--steps', '4500', '--validate-every', '250', '--save-every', '500')
  const ngram = (unit: string) => run(PYTHON, join(import.meta.dirname, 'learning', 'ngram.py'), unit, at('train.jsonl'), at('held.jsonl'))
  const [bytes, characters] = ['bytes', 'characters'].map((unit) => (JSON.parse(ngram(unit)) as { bitsPerByte: number }).bitsPerByte)
  tell({ model: bitsPerByte(at('model'), at('held.jsonl')), bytes5gram: bytes, characters5gram: characters })
}

async function versus(): Promise<void> {
  const at = (name: string) => join(OUT, 'versus', name)
  mkdirSync(join(OUT, 'versus'), { recursive: true })
  const raw = RAW.map((name) => join(CORPUS, `${name}.jsonl.zst`))
  // Nearly all news titles are exact duplicates: that is right.
  kopipe('clean', ...raw, '-o', at('clean'), '--allow-loss')
  await part(at('clean'), at('clean-rest.jsonl'), at('held.jsonl'), ({ text }) => text, 1)
  const seen = ['--recipe', 'none', '--dedupe', 'off', '--against', at('held.jsonl')]
  kopipe('clean', ...raw, '-o', at('raw'), ...seen)
  kopipe('clean', at('clean-rest.jsonl'), '-o', at('cleaned'), ...seen)
  kopipe('tokenize', at('cleaned'), '-o', at('tok'), ...VOCABULARY)
  const curve: Point[] = []
  for (const name of ['raw', 'cleaned']) {
    kopipe('pack', at(name), '--tokenizer', join(at('tok'), 'tokenizer.json'), '-o', at(`packed-${name}`), '--shuffle', '1')
    kopipe('train', at(`packed-${name}`), '-o', at(`model-${name}`), ...TRAIN, '--steps', '1200', '--save-every', '200', '--keep', '10')
    const checkpoints = readdirSync(join(at(`model-${name}`), 'checkpoints')).sort()
    for (const checkpoint of checkpoints.filter((name) => name !== 'step-000000')) {
      const point = {
        name,
        step: Number(checkpoint.slice(5)),
        bits: bitsPerByte(join(at(`model-${name}`), 'checkpoints', checkpoint), at('held.jsonl')),
      }
      tell({ ...point })
      curve.push(point)
    }
  }
  writeFileSync(join(ROOT, 'docs', 'learning.svg'), drawn(curve))
}

interface Document {
  id: string
  text: string
}

/** Of 256 documents so many are held out, by a hash of `key`. */
async function part(artifact: string, rest: string, held: string, key: (document: Document) => string, share: number): Promise<void> {
  if (existsSync(held)) return
  const out = createWriteStream(rest)
  const kept: string[] = []
  for (const name of readdirSync(join(artifact, 'documents')).sort()) {
    const lines = unzstd(readFileSync(join(artifact, 'documents', name)))
      .toString()
      .split('\n')
    for (const line of lines.filter(Boolean)) {
      const { id, text } = JSON.parse(line) as Document
      const short = `${JSON.stringify({ id, text })}\n`
      if ((createHash('sha256').update(key({ id, text })).digest()[0] as number) < share) kept.push(short)
      else if (!out.write(short)) await new Promise((resolve) => out.once('drain', resolve))
    }
  }
  await new Promise((resolve) => out.end(resolve))
  writeFileSync(held, kept.join(''))
}

function bitsPerByte(model: string, text: string): number {
  const summary = run(join(ROOT, 'kopipe'), 'eval', model, '--text', text, '--quiet', '--json').trim().split('\n').at(-1) ?? ''
  return (JSON.parse(summary) as { bits_per_byte: number }).bits_per_byte
}

function kopipe(...args: string[]): void {
  console.log(`kopipe ${args.map((arg) => arg.replace(`${ROOT}/`, '')).join(' ')}`)
  execFileSync(join(ROOT, 'kopipe'), [...args, '--quiet'], { stdio: 'inherit' })
}

function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, { maxBuffer: 2 ** 26 }).toString()
}

function tell(what: Record<string, unknown>): void {
  console.log(JSON.stringify(what))
}
