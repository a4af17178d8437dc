/** `kopipe eval` as a user meets it, held against lm-evaluation-harness question by question. */

import assert from 'node:assert/strict'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { namedPython } from '../../training/engines/torch-python.ts'
import { macroF1 } from '../../training/evaluate/metrics.ts'
import { rollingRows } from '../../training/evaluate/requests.ts'
import { TASKS } from '../../training/evaluate/tasks.ts'
import { campaign, corpusFile, folder, kopipe, type Run } from '../kit.ts'
import { assertClose, sharedModel, torchPeer } from './model-kit.ts'

const model = sharedModel()

/** Questions of each task. */
const LIMIT = campaign(4, 12)
const NAMES = TASKS.map(({ name }) => name)
const ENGINE = ['--engine', namedPython(undefined) ? 'torch' : 'jax', '--workers', '1']

interface PeerRun {
  results: Record<string, Record<string, number>>
  samples: Record<string, Answer[]>
}

interface Answer {
  prompt: string
  gold: number | string
  results: [logprob: number, greedy: boolean][] | number[]
  acc?: number
  acc_norm?: number
}

interface Peer {
  version: string
  /** By number of shots. */
  runs: Record<string, PeerRun>
}

interface Sample {
  task?: string
  text?: string
  prompt: string
  choices: string[]
  gold: number
  predicted: number
  predicted_norm: number
  logprobs: number[]
  logprob: number
  greedy: boolean[]
}

interface Scores {
  tasks: Record<string, Record<string, number>>
  texts: Record<string, Record<string, number>>
  bits_per_byte: number | null
}

const scores = (run: Run) => run.summary as unknown as Scores

function samplesOf(path: string): Sample[] {
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Sample)
}

test('with shots and without, every question of every task is scored as the harness scores it, and every text', async (t) => {
  const data = corpusFile(t, 'eval-tasks')
  if (!data) return
  const texts = join(folder(t), 'texts.jsonl')
  writeFileSync(texts, readFileSync(model.documents, 'utf8').split('\n').filter(isDocument).slice(0, LIMIT).join('\n'))
  // Of few tokens, so that a question is long: some are cut, no choice is.
  const wide = withContext(folder(t), 512)
  const peer = await torchPeer<Peer>(t, 'lm_eval_peer.py', [wide, data, NAMES.join(','), String(LIMIT), '0,3', texts])
  if (!peer) return
  for (const [shots, theirs] of Object.entries(peer.runs)) {
    const file = join(folder(t), 'samples.jsonl')
    const args = ['--tasks', 'all', '--data', data, '--limit', String(LIMIT), '--shots', shots, '--text', texts, '--samples', file]
    const run = await kopipe(['eval', wide, ...args, ...ENGINE, '--json'])
    assert.equal(run.code, 0, run.stderr)
    assertSame(run, samplesOf(file), theirs)
    const own = samplesOf(file).filter(({ text }) => text === texts)
    const logprobs = (theirs.samples.text ?? []).map(({ results }) => results[0] as number)
    assertClose(
      own.map(({ logprob }) => logprob),
      logprobs,
      1e-5,
      'documents',
    )
    assertClose([scores(run).bits_per_byte ?? 0], [theirs.results.text?.bits_per_byte ?? -1], 1e-6, 'bits a byte')
  }
})

