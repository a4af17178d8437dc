/** Killed at random moments and by signals: the same command goes on, and its result is that of an unbroken run. */

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { zstdCompressSync } from 'node:zlib'
import { folder, kopipe, koreanLines, random, tree } from '../kit.ts'

test('kill -9 at 20 random moments, then the same command: equal byte for byte', async (t) => {
  const dir = folder(t)
  const [plain, zst] = [join(dir, 'a.jsonl'), join(dir, 'b.jsonl.zst')]
  writeFileSync(plain, koreanLines(40_000, 21))
  writeFileSync(zst, zstdCompressSync(koreanLines(40_000, 22)))
  const args = (out: string) => ['clean', plain, zst, '-o', join(dir, out), '--json', '--quiet', '--unit-size', '2MB']
  const started = performance.now()
  const whole = await kopipe(args('reference'))
  const took = performance.now() - started
  assert.equal(whole.code, 0, whole.stderr)
  const reference = tree(join(dir, 'reference'))
  const next = random(7)
  let kills = 0
  for (let artifact = 0; kills < 20; artifact++) {
    const out = `killed-${artifact}`
    // Up to four kills on the way of one artifact.
    for (let round = 0; round < 4 && kills < 20; round++) {
      const moment = 60 + next() * took
      const { signal } = await kopipe(args(out), { started: (child) => setTimeout(() => child.kill('SIGKILL'), moment) })
      if (signal !== 'SIGKILL') break
      kills += 1
    }
    const resumed = await kopipe(args(out))
    assert.equal(resumed.code, 0, resumed.stderr)
    assert.deepEqual({ ...resumed.summary, seconds: 0, artifact: '' }, { ...whole.summary, seconds: 0, artifact: '' })
    assert.deepEqual(tree(join(dir, out)), reference)
  }
})

test('SIGINT finishes what is begun, exits with 130, and the same command goes on', async (t) => {
  const dir = folder(t)
  const input = join(dir, 'a.jsonl')
  writeFileSync(input, koreanLines(60_000, 23))
  const args = (out: string) => ['clean', input, '-o', join(dir, out), '--json', '--unit-size', '1MB']
  const whole = await kopipe(args('reference'))
  const stopped = await kopipe(args('stopped'), { started: (child) => setTimeout(() => child.kill('SIGINT'), 350) })
  assert.equal(stopped.code, 130, stopped.stderr)
  assert.match(stopped.stderr, /interrupted/)
  const resumed = await kopipe(args('stopped'))
  assert.equal(resumed.code, 0)
  assert.deepEqual({ ...resumed.summary, seconds: 0, artifact: '' }, { ...whole.summary, seconds: 0, artifact: '' })
  assert.deepEqual(tree(join(dir, 'stopped')), tree(join(dir, 'reference')))
})
