/** Completions complete, in the shell itself; doctor says what is there. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { COMMANDS } from '../../cli/commands.ts'
import { folder, kopipe } from '../kit.ts'

test('bash completes commands, flags, values, and leaves files to itself', async (t) => {
  const script = join(folder(t), 'kopipe.bash')
  const { code, stdout } = await kopipe(['completion', 'bash'])
  assert.equal(code, 0)
  writeFileSync(script, stdout)
  const complete = (...words: string[]) => {
    const program = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _kopipe; printf '%s\\n' "\${COMPREPLY[@]}"`
    return execFileSync('bash', ['-c', program, 'bash', script, 'kopipe', ...words], { encoding: 'utf8' })
      .split('\n')
      .filter(Boolean)
  }
  assert.deepEqual(complete('st'), ['stats'])
  assert.deepEqual(
    complete('').filter((word) => !word.startsWith('-')),
    COMMANDS.map(({ name }) => name),
  )
  assert.deepEqual(complete('clean', '--ded'), ['--dedupe'])
  assert.deepEqual(complete('clean', '--dedupe', ''), ['near', 'exact', 'off'])
  assert.deepEqual(complete('clean', 'raw', '--format', 'p'), ['parquet'])
  assert.deepEqual(complete('pack', ''), ['merge', 'split', 'verify'])
  assert.deepEqual(complete('clean', 'ra'), [])
  assert.deepEqual(complete('clean', '-o', ''), [])
})

for (const shell of ['zsh', 'fish']) {
  test(`what ${shell} is given is ${shell}`, async (t) => {
    const script = join(folder(t), `kopipe.${shell}`)
    const { stdout } = await kopipe(['completion', shell])
    writeFileSync(script, stdout)
    for (const { name } of COMMANDS) assert.ok(stdout.includes(name), name)
    try {
      execFileSync(shell, ['-n', script], { stdio: 'pipe' })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      t.skip(`SKIPPED: no ${shell} to read the script`)
    }
  })
}

test('a shell that is not known is refused', async () => {
  const { code, stderr } = await kopipe(['completion', 'tcsh'])
  assert.equal(code, 2)
  assert.match(stderr, /expected bash, zsh, fish, got tcsh/)
})

test('doctor tells what is there and what is not', async () => {
  const { code, stdout, summary } = await kopipe(['doctor', '--json'], { env: { KOPIPE_PYTHON: '/nowhere/python' } })
  assert.equal(code, 0)
  const checks = summary.checks as { name: string; state: string; hint?: string }[]
  const of = (name: string) => checks.find((check) => check.name === name)
  assert.equal(of('native core')?.state, 'good')
  assert.equal(of('torch')?.state, 'missing')
  assert.match(of('torch')?.hint ?? '', /--setup-torch/)
  assert.match(stdout, /^✓ Node\.js +v\d+/m)
  assert.match(stdout, /^– HF tokenizers +\/nowhere\/python has none$/m)
})
