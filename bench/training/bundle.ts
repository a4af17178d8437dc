/**
 * Makes bench/made/training: all that measures training on a machine with a GPU and torch, but without Node.js and network.
 * Take the folder there and run `python3 measure.py`. It is under 60 MB:
 *
 *   bundle.tar.xz   kopipe as built, its packages, Node.js; 8 million tokens of real Korean, packed
 *   expected.jsonl  the losses of jax-js for the first 50 steps of the tiny preset on them
 *   measure.py  bare.py
 */

import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '..', '..')
const OUT = join(ROOT, 'bench', 'made', 'training')
const LIMIT = 60e6
/** Morphemes and other engines have no part in it. */
const LEFT_OUT = /node_modules\/(lindera-wasm|js-tiktoken|@jax-js)/
const TINY = ['--preset', 'tiny', '--steps', '50', '--validate-every', '1000']

const corpus = process.env.KOPIPE_CORPUS ?? join(ROOT, '..', 'shared', 'corpus')
rmSync(OUT, { recursive: true, force: true })
const kopipe = join(OUT, 'kopipe')
mkdirSync(join(kopipe, 'native'), { recursive: true })

console.log('tokenizing and packing')
run('./kopipe', 'tokenize', join(corpus, 'kowiki-2023.jsonl.zst'), '-o', join(OUT, 'tokenizer'), '--vocab-size', '30003', '--quiet')
const part = join(OUT, 'part.jsonl')
writeFileSync(part, execFileSync('zstd', ['-dc', join(corpus, 'kowiki-2023.jsonl.zst')], { maxBuffer: 2 ** 30 }).subarray(0, 40e6))
run('./kopipe', 'pack', part, '--tokenizer', join(OUT, 'tokenizer', 'tokenizer.json'), '-o', join(kopipe, 'data'), '--quiet')
rmSync(join(kopipe, 'data', 'parts'), { recursive: true, force: true })

console.log('what jax-js computes')
run('./kopipe', 'train', join(kopipe, 'data'), '-o', join(OUT, 'jax'), ...TINY, '--engine', 'jax', '--quiet')
cpSync(join(OUT, 'jax', 'metrics.jsonl'), join(OUT, 'expected.jsonl'))

console.log('bundling')
for (const name of ['dist', 'package.json', 'LICENSE']) cpSync(join(ROOT, name), join(kopipe, name), { recursive: true })
rmSync(join(kopipe, 'dist', '.compiled'), { recursive: true, force: true })
const packages = execFileSync('npm', ['ls', '--omit=dev', '--parseable', '--all'], { cwd: ROOT }).toString().trim().split('\n').slice(1)
for (const path of packages.filter((path) => !LEFT_OUT.test(path))) cpSync(path, join(kopipe, relative(ROOT, path)), { recursive: true })
stripped(join(ROOT, 'native', 'kopipe.node'), join(kopipe, 'native', 'kopipe.node'))
stripped(realpathSync(process.execPath), join(kopipe, 'node'))
for (const name of ['measure.py', 'bare.py']) cpSync(join(import.meta.dirname, name), join(OUT, name))
execFileSync('tar', ['-C', OUT, '-cJf', join(OUT, 'bundle.tar.xz'), 'kopipe'], { env: { ...process.env, XZ_OPT: '-6 -T0' } })
for (const name of ['kopipe', 'tokenizer', 'jax', 'part.jsonl']) rmSync(join(OUT, name), { recursive: true })

const bytes = ['bundle.tar.xz', 'expected.jsonl', 'measure.py', 'bare.py'].reduce((sum, name) => sum + statSync(join(OUT, name)).size, 0)
console.log(
  `${OUT}: ${(bytes / 1e6).toFixed(1)} MB, ${readFileSync(join(OUT, 'expected.jsonl')).toString().split('\n').length - 1} lines of jax-js`,
)
if (bytes > LIMIT) throw new Error(`over ${LIMIT / 1e6} MB`)

function run(command: string, ...args: string[]): void {
  execFileSync(command, args, { cwd: ROOT, stdio: 'inherit' })
}

function stripped(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  execFileSync('strip', ['-s', '-o', to, from])
}