/** Question by question, and in sum. */
function assertSame(run: Run, samples: readonly Sample[], theirs: PeerRun): void {
  for (const name of NAMES) {
    const own = samples.filter(({ task }) => task === name)
    const answers = theirs.samples[name] ?? []
    assert.deepEqual([own.length, answers.length], [LIMIT, LIMIT])
    for (const [i, { prompt, gold, results, acc, acc_norm }] of answers.entries()) {
      const answer = own[i] as Sample
      const where = `${name}, question ${i}`
      assert.equal(answer.prompt, prompt, where)
      assert.equal(typeof gold === 'string' ? answer.choices[answer.gold] : answer.gold, gold, where)
      const pairs = results as [number, boolean][]
      assertClose(
        answer.logprobs,
        pairs.map(([logprob]) => logprob),
        1e-5,
        where,
      )
      assert.deepEqual(
        answer.greedy,
        pairs.map(([, greedy]) => greedy),
        where,
      )
      assert.equal(Number(answer.predicted === answer.gold), acc, where)
      if (acc_norm !== undefined) assert.equal(Number(answer.predicted_norm === answer.gold), acc_norm, where)
    }
    for (const [metric, value] of Object.entries(theirs.results[name] ?? {})) {
      if (metric !== 'sample_len') assertClose([scores(run).tasks[name]?.[metric] ?? -1], [value], 1e-12, `${name}: ${metric}`)
    }
  }
}

/** The checkpoint as a model of another context: nothing that it has learnt depends on it. */
function withContext(path: string, context: number): string {
  cpSync(model.checkpoint, path, { recursive: true })
  for (const name of ['config.json', 'tokenizer_config.json']) {
    const text = readFileSync(join(path, name), 'utf8')
    writeFileSync(join(path, name), text.replace(/"(max_position_embeddings|model_max_length)": \d+/, `"$1": ${context}`))
  }
  return path
}

function isDocument(line: string): boolean {
  try {
    return typeof (JSON.parse(line) as { text?: unknown }).text === 'string'
  } catch {
    return false
  }
}

/** Rows as they were published, and as skt/kobest_v1 and klue have them. */
const ROWS: Record<string, { published: object[]; columns: object[] }> = {
  kobest_boolq: {
    published: [
      { Text: '하늘은 푸르다.', Question: '하늘은 붉은가?', Answer: 'False' },
      { Text: '물은 젖는다.', Question: '물은 젖는가?', Answer: 'TRUE' },
    ],
    columns: [
      { paragraph: '하늘은 푸르다.', question: '하늘은 붉은가?', label: 0 },
      { paragraph: '물은 젖는다.', question: '물은 젖는가?', label: 1 },
    ],
  },
  kobest_copa: {
    published: [{ sentence: '비가 왔다.', question: '결과 ', 1: '땅이 젖었다.', 2: '해가 떴다.', Answer: '1' }],
    columns: [{ premise: '비가 왔다.', question: '결과', alternative_1: '땅이 젖었다.', alternative_2: '해가 떴다.', label: 0 }],
  },
  kobest_hellaswag: {
    published: [{ context: '문을 열었다.', choice1: '들어갔다.', choice2: '날았다.', choice3: '먹었다.', choice4: '잤다.', label: '3' }],
    columns: [{ context: '문을 열었다.', ending_1: '들어갔다.', ending_2: '날았다.', ending_3: '먹었다.', ending_4: '잤다.', label: 3 }],
  },
  kobest_sentineg: {
    published: [{ Text: '좋지 않다', Label: '0' }],
    columns: [{ sentence: '좋지 않다', label: 0 }],
  },
  kobest_wic: {
    published: [{ Target: '배', SENTENCE1: '[배]를 탔다.', SENTENCE2: '[배]가 고프다.', ANSWER: 'False' }],
    columns: [{ word: '배', context_1: '[배]를 탔다.', context_2: '[배]가 고프다.', label: 0 }],
  },
  klue_nli: {
    published: [{ premise: '그는 갔다.', hypothesis: ' 그는 있다.', gold_label: 'contradiction' }],
    columns: [{ premise: '그는 갔다.', hypothesis: '그는 있다.', label: 2 }],
  },
  klue_sts: {
    published: [{ sentence1: '잘 잤다.', sentence2: '푹 잤다.', labels: { 'binary-label': 1 } }],
    columns: [{ sentence1: '잘 잤다.', sentence2: '푹 잤다.', labels: { label: 4.2, 'binary-label': 1 } }],
  },
}

