/** `kopipe generate` as a user meets it. */

import assert from 'node:assert/strict'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { namedPython } from '../../training/engines/torch-python.ts'
import { readSafetensors, writeSafetensors } from '../../training/safetensors.ts'
import { folder, kopipe, type Run, torchPython } from '../kit.ts'
import { sharedModel } from './model-kit.ts'

const model = sharedModel()

interface Continuation {
  prompt: string
  text: string
  tokens: number
  stopped: string
}

const continuations = (run: Run) => run.summary.continuations as Continuation[]

const TOKENS = 16

function generate(...args: string[]): Promise<Run> {
  return kopipe(['generate', model.run, '--engine', 'jax', '--max-tokens', String(TOKENS), ...args])
}

test('a prompt is continued, the same by the same seed, otherwise by another', async () => {
  const args = ['--prompt', '가나다', '--prompt', '나무', '--json']
  const [first, again, other] = [await generate(...args), await generate(...args), await generate(...args, '--seed', '2')]
  assert.equal(first.code, 0, first.stderr)
  assert.deepEqual(continuations(again), continuations(first))
  assert.notDeepEqual(continuations(other), continuations(first))
  const [a, b] = continuations(first) as [Continuation, Continuation]
  assert.deepEqual([a.prompt, b.prompt], ['가나다', '나무'])
  for (const { text, tokens, stopped } of [a, b]) {
    assert.ok(text.length > 0)
    assert.ok(stopped === 'max tokens' ? tokens === TOKENS : tokens < TOKENS)
  }
  assert.equal(first.summary.tokens, a.tokens + b.tokens)
  // What is streamed is what the summary has.
  const streamed = first.stdout.split('\n').slice(0, -2).join('\n')
  assert.equal(streamed, `${a.prompt}${a.text}\n\n${b.prompt}${b.text}`)
})

test('a prompt of several is continued as it is alone', async () => {
  const alone = await generate('--prompt', '가나다', '--json')
  const both = await generate('--prompt', '가나다', '--prompt', '나무', '--json')
  assert.deepEqual(continuations(both)[0], continuations(alone)[0])
})

test('torch draws the tokens that jax draws', async (t) => {
  if (!torchPython(t)) return
  const args = ['--prompt', '가나다', '--workers', '1', '--json']
  const [jax, torch] = [await generate(...args), await generate(...args, '--engine', 'torch')]
  assert.equal(torch.code, 0, torch.stderr)
  assert.match(String(torch.summary.device), /PyTorch/)
  assert.deepEqual(continuations(torch), continuations(jax))
})

test('it goes on where the text is longer than what the model sees at once', async () => {
  const run = await generate('--prompt', '가나다 '.repeat(60), '--max-tokens', '80', '--json')
  assert.equal(run.code, 0, run.stderr)
  assert.ok((continuations(run)[0]?.tokens ?? 0) > 0)
})

test('a file is a prompt, without its last line break; without a prompt a text begins', async (t) => {
  const path = join(folder(t), 'prompt.txt')
  writeFileSync(path, '첫 줄\n둘째 줄\n')
  const file = await generate('--prompt-file', path, '--json')
  assert.equal(continuations(file)[0]?.prompt, '첫 줄\n둘째 줄')
  const same = await generate('--prompt', '첫 줄\n둘째 줄', '--json')
  assert.deepEqual(continuations(file), continuations(same))
  const none = await generate('--json')
  assert.equal(none.code, 0, none.stderr)
  assert.equal(continuations(none)[0]?.prompt, '')
})

/** The model, with a bias towards some tokens that outweighs all it has learnt. */
function biased(path: string, tokens: readonly number[], bias = 1): string {
  cpSync(model.checkpoint, path, { recursive: true })
  const file = join(path, 'model.safetensors')
  const tensors = readSafetensors(readFileSync(file), file)
  const values = (name: string) => tensors.find((tensor) => tensor.name === name)?.values ?? assert.fail(name)
  values('gpt_neox.final_layer_norm.weight').fill(0)
  values('gpt_neox.final_layer_norm.bias').fill(1)
  const out = values('embed_out.weight')
  out.fill(0)
  for (const token of tokens) out.fill(bias, token * 128, (token + 1) * 128)
  writeFileSync(file, writeSafetensors(tensors))
  return path
}

