/**
 * Plans beside the run they plan: `node bench/plan.ts FOLDER SIZE [FLAG...]` makes a sample of so many bytes (if it is not there), runs
 * clean, tokenize and pack, and plans with the same flags before and after each of them: on a shared machine the plans tell how far
 * it drifts, and a command's processor time how much of it the command had. It is held against the mean of the two plans beside
 * it. One worker, unless flags say otherwise.
 */

import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Planned } from '../core/plan.ts'
import { formatSize, parseSize } from '../core/sizes.ts'
import { measure } from './measure.ts'

const [folder = 'bench/made/plan', size = '1GB', ...given] = process.argv.slice(2)
const flags = given.length > 0 ? given : ['--workers', '1']
const KOPIPE = resolve(import.meta.dirname, '../kopipe')
const sample = join(folder, `sample-${size}`)
parseSize(size)

const kopipe = (...args: string[]) => measure(KOPIPE, [...args, '--json', '--quiet'])
const plan = async () => (await kopipe('plan', sample, '-o', folder, ...flags)).said as unknown as { commands: Planned[] }

if (!existsSync(join(sample, 'truth.jsonl'))) await kopipe('sample', '-o', sample, '--size', size, '--seed', '5')
const [cleaned, tokenizer, packed] = ['clean', 'tokenizer', 'packed'].map((name) => join(folder, `${name}-${size}`)) as [
  string,
  string,
  string,
]
for (const out of [cleaned, tokenizer, packed]) rmSync(out, { recursive: true, force: true })

const common = commonOf(flags)
const runs = {
  clean: () => watched(cleaned, ['clean', sample, ...flags]),
  tokenize: () => watched(tokenizer, ['tokenize', cleaned, ...common]),
  pack: () => watched(packed, ['pack', cleaned, '--tokenizer', join(tokenizer, 'tokenizer.json'), ...common]),
}

console.log(`\`node bench/plan.ts ${folder} ${size} ${flags.join(' ')}\`\n`)
console.log('| | planned, before and after | took | mean of both beside it | processor |\n|---|---|---|---|---|')
const all = { before: 0, after: 0, took: 0, processor: 0 }
let before = await plan()
for (const [i, command] of (['clean', 'tokenize', 'pack'] as const).entries()) {
  const run = await runs[command]()
  const after = await plan()
  const [a, b] = [before.commands[i], after.commands[i]] as [Planned, Planned]
  row(`${command}: time`, a.seconds, b.seconds, run.wall, inSeconds, run.processor)
  row(`${command}: peak memory`, a.memory.peak, b.memory.peak, run.peak, rounded)
  row(`${command}: disk, peak`, a.disk.peak, b.disk.peak, run.disk, rounded)
  row(`${command}: result`, a.disk.result, b.disk.result, run.result, rounded)
  all.before += a.seconds
  all.after += b.seconds
  all.took += run.wall
  all.processor += run.processor
  before = after
}
row('all three: time', all.before, all.after, all.took, inSeconds, all.processor)

function inSeconds(seconds: number): string {
  return `${seconds.toFixed(1)} s`
}

function row(what: string, a: number, b: number, took: number, show: (value: number) => string, processor?: number): void {
  const off = Math.round(100 * ((a + b) / 2 / took - 1))
  console.log(
    `| ${what} | ${show(a)}, ${show(b)} | ${show(took)} | ${off > 0 ? '+' : ''}${off} % | ${processor === undefined ? '' : inSeconds(processor)} |`,
  )
}

function rounded(bytes: number): string {
  return formatSize(Math.round(bytes))
}

/** Flags that `tokenize` and `pack` take too. */
function commonOf(flags: readonly string[]): string[] {
  return flags.flatMap((flag, i) => (['--workers', '--memory', '--max-document'].includes(flag) ? [flag, flags[i + 1] as string] : []))
}

/** A command with the bytes that its folder held at the most, looked at every half a second. */
async function watched(out: string, args: string[]) {
  let disk = 0
  const watch = setInterval(() => {
    disk = Math.max(disk, bytesIn(out))
  }, 500)
  try {
    const run = await kopipe(...args, '-o', out)
    const result = bytesIn(out)
    return { wall: run.wall, processor: run.load * run.wall, peak: run.peak, result, disk: Math.max(disk, result) }
  } finally {
    clearInterval(watch)
  }
}

/** What goes while it is looked at counts nothing. */
function bytesIn(folder: string): number {
  if (!existsSync(folder)) return 0
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + (statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0), 0)
}
