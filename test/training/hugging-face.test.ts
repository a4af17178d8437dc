/** A checkpoint is a model folder of Hugging Face's, and models of others are read: transformers is the judge. */

import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, type TestContext, test } from 'node:test'
import { native } from '../../native/index.ts'
import { loadLanguageModel } from '../../training/engines/language-models.ts'
import { namedPython } from '../../training/engines/torch-python.ts'
import { openModelFolder } from '../../training/model/folder.ts'
import { folder, kopipe } from '../kit.ts'
import { assertClose, hasTorch, sharedModel, torchPeer } from './model-kit.ts'
import { chains, writeDataset } from './shards.ts'

const model = sharedModel()

interface Logits {
  class: string
  parameters: number
  logits: number[][][]
}

const ROWS = [[5, 300, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 400, 401, 402], [300], [2, 2, 2, 2]]

/** Logits behind rows, by every engine that is there. */
async function ownLogits(path: string, rows: number[][]): Promise<[engine: string, logits: Float32Array[]][]> {
  const engines = ['jax', ...(namedPython(undefined) ? ['torch'] : [])] as ('jax' | 'torch')[]
  const all: [string, Float32Array[]][] = []
  for (const engine of engines) {
    const own = await loadLanguageModel(await openModelFolder(path), { engine, workers: 1 })
    all.push([engine, await own.next(rows)])
    await own.close()
  }
  return all
}

const TEXTS = () => [
  '안녕하세요, 세계!',
  'ㅋㅋㅋ\n\n  두 칸',
  '한글 (NFD)',
  '12,345원 😀',
  readFileSync(model.documents, 'utf8').slice(0, 4000),
]
const PROMPTS = ['가나다', 'all latin', '이']

const SMALL = {
  vocab_size: 96,
  hidden_size: 48,
  num_hidden_layers: 2,
  num_attention_heads: 3,
  intermediate_size: 80,
  max_position_embeddings: 32,
}
/** Models of others, of random weights. */
const OTHERS = {
  'residuals one after the other': { config: { ...SMALL, rotary_pct: 0.5, use_parallel_residual: false } },
  'in bf16, in several files': { config: { ...SMALL, rotary_pct: 1 }, dtype: 'bfloat16', shard: '20KB' },
  'in f16': { config: { ...SMALL, rotary_pct: 0.25 }, dtype: 'float16' },
} as const
const OTHERS_ROWS = [
  [1, 2, 3, 4, 5, 6, 7],
  [95, 0],
]
const others = mkdtempSync(join(tmpdir(), 'kopipe-test-'))
after(() => rmSync(others, { recursive: true, force: true }))

interface Answers {
  logits: Logits
  tokens: { ids: number[][]; decoded: string[]; special: object; longest: number }
  generated: { rows: number[][] }
  others: (Logits & { files: string[] })[]
}

let asked: Promise<Answers> | undefined

/** What transformers says to all that this file asks it, in one process: it takes 7 s to load. */
async function transformers(t: TestContext): Promise<Answers | undefined> {
  if (!hasTorch(t)) return undefined
  asked ??= ask(t)
  return asked
}

async function ask(t: TestContext): Promise<Answers> {
  const tokenizer = await native.loadTokenizer(join(model.checkpoint, 'tokenizer.json'))
  const rows = PROMPTS.map((prompt) => tokenizer.encode(prompt))
  const questions = [
    ['logits', model.checkpoint, ROWS],
    ['tokens', model.checkpoint, TEXTS()],
    ['generate', model.checkpoint, { rows, tokens: 30 }],
    ...Object.entries(OTHERS).map(([what, model]) => ['make', join(others, what), { ...model, rows: OTHERS_ROWS }]),
  ]
  const answers = (await torchPeer<unknown[]>(t, 'transformers_peer.py', [], questions)) ?? []
  assert.equal(answers.length, questions.length)
  const [logits, tokens, generated, ...made] = answers as [Logits, Answers['tokens'], Answers['generated'], ...Answers['others']]
  return { logits, tokens, generated, others: made }
}

