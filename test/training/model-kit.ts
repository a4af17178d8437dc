/** What the tests of trained models share: a small model made by the commands, and the peers that need torch. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, type TestContext } from 'node:test'
import { kopipe, koreanLines } from '../kit.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const PYTHON = join(ROOT, '.venv-torch', 'bin', 'python')

/** Whether there is torch; where there is none the test is skipped, and says so. */
export function hasTorch(t: TestContext): boolean {
  if (!existsSync(PYTHON)) t.skip(`SKIPPED: no ${PYTHON} (bring torch with \`kopipe train --setup-torch\`, then make test)`)
  return existsSync(PYTHON)
}

/** Runs a script of test/golden beside torch, with `input` as JSON; skips the test where there is no torch. */
export async function torchPeer<T>(t: TestContext, script: string, args: readonly string[], input?: unknown): Promise<T | undefined> {
  if (!hasTorch(t)) return undefined
  const child = spawn(PYTHON, [join(ROOT, 'test', 'golden', script), ...args])
  child.stdin.end(JSON.stringify(input ?? null))
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const code = await new Promise((done) => child.on('close', done))
  assert.equal(code, 0, stderr.slice(-4000))
  return JSON.parse(stdout) as T
}

export interface SmallModel {
  documents: string
  dataset: string
  /** Of `train`. */
  run: string
  /** Of its last step. */
  checkpoint: string
}

/** One for all tests of a file; it is there when the first of them begins. */
export function sharedModel(): SmallModel {
  const at = mkdtempSync(join(tmpdir(), 'kopipe-test-'))
  const model = {} as SmallModel
  before(async () => {
    Object.assign(model, await smallModel(at))
  })
  after(() => rmSync(at, { recursive: true, force: true }))
  return model
}

/** A model of 512 tokens, so that none is padding, trained for some steps on lines that look like Korean. */
async function smallModel(at: string): Promise<SmallModel> {
  const [documents, tokenizer, dataset, run] = ['documents.jsonl', 'tokenizer', 'dataset', 'run'].map((name) => join(at, name)) as [
    string,
    string,
    string,
    string,
  ]
  writeFileSync(documents, koreanLines(400, 3))
  const commands = [
    ['tokenize', documents, '-o', tokenizer, '--vocab-size', '512'],
    ['pack', documents, '--tokenizer', join(tokenizer, 'tokenizer.json'), '-o', dataset],
    ['train', dataset, '-o', run, '--engine', 'jax', '--steps', '12', '--sequence-length', '64', '--batch-size', '2'],
  ]
  for (const command of commands) {
    const { code, stderr } = await kopipe([...command, '--quiet'])
    assert.equal(code, 0, `${command.join(' ')}: ${stderr}`)
  }
  return { documents, dataset, run, checkpoint: join(run, 'checkpoints/step-000012') }
}

/** Whether numbers are equal but for the rounding of fp32. */
export function assertClose(came: ArrayLike<number>, expected: ArrayLike<number>, within: number, what: string): void {
  assert.equal(came.length, expected.length, what)
  for (let i = 0; i < came.length; i++) {
    const [a, b] = [came[i] as number, expected[i] as number]
    assert.ok(Math.abs(a - b) <= within * Math.max(1, Math.abs(b)), `${what} [${i}]: ${a}, expected ${b}`)
  }
}