test('rows are read in either publication, plain or packed, and give the same', async (t) => {
  const results = []
  for (const [kind, ending, pack] of [
    ['published', '', (text: string) => text],
    ['columns', '.gz', (text: string) => gzipSync(text)],
    // Several frames, as parallel compressors write them.
    [
      'columns',
      '.zst',
      (text: string) => Buffer.concat([zstdCompressSync(text.slice(0, 20)), zstdCompressSync(Buffer.from(text.slice(20)))]),
    ],
  ] as const) {
    const data = folder(t)
    for (const { name, scored } of TASKS) {
      const rows = (ROWS[name]?.[kind] ?? []).map((row) => JSON.stringify({ split: scored, ...row }))
      writeFileSync(join(data, `${name}.jsonl${ending}`), pack(`${rows.join('\n')}\n\n`))
    }
    const file = join(folder(t), 'samples.jsonl')
    const run = await kopipe(['eval', model.checkpoint, '--tasks', 'all', '--data', data, '--samples', file, '--engine', 'jax', '--json'])
    assert.equal(run.code, 0, run.stderr)
    assert.equal(scores(run).tasks.kobest_boolq?.docs, 2)
    results.push({ scores: scores(run).tasks, samples: samplesOf(file) })
  }
  assert.deepEqual(results[1], results[0])
  assert.deepEqual(results[2], results[0])
})

test('a split of a packed dataset and the same documents give the same bits a byte', async (t) => {
  const args = ['--engine', 'jax', '--json']
  const packed = await kopipe(['eval', model.run, '--text', model.dataset, '--split', 'valid', ...args])
  assert.equal(packed.code, 0, packed.stderr)
  const { documents } = scores(packed).texts[model.dataset] as { documents: number }
  assert.ok(documents > 3)
  // GPT-NeoX's 969, 30, 1 of all documents that were packed.
  const all = readFileSync(model.documents, 'utf8').split('\n').filter(isDocument)
  const first = Math.round(all.length * 0.969)
  const texts = join(folder(t), 'valid.jsonl')
  writeFileSync(texts, all.slice(first, first + documents).join('\n'))
  const read = await kopipe(['eval', model.run, '--text', texts, '--text', model.dataset, ...args])
  assert.equal(read.code, 0, read.stderr)
  assert.deepEqual(scores(read).texts[texts], scores(packed).texts[model.dataset])
  assert.equal(scores(read).bits_per_byte?.toFixed(12), scores(packed).bits_per_byte?.toFixed(12))
  assert.equal(read.summary.read.docs, documents)
})

test('rolling windows ask for every token once, behind a token at least', () => {
  for (const length of [0, 1, 7, 8, 9, 16, 17, 40]) {
    const tokens = Array.from({ length }, (_, i) => 100 + i)
    const rows = rollingRows(tokens, 0, 8)
    assert.deepEqual(
      rows.flatMap((row) => row.tokens.slice(row.from)),
      tokens,
    )
    for (const row of rows) assert.ok(row.from >= 1 && row.tokens.length <= 9)
    // Those behind the first are full.
    for (const row of rows.slice(1)) assert.equal(row.tokens.length, 9)
  }
})

test('F1 over classes counts one that was predicted only', () => {
  const verdicts = [
    { gold: 0, predicted: 0 },
    { gold: 1, predicted: 2 },
    { gold: 1, predicted: 1 },
  ]
  assert.equal(macroF1(verdicts), (1 + 2 / 3 + 0) / 3)
})