test('transformers loads a checkpoint, and its logits are those of every engine', async (t) => {
  const peer = (await transformers(t))?.logits
  if (!peer) return
  assert.equal(peer.class, 'GPTNeoXForCausalLM')
  assert.equal(peer.parameters, 4 * (12 * 128 ** 2 + 13 * 128) + 2 * 512 * 128 + 2 * 128)
  for (const [engine, logits] of await ownLogits(model.run, ROWS)) {
    for (const [i, own] of logits.entries()) assertClose(own, peer.logits[i]?.at(-1) ?? [], 1e-5, `${engine}, row ${i}`)
  }
})

test("the checkpoint's tokenizer gives the ids of kopipe's own, and its ends of text", async (t) => {
  const peer = (await transformers(t))?.tokens
  if (!peer) return
  const tokenizer = await native.loadTokenizer(join(model.checkpoint, 'tokenizer.json'))
  assert.deepEqual(
    peer.ids,
    TEXTS().map((text) => tokenizer.encode(text)),
  )
  assert.deepEqual(peer.decoded, TEXTS())
  assert.deepEqual(peer.special, { bos: 0, eos: 0, pad: 1 })
  assert.equal(peer.longest, 64)
})

test('always the most likely token is what transformers generates', async (t) => {
  const peer = (await transformers(t))?.generated
  if (!peer) return
  const tokenizer = await native.loadTokenizer(join(model.checkpoint, 'tokenizer.json'))
  const expected = peer.rows.map((row) => tokenizer.decode(row.filter((token) => token !== 0)))
  assert.equal(expected.length, PROMPTS.length)
  for (const engine of ['jax', ...(namedPython(undefined) ? ['torch'] : [])]) {
    const args = ['--temperature', '0', '--max-tokens', '30', '--engine', engine, '--workers', '1', '--json']
    const run = await kopipe(['generate', model.checkpoint, ...PROMPTS.flatMap((prompt) => ['--prompt', prompt]), ...args])
    assert.equal(run.code, 0, run.stderr)
    const said = (run.summary.continuations as { text: string }[]).map(({ text }) => text)
    assert.deepEqual(said, expected, engine)
  }
})

for (const [i, [what, other]] of Object.entries(OTHERS).entries()) {
  test(`a model of others: ${what}`, async (t) => {
    const peer = (await transformers(t))?.others[i]
    if (!peer) return
    assert.equal(peer.files.includes('model.safetensors.index.json'), 'shard' in other)
    for (const [engine, logits] of await ownLogits(join(others, what), OTHERS_ROWS)) {
      for (const [i, own] of logits.entries()) assertClose(own, peer.logits[i]?.at(-1) ?? [], 2e-5, `${engine}, row ${i}`)
    }
  })
}

test('a checkpoint says whose layout its tensors have, without which older transformers load none', () => {
  const bytes = readFileSync(join(model.checkpoint, 'model.safetensors'))
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + Number(bytes.readBigUInt64LE(0)))) as Record<string, unknown>
  assert.deepEqual(header.__metadata__, { format: 'pt' })
})

test('checkpoints share the files that do not change', () => {
  const inode = (file: string) => statSync(join(model.run, file)).ino
  assert.equal(inode('hugging-face/tokenizer.json'), inode('checkpoints/step-000012/tokenizer.json'))
})

test('without a tokenizer in the dataset, the model comes without one, and that is said', async (t) => {
  const out = join(folder(t), 'model')
  const data = writeDataset(folder(t), chains(60, 50, 1), 60)
  const run = await kopipe(['train', data, '-o', out, '--engine', 'jax', '--sequence-length', '16', '--batch-size', '2', '--steps', '2'])
  assert.equal(run.code, 0, run.stderr)
  assert.match(run.stderr, /checkpoints come without a tokenizer: there is no .*tokenizer\.json/)
  assert.ok(existsSync(join(out, 'checkpoints/step-000002/config.json')))
  const said = await kopipe(['generate', out, '--engine', 'jax'])
  assert.equal(said.code, 1)
  assert.match(said.stderr, /there is no tokenizer at .*\nName one with --tokenizer FILE/)
})

