/**
 * Packing at scale, killed: `node bench/kills.ts FOLDER [SIZE] [KILLS]` packs a sample (20GB, made if it is not there) with two
 * workers and 1 GB of memory, in input order and shuffled, once undisturbed (time and peak memory) and once killed at so many
 * random moments (50); both must be the same bytes, and hold what `pack verify` asks.
 */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { random, tree } from '../test/kit.ts'
import { measure } from './measure.ts'

const [folder = 'bench/made/scale', size = '20GB', kills = '50'] = process.argv.slice(2)
const KOPIPE = resolve(import.meta.dirname, '../kopipe')
const next = random(20)

const [sample, tokenizer] = [join(folder, `sample-${size}`), join(folder, 'tokenizer')]
if (!existsSync(join(sample, 'truth.jsonl'))) await kopipe('sample', '-o', sample, '--size', size, '--seed', '5', '--workers', '2')
if (!existsSync(join(tokenizer, 'tokenizer.json'))) {
  const small = join(folder, 'sample-200MB')
  await kopipe('sample', '-o', small, '--size', '200MB', '--seed', '6')
  await kopipe('tokenize', small, '-o', tokenizer, '--vocab-size', '30003')
  rmSync(small, { recursive: true })
}

for (const order of [[], ['--shuffle', '1']]) {
  const [whole, killed] = [join(folder, 'packed'), join(folder, 'packed-killed')]
  for (const out of [whole, killed]) rmSync(out, { recursive: true, force: true })
  const flags = ['--tokenizer', join(tokenizer, 'tokenizer.json'), '--shard-size', '200MB', '--memory', '1GB', '--max-document', '16MB']
  const pack = (out: string) => ['pack', sample, '-o', out, '--workers', '2', ...flags, ...order]
  const { said, wall, peak } = await kopipe(...pack(whole))
  const { read, tokens } = said as { read: { docs: number; bytes: number }; tokens: number }
  const rate = (read.bytes / wall / 1e6).toFixed(0)
  console.log(
    `${order.join(' ') || 'in input order'}: ${read.docs} documents, ${(read.bytes / 1e9).toFixed(2)} GB of text, ${tokens} tokens`,
  )
  console.log(`  undisturbed: ${wall.toFixed(1)} s, ${rate} MB/s, peak ${(peak / 1e6).toFixed(0)} MB`)
  let met = 0
  // So close that it is not finished before the last: a shard that was begun is done again.
  for (let kill = 0; kill < Number(kills); kill++) met += Number(await killedAfter(pack(killed), ((3000 * wall) / Number(kills)) * next()))
  await kopipe(...pack(killed))
  // The record of inputs has no times but theirs.
  assert.deepEqual(tree(killed), tree(whole))
  await kopipe('pack', 'verify', killed)
  console.log(`  killed ${met} times: the same bytes in ${readdirSync(join(killed, 'shards')).length / 2} shards`)
}

function kopipe(...args: string[]) {
  return measure(KOPIPE, [...args, '--json', '--quiet'])
}

/** Whether it was still running. */
async function killedAfter(args: string[], milliseconds: number): Promise<boolean> {
  const child = spawn(KOPIPE, [...args, '--quiet'], { stdio: 'ignore' })
  const ended = new Promise<NodeJS.Signals | null>((done) => child.on('close', (_, signal) => done(signal)))
  setTimeout(() => child.kill('SIGKILL'), milliseconds)
  return (await ended) === 'SIGKILL'
}