test('the document has every task with its prompt, and the versions that make test installs', () => {
  const root = join(import.meta.dirname, '../..')
  const text = readFileSync(join(root, 'docs/eval.md'), 'utf8')
  const row = {
    kobest_boolq: '질문: {question} 답변: `',
    kobest_copa: ' 그래서`',
    kobest_sentineg: '긍부정:`',
    kobest_wic: '같은 뜻으로 쓰였나?`',
  }
  for (const name of NAMES) assert.match(text, new RegExp(`^\\| \`${name}\` \\|.*\\|$`, 'm'))
  for (const [name, ending] of Object.entries(row)) {
    const line = text.split('\n').find((line) => line.startsWith(`| \`${name}\``))
    assert.ok(line?.includes(ending), name)
    const question = TASKS.find((task) => task.name === name)?.question.parse(ROWS[name]?.columns[0])
    assert.ok(question?.text.endsWith(ending.slice(0, -1).replace('{question}', '하늘은 붉은가?')), name)
  }
  const requirements = readFileSync(join(root, 'test/requirements-torch.txt'), 'utf8')
  const version = (name: string) => new RegExp(`^${name}==(.*)$`, 'm').exec(requirements)?.[1] ?? 'none'
  assert.ok(text.includes(`lm-evaluation-harness ${version('lm-eval')}`))
  assert.ok(text.includes(`transformers ${version('transformers')}`))
})

test('usage and data that are wrong are told', async (t) => {
  const data = folder(t)
  writeFileSync(join(data, 'kobest_copa.jsonl'), '{"split":"test","premise":"가"}\n')
  writeFileSync(join(data, 'kobest_wic.jsonl'), '{"split":"train","word":"가","context_1":"a","context_2":"b","label":1}\n')
  writeFileSync(join(data, 'klue_sts.jsonl'), '{"split":"validation","sentence1":"a","sentence2":"b","labels":{"binary-label":1}}\n')
  writeFileSync(join(data, 'klue_nli.jsonl.zst'), 'no zst')
  const other = join(folder(t), 'other')
  const [empty, cut] = [join(data, 'empty.jsonl'), join(data, 'cut.jsonl.gz')]
  writeFileSync(empty, '{"no":"text"}\n')
  writeFileSync(cut, gzipSync(readFileSync(model.documents).subarray(0, 3000)).subarray(0, -40))
  const long = folder(t)
  const row = { split: 'test', premise: '가', question: '원인', alternative_1: '가'.repeat(100), alternative_2: '나', label: 1 }
  writeFileSync(join(long, 'kobest_copa.jsonl'), JSON.stringify(row))
  for (const [args, code, message] of [
    [[], 2, /expected a MODEL/],
    [[model.run], 2, /expected what to score by: --tasks, --text or both/],
    [[model.run, '--tasks', 'kobest_copa'], 2, /--tasks: expected --data FOLDER/],
    [[model.run, '--tasks', 'copa', '--data', data], 2, /--tasks: expected all, or names of kobest_boolq/],
    [[model.run, '--tasks', 'kobest_boolq', '--data', data], 1, /there is no kobest_boolq\.jsonl in/],
    [[model.run, '--tasks', 'kobest_copa', '--data', data], 1, /kobest_copa\.jsonl, line 1: no row of kobest_copa/],
    [[model.run, '--tasks', 'kobest_wic', '--data', data], 1, /has no row of the split test/],
    [[model.run, '--tasks', 'klue_nli', '--data', data], 1, /klue_nli\.jsonl\.zst cannot be unpacked/],
    [[model.run, '--tasks', 'klue_sts', '--data', data, '--shots', '1'], 2, /--shots 1: .* has 1 rows of the split validation/],
    [[model.run, '--text', other], 1, /no such input/],
    [[model.run, '--text', model.documents, '--limit', '0'], 2, /--limit: expected a whole number from 1, got "0"/],
    [[model.run, '--text', empty], 1, /there is nothing to score/],
    [[model.run, '--text', cut], 1, /damaged input; what could be read of it was scored:\n.*cut\.jsonl\.gz after \d+ decoded bytes/],
    [[model.run, '--tasks', 'kobest_copa', '--data', long], 1, /choice "가+"… of \d+ tokens is longer than the 64 that the model reads/],
    [[model.run, '--text', model.documents, '--split', 'dev'], 2, /--split: expected train, valid, test/],
  ] as const) {
    const run = await kopipe(['eval', ...args, '--engine', 'jax'])
    assert.equal(run.code, code, `${args.join(' ')}: ${run.stderr}`)
    assert.match(run.stderr, message)
  }
})