test('a tokenizer of more tokens than the model has is refused', async (t) => {
  const path = join(folder(t), 'tokenizer.json')
  const tokenizer = JSON.parse(readFileSync(join(model.checkpoint, 'tokenizer.json'), 'utf8'))
  tokenizer.added_tokens.push({ ...tokenizer.added_tokens[0], id: 512, content: '<|more|>' })
  writeFileSync(path, JSON.stringify(tokenizer))
  const run = await kopipe(['generate', model.run, '--tokenizer', path, '--engine', 'jax'])
  assert.equal(run.code, 1)
  assert.match(run.stderr, /has ids up to 512, and the model 512\nThis is not the tokenizer/)
})

test('another tokenizer than the one that packed is refused', async (t) => {
  const data = writeDataset(folder(t), chains(60, 50, 1), 60)
  cpSync(join(model.dataset, 'tokenizer.json'), join(data, 'tokenizer.json'))
  const run = await kopipe(['train', data, '-o', join(folder(t), 'model'), '--engine', 'jax', '--steps', '2'])
  assert.equal(run.code, 1)
  assert.match(run.stderr, /tokenizer\.json is not the tokenizer that this dataset was packed with/)
})

test('what is no model of this kind is refused by what it says', async (t) => {
  const config = JSON.parse(readFileSync(join(model.checkpoint, 'config.json'), 'utf8')) as Record<string, unknown>
  for (const [change, message] of [
    [{ model_type: 'llama' }, /model_type: expected gpt_neox/],
    [{ hidden_act: 'gelu_fast' }, /hidden_act: expected gelu, the exact one/],
    [{ layer_norm_eps: 1e-6 }, /layer_norm_eps: expected 0\.00001/],
    [{ rope_parameters: { rope_type: 'default', rope_theta: 500000 } }, /rotary_emb_base: expected 10000, got 500000/],
    [{ rope_parameters: { rope_type: 'yarn' } }, /rope_type: expected default, got yarn/],
    [{ num_attention_heads: 5 }, /hidden_size 128 is no multiple of num_attention_heads 5/],
    [{ num_hidden_layers: 5 }, /parameter gpt_neox\.layers\.4\.input_layernorm\.weight of shape \[128\] is missing/],
    [{ vocab_size: 640 }, /parameter gpt_neox\.embed_in\.weight of shape \[640,128\] has the shape \[512,128\]/],
  ] as const) {
    const path = copyOf(t, (own) => writeFileSync(join(own, 'config.json'), JSON.stringify({ ...config, ...change })))
    const run = await kopipe(['generate', path, '--engine', 'jax'])
    assert.equal(run.code, 1, JSON.stringify(change))
    assert.match(run.stderr, message)
  }
})

test('a model that is not whole is refused', async (t) => {
  const index = (map: object) => JSON.stringify({ weight_map: map })
  for (const [change, message] of [
    [(own: string) => rmSync(join(own, 'config.json')), /has no config\.json, which says what the model is/],
    [
      (own: string) => rmSync(join(own, 'model.safetensors')),
      /has no weights: expected model\.safetensors.*\n.*pickled files .* are not read/,
    ],
    [
      (own: string) => {
        rmSync(join(own, 'model.safetensors'))
        writeFileSync(join(own, 'model.safetensors.index.json'), index({ a: '../../model.safetensors' }))
      },
      /names "\.\.\/\.\.\/model\.safetensors", which is not there/,
    ],
  ] as const) {
    const run = await kopipe(['generate', copyOf(t, change), '--engine', 'jax'])
    assert.equal(run.code, 1)
    assert.match(run.stderr, message)
  }
  const none = await kopipe(['generate', join(folder(t), 'none'), '--engine', 'jax'])
  assert.equal(none.code, 1)
  assert.match(none.stderr, /there is no model at .*none\nMODEL is the folder of a run/)
})

/** A checkpoint of one's own to spoil. */
function copyOf(t: TestContext, change: (path: string) => void): string {
  const path = folder(t)
  cpSync(model.checkpoint, path, { recursive: true })
  change(path)
  return path
}
