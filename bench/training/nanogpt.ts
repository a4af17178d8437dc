/**
 * A step of the torch engine on a CPU beside nanoGPT's, in turn, one thread: `node bench/training/nanogpt.ts FOLDER`, with
 * karpathy/nanoGPT's model.py in FOLDER. Prints the table of docs/torch.md: medians of `TURNS` runs' medians.
 */

import { execFileSync } from 'node:child_process'
import { cpus } from 'node:os'
import { join, resolve } from 'node:path'
import { pythonFor } from '../../training/engines/torch-python.ts'

const TURNS = 3
const HERE = import.meta.dirname
const ENGINE = resolve(HERE, '..', '..', 'training', 'engines', 'torch')
const SHAPES = [
  { layers: 4, width: 128, feedForward: 512, heads: 4, rotary: 8, vocabulary: 4096 },
  { layers: 6, width: 384, feedForward: 1536, heads: 6, rotary: 16, vocabulary: 8192 },
  { layers: 4, width: 128, feedForward: 512, heads: 4, rotary: 8, vocabulary: 30_080 },
]

const folder = process.argv[2]
const python = pythonFor('torch', undefined) as string
if (!folder) throw new Error("expected a folder with nanoGPT's model.py")
console.log(`${cpus()[0]?.model}, one thread, 8 × 256 tokens, fp32\n\n| shape | ours | nanoGPT | |\n|---|---|---|---|`)
for (const eager of [false, true]) {
  for (const shape of SHAPES) {
    const [ours, theirs]: [number[], number[]] = [[], []]
    for (let turn = 0; turn < TURNS; turn++) {
      ours.push(seconds('bare.py', ENGINE, shape, eager))
      theirs.push(seconds('nanogpt.py', folder, shape, eager))
    }
    const [a, b] = [median(ours), median(theirs)]
    const name = `${shape.layers} layers, width ${shape.width}, vocabulary ${shape.vocabulary.toLocaleString('en')}`
    console.log(`| ${name}, ${eager ? 'not compiled' : 'compiled'} | ${a.toFixed(3)} s | ${b.toFixed(3)} s | ${(b / a).toFixed(2)} × |`)
  }
}

function seconds(script: string, of: string, shape: (typeof SHAPES)[number], eager: boolean): number {
  const batch = ['--length', '256', '--batch', '8', '--pass-size', '8', '--steps', '14', '--warm-up', '4', '--precision', 'fp32']
  const args = [join(HERE, script), of, '--shape', JSON.stringify(shape), ...batch, ...(eager ? ['--eager'] : [])]
  const env = { ...process.env, OMP_NUM_THREADS: '1', OMP_WAIT_POLICY: 'PASSIVE' }
  const line = execFileSync(python, args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  return (JSON.parse(line) as { seconds: number }).seconds
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number
}
