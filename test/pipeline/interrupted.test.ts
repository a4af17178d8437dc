/** Killed at random moments and by signals: the same command goes on, and its result is that of an unbroken run. */

import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { zstdCompressSync } from 'node:zlib'
import { campaign, folder, kopipe, koreanLines, random, tree, withNearDuplicates, withoutSeconds } from '../kit.ts'

const KILLS = campaign(8, 20)
/** The command with the most steps. */
const KILLS_OF_CLEAN = campaign(12, 50)

interface Inputs {
  dir: string
  plain: string
  zst: string
}

/** The command lines that are killed; `out` is where the artifact goes. */
const COMMANDS: Record<string, (inputs: Inputs, out: string) => string[]> = {
  clean: ({ plain, zst }, out) => ['clean', plain, zst, '-o', out, '--unit-size', '2MB'],
  'clean without duplicates': ({ plain, zst }, out) => ['clean', plain, zst, '-o', out, '--unit-size', '2MB', '--dedupe', 'off'],
  tokenize: ({ plain, zst }, out) => ['tokenize', plain, zst, '-o', out, '--vocab-size', '9000'],
  pack: ({ plain, zst, dir }, out) => [
    'pack',
    plain,
    zst,
    '--tokenizer',
    join(dir, 'tokenizer/tokenizer.json'),
    '-o',
    out,
    '--shard-size',
    '300KB',
  ],
}

async function inputs(t: TestContext): Promise<Inputs> {
  const dir = folder(t)
  const [plain, zst] = [join(dir, 'a.jsonl'), join(dir, 'b.jsonl.zst')]
  writeFileSync(plain, withNearDuplicates(koreanLines(40_000, 21)))
  writeFileSync(zst, zstdCompressSync(withNearDuplicates(koreanLines(40_000, 22))))
  await kopipe(['tokenize', plain, '-o', join(dir, 'tokenizer'), '--vocab-size', '1000', '--quiet'])
  return { dir, plain, zst }
}

/** Files that appear in the middle of sorting, clustering, comparing and rewriting. */
const IN_THE_MIDDLE = ['copies-00000', 'edges-00000', 'candidates-00000', 'candidates-00003', 'verdicts-00000', 'losses.json']

/** The command, killed as soon as the file is there. */
async function killedOnce(file: string, args: string[]): Promise<void> {
  const started = (child: ChildProcess) => {
    const look = setInterval(() => existsSync(file) && child.kill('SIGKILL'), 1)
    child.on('close', () => clearInterval(look))
  }
  const { signal } = await kopipe(args, { started })
  assert.equal(signal, 'SIGKILL', file)
}

test('clean: kill -9 in the middle of each step of the search for duplicates, of keeping the index and of rewriting: equal byte for byte', async (t) => {
  const given = await inputs(t)
  const how = ['--unit-size', '2MB', '--keep-index', '--quiet']
  const args = (out: string) => ['clean', given.plain, given.zst, '-o', join(given.dir, out), ...how]
  await kopipe(args('reference'))
  const reference = tree(join(given.dir, 'reference'))
  const rewriting = ['index/00001.done.json', 'index/00003.sketches', 'parts/00000.done.json', 'parts/00004.done.json']
  for (const file of [...IN_THE_MIDDLE.map((name) => `scratch/duplicates/${name}`), ...rewriting]) {
    const out = file.replaceAll('/', '-')
    await killedOnce(join(given.dir, out, file), args(out))
    const resumed = await kopipe(args(out))
    assert.equal(resumed.code, 0, resumed.stderr)
    assert.deepEqual(tree(join(given.dir, out)), reference, file)
  }
})

test('clean: a power cut takes scratch that was not synced: what is not whole any more is made again', async (t) => {
  const given = await inputs(t)
  const args = (out: string) => ['clean', given.plain, given.zst, '-o', join(given.dir, out), '--unit-size', '2MB', '--quiet']
  await kopipe(args('reference'))
  const scratch = join(given.dir, 'cut', 'scratch')
  await killedOnce(join(scratch, 'duplicates', 'candidates-00000'), args('cut'))
  const [gone, empty, torn] = globSync('*.done.json', { cwd: scratch }).map((name) => join(scratch, name.replace('.done.json', '')))
  rmSync(`${gone}.signatures`)
  writeFileSync(`${empty}.blocks`, '')
  const blocks = readFileSync(`${torn}.blocks`)
  writeFileSync(`${torn}.blocks`, blocks.fill(0, blocks.length - 4096))
  const again = await kopipe(args('cut'))
  assert.equal(again.code, 0, again.stderr)
  assert.deepEqual(tree(join(given.dir, 'cut')), tree(join(given.dir, 'reference')))
})

for (const [name, command] of Object.entries(COMMANDS)) {
  const most = name === 'clean' ? KILLS_OF_CLEAN : KILLS
  test(`${name}: kill -9 at ${most} random moments, then the same command: equal byte for byte`, async (t) => {
    const given = await inputs(t)
    const args = (out: string) => [...command(given, join(given.dir, out)), '--json', '--quiet']
    const started = performance.now()
    const whole = await kopipe(args('reference'))
    const took = performance.now() - started
    assert.equal(whole.code, 0, whole.stderr)
    const reference = tree(join(given.dir, 'reference'))
    const next = random(7)
    let kills = 0
    for (let artifact = 0; kills < most; artifact++) {
      const out = `killed-${artifact}`
      // Up to four kills on the way of one artifact.
      for (let round = 0; round < 4 && kills < most; round++) {
        const moment = 60 + next() * took
        const { signal } = await kopipe(args(out), { started: (child) => setTimeout(() => child.kill('SIGKILL'), moment) })
        if (signal !== 'SIGKILL') break
        kills += 1
      }
      const resumed = await kopipe(args(out))
      assert.equal(resumed.code, 0, resumed.stderr)
      assert.deepEqual(withoutSeconds({ ...resumed.summary, artifact: '' }), withoutSeconds({ ...whole.summary, artifact: '' }))
      assert.deepEqual(tree(join(given.dir, out)), reference)
    }
  })
}

/** Once a unit is sealed the command is surely at work. */
function interruptAfterFirstUnit(child: ChildProcess, artifact: string, signal: NodeJS.Signals): void {
  const look = setInterval(() => {
    if (globSync('scratch/*.done.json', { cwd: artifact }).length === 0) return
    clearInterval(look)
    child.kill(signal)
  }, 5)
  child.on('close', () => clearInterval(look))
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} finishes what is begun, exits with 130, and the same command goes on`, async (t) => {
    const dir = folder(t)
    const input = join(dir, 'a.jsonl')
    writeFileSync(input, koreanLines(60_000, 23))
    const args = (out: string) => ['clean', input, '-o', join(dir, out), '--json', '--unit-size', '1MB']
    const whole = await kopipe(args('reference'))
    const stopped = await kopipe(args('stopped'), { started: (child) => interruptAfterFirstUnit(child, join(dir, 'stopped'), signal) })
    assert.equal(stopped.code, 130, stopped.stderr)
    assert.match(stopped.stderr, /interrupted/)
    const resumed = await kopipe(args('stopped'))
    assert.equal(resumed.code, 0)
    assert.deepEqual(withoutSeconds({ ...resumed.summary, artifact: '' }), withoutSeconds({ ...whole.summary, artifact: '' }))
    assert.deepEqual(tree(join(dir, 'stopped')), tree(join(dir, 'reference')))
  })
}
