/**
 * `node bench/tokenizers.ts`: what each option of `tokenize` makes of Korean, beside published vocabularies; the tables go
 * into docs/tokenizer-options.md. Trained on the mix of `make bench`; measured on its five corpora and on three that none
 * of ours was trained on. 2.5 minutes on two cores.
 */

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import PQueue from 'p-queue'
import { inOrder } from '../core/flow.ts'
import { resolveInputs } from '../core/inputs.ts'
import { readFiles, reading } from '../native/documents.ts'
import { native } from '../native/index.ts'
import { tokenizeOptions } from '../tokenizer/options.ts'
import { tokensOf } from '../tokenizer/pieces.ts'
import { type Quality, qualityOf } from '../tokenizer/quality.ts'
import { corpora, source } from './corpora.ts'
import { type Published, writePublished } from './published.ts'

const ROOT = resolve(import.meta.dirname, '..')
const WORK = join(ROOT, 'bench/made/tokenizers')
const DOCS = join(ROOT, 'docs/tokenizer-options.md')

const SEEN = ['kowiki-2023', 'precedents', 'nsmc-reviews', 'ms-docs-2021', 'web-docs']
const UNSEEN = ['news-comments', 'chat', 'colonial-magazines']

/** Flags of `tokenize`, or a published vocabulary and the row whose pattern it has. */
const ROWS: Record<string, string[] | { published: Published; like: string }> = {
  '30,003 bytes': [],
  '30,003 syllables': ['--units', 'syllables'],
  '30,003 morphemes': ['--morphemes'],
  '30,003 morphemes, syllables': ['--morphemes', '--units', 'syllables'],
  '30,003 jamo': ['--units', 'jamo'],
  '30,003 cl100k': ['--pattern', 'cl100k'],
  '30,003 o200k': ['--pattern', 'o200k'],
  '30,003 qwen2': ['--pattern', 'qwen2'],
  '50,257 bytes': ['--vocab-size', '50257'],
  '50,257 syllables': ['--vocab-size', '50257', '--units', 'syllables'],
  '50,257 morphemes': ['--vocab-size', '50257', '--morphemes'],
  'GPT-2, 50,257': { published: 'gpt2', like: '30,003 bytes' },
  'cl100k (GPT-4), 100,256': { published: 'cl100k_base', like: '30,003 cl100k' },
  'o200k (GPT-4o), 199,998': { published: 'o200k_base', like: '30,003 o200k' },
}

const MEASURES: [title: string, of: (quality: Quality) => string][] = [
  ['Tokens a character', ({ tokensPerCharacter }) => tokensPerCharacter.toFixed(3)],
  ['Tokens an eojeol', ({ tokensPerEojeol }) => tokensPerEojeol.toFixed(2)],
  ['Tokens of the vocabulary that occur', ({ usedShare }) => percent(usedShare)],
  ['Tokens of the text that cut a syllable', ({ cutOccurrenceShare }) => percent(cutOccurrenceShare)],
  ['Rényi efficiency (α = 2.5)', ({ renyiEfficiency }) => renyiEfficiency.toFixed(3)],
]

const percent = (share: number) => `${(100 * share).toFixed(1)} %`

const workers = 2
const options = { ...tokenizeOptions.parse({ output: WORK }), workers }

/** The row's tokenizer.json, made once. */
async function tokenizerOf(row: string): Promise<string> {
  const how = ROWS[row]
  if (how === undefined) throw new Error(`there is no row ${row}`)
  const folder = join(WORK, row.replaceAll(/\W+/g, '-'))
  const path = join(folder, 'tokenizer.json')
  if (existsSync(path)) return path
  console.log(`making ${row}`)
  if (Array.isArray(how)) {
    execFileSync(join(ROOT, 'kopipe'), ['tokenize', corpora(join(ROOT, 'bench/made')).mix.jsonl, '-o', folder, '--quiet', ...how])
  } else {
    mkdirSync(folder, { recursive: true })
    await writePublished(how.published, await tokenizerOf(how.like), path)
  }
  return path
}

/** The quality of a tokenizer on one corpus. */
async function measure(path: string, corpus: string): Promise<Quality> {
  const tokenizer = await native.loadTokenizer(path)
  const usage = new native.TokenUsage(tokenizer)
  const { keys, ...settings } = reading(options)
  const batches = inOrder(
    readFiles(await resolveInputs([join(source, `${corpus}.jsonl.zst`)]), settings),
    new PQueue({ concurrency: workers }),
    async ({ batch }) => {
      await batch.parse(keys)
      await usage.add(batch)
    },
    { items: 2 * workers, bytes: options.memory / 16 },
    ({ batch }) => batch.weight,
  )
  for await (const { batch } of batches) batch.close()
  const text = { bytes: 0, characters: 0, eojeol: 0 }
  for (const found of Object.values(JSON.parse(usage.sources()) as Record<string, typeof text>)) {
    text.bytes += found.bytes
    text.characters += found.characters
    text.eojeol += found.eojeol
  }
  return qualityOf(usage.occurrences(), tokensOf(tokenizer), text)
}

async function main(): Promise<void> {
  native.startWorkers(workers)
  const found: Record<string, Quality[]> = {}
  for (const row of Object.keys(ROWS)) {
    const path = await tokenizerOf(row)
    const qualities: Quality[] = []
    for (const corpus of [...SEEN, ...UNSEEN]) qualities.push(await measure(path, corpus))
    found[row] = qualities
    console.log(`${row}: ${qualities.map(({ tokensPerCharacter }) => tokensPerCharacter.toFixed(3)).join(' ')} tokens a character`)
  }
  const head = [`| | ${[...SEEN, ...UNSEEN].join(' | ')} |`, `|---|${'--:|'.repeat(SEEN.length + UNSEEN.length)}`]
  const tables = MEASURES.map(([title, of]) => [
    `### ${title}`,
    '',
    ...head,
    ...Object.entries(found).map(([row, qualities]) => `| ${row} | ${qualities.map(of).join(' | ')} |`),
    '',
  ])
  const vocabulary = Object.entries(found).map(
    ([row, [quality]]) => `${row} ${quality?.cutTokens} (${percent(quality?.cutTokenShare ?? 0)})`,
  )
  const docs = readFileSync(DOCS, 'utf8')
  const [before, after] = [docs.indexOf('<!-- tables -->'), docs.indexOf('<!-- /tables -->')]
  const text = [...tables.flat(), '### Tokens of the vocabulary that cut a syllable', '', `${vocabulary.join(' · ')}.`].join('\n')
  writeFileSync(DOCS, `${docs.slice(0, before)}<!-- tables -->\n${text}\n${docs.slice(after)}`)
}

await main()