test('the end of text ends it', async (t) => {
  const run = await kopipe(['generate', biased(folder(t), [0]), '--engine', 'jax', '--prompt', '가', '--json'])
  assert.deepEqual(continuations(run), [{ prompt: '가', text: '', tokens: 0, stopped: 'end of text' }])
})

test('a model that computes no numbers is refused by every engine', async (t) => {
  const path = biased(
    folder(t),
    Array.from({ length: 512 }, (_, token) => token),
    Number.NaN,
  )
  for (const engine of ['jax', ...(namedPython(undefined) ? ['torch'] : [])]) {
    for (const args of [
      ['generate', path],
      ['eval', path, '--text', model.documents, '--limit', '2'],
    ]) {
      const run = await kopipe([...args, '--engine', engine, '--workers', '1'])
      assert.equal(run.code, 1, `${engine}: ${run.stderr}`)
      assert.match(run.stderr, /the model computes no numbers/, engine)
    }
  }
})

test('half a character waits for its other half, and what could act on a terminal is shown', async (t) => {
  const vocabulary = (
    JSON.parse(readFileSync(join(model.checkpoint, 'tokenizer.json'), 'utf8')) as { model: { vocab: Record<string, number> } }
  ).model.vocab
  // Of ESC, and of the lead byte of a syllable, as GPT-2's table of bytes spells them.
  const [esc, lead] = [vocabulary['\u011b'] as number, vocabulary['\u00ea'] as number]
  const args = ['--engine', 'jax', '--prompt', '\x1b[31m', '--max-tokens', '3', '--temperature', '0', '--json']
  const escapes = await kopipe(['generate', biased(folder(t), [esc]), ...args])
  assert.equal(escapes.code, 0, escapes.stderr)
  assert.equal(escapes.stdout.split('\n')[0], '\\x1b[31m\\x1b\\x1b\\x1b')
  assert.equal(continuations(escapes)[0]?.text, '\x1b\x1b\x1b')
  const halves = await kopipe(['generate', biased(folder(t), [lead]), ...args])
  // Each lead byte shows that the one before never became a character.
  assert.equal(continuations(halves)[0]?.text, '\ufffd'.repeat(3))
})

test('quiet, it says nothing; without JSON the text stands on stdout alone', async () => {
  const quiet = await generate('--prompt', '가', '--quiet')
  assert.deepEqual([quiet.stdout, quiet.stderr], ['', ''])
  const plain = await generate('--prompt', '가', '--temperature', '0')
  assert.ok(plain.stdout.startsWith('가'))
  assert.match(plain.stderr, /\d+ tokens by .*step-000012 on CPU \(WebAssembly\)/)
})

test('without torch, jax speaks; a Python that has none is told, and what to do', async (t) => {
  const nowhere = { KOPIPE_PYTHON: '', XDG_CACHE_HOME: folder(t) }
  const auto = await kopipe(['generate', model.run, '--prompt', '가', '--max-tokens', '3', '--json'], { env: nowhere })
  assert.equal(auto.summary.device, 'CPU (WebAssembly)')
  const none = await kopipe(['generate', model.run, '--engine', 'torch'], { env: nowhere })
  assert.equal(none.code, 1)
  assert.match(none.stderr, /there is no torch: .*\nInstall it: kopipe train --setup-torch/)
  const wrong = await kopipe(['generate', model.run], { env: { ...nowhere, KOPIPE_PYTHON: process.execPath } })
  assert.equal(wrong.code, 1)
  assert.match(wrong.stderr, /does not run as a Python 3\.10 or newer with torch: .*\nInstall it there, or have it all installed apart/)
})

test('usage errors end with 2 and say what was expected', async () => {
  for (const [args, message] of [
    [[], /expected a MODEL/],
    [[model.run, 'more'], /Expected 1 argument but got 2/],
    [[model.run, '--top-p', '0'], /--top-p: expected a number above 0, at most 1, got "0"/],
    [[model.run, '--temperature', '-1'], /--temperature: expected a number from 0, got "-1"/],
    [[model.run, '--max-tokens', '0'], /--max-tokens: expected a whole number from 1, got "0"/],
    [[model.run, '--engine', 'tpu'], /--engine: expected auto, torch, jax, got "tpu"/],
  ] as const) {
    const run = await kopipe(['generate', ...args])
    assert.equal(run.code, 2, `${args.join(' ')}: ${run.stderr}`)
    assert.match(run.stderr, message)
  }
})
