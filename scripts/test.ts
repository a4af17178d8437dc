/**
 * `make test`: every check and every test, each runner's own output, and one closing line `N passed, N failed`.
 * A check (format, lints, generated files) counts as one.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { asShipped, CARGO } from './rust.ts'

const AS_SHIPPED = asShipped()

const CHECKS: [name: string, command: string[]][] = [
  ['TypeScript is formatted and linted (biome)', ['npx', '--no-install', 'biome', 'ci', '.']],
  ['tests and scripts type-check (tsc)', ['npx', '--no-install', 'tsc', '--noEmit', '-p', 'test']],
  ['Rust is formatted (cargo fmt)', ['cargo', 'fmt', ...CARGO, '--all', '--check']],
  [
    'Rust has no warnings (clippy)',
    ['cargo', 'clippy', ...AS_SHIPPED, '--lib', '--tests', '--examples', '--quiet', '--', '-D', 'warnings'],
  ],
  ['native/binding.d.ts is what the build generates', ['git', 'diff', '--exit-code', '--stat', '--', 'native/binding.d.ts']],
]

const total = { passed: 0, failed: 0, skipped: 0 }
const failures: string[] = []

for (const [name, command] of CHECKS) {
  const { code } = await run(command)
  count(code === 0 ? 1 : 0, code === 0 ? 0 : 1)
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'}  ${name}`)
  if (code !== 0) failures.push(name)
}

const rust = await run(['cargo', 'test', ...AS_SHIPPED, '--tests', '--quiet'])
for (const [, passed, failed, ignored] of rust.output.matchAll(/test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/g)) {
  count(Number(passed), Number(failed), Number(ignored))
}
if (rust.code !== 0) failures.push('cargo test')
if (rust.code !== 0 && total.failed === 0) count(0, 1)

const files = globSync('test/**/*.test.ts').sort()
const node = await run([process.execPath, '--test', '--test-concurrency=2', '--test-reporter=spec', ...files])
const said = (what: string) => Number(new RegExp(`^ℹ ${what} (\\d+)$`, 'm').exec(node.output)?.[1] ?? 0)
count(said('pass'), said('fail') + said('cancelled'), said('skipped'))
if (node.code !== 0) failures.push('node --test')
if (node.code !== 0 && said('fail') + said('cancelled') === 0) count(0, 1)

for (const line of node.output.match(/^.*SKIPPED.*$/gm) ?? []) console.log(line.trim())
for (const failure of failures) console.log(`failed: ${failure}`)
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
process.exitCode = total.failed === 0 && failures.length === 0 ? 0 : 1

function count(passed: number, failed: number, skipped = 0): void {
  total.passed += passed
  total.failed += failed
  total.skipped += skipped
}

/** Runs a command, showing what it prints. */
async function run([program = '', ...args]: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NO_COLOR: '1' } })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk
      process.stdout.write(chunk)
    })
  }
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output }
}
