/** The command line: exit codes, help, suggestions, quiet and broken pipes. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { checkNode } from '../../cli/node-version.ts'
import { folder, KOPIPE, kopipe, koreanLines } from '../kit.ts'

const COMMANDS = ['clean', 'tokenize', 'pack', 'train', 'stats', 'sample']

test('help names every command, and every command has help with examples', async () => {
  const { code, stdout } = await kopipe(['--help'])
  assert.equal(code, 0)
  for (const name of COMMANDS) {
    assert.match(stdout, new RegExp(`^  ${name} `, 'm'))
    const help = await kopipe([name, '--help'])
    assert.equal(help.code, 0)
    assert.match(help.stdout, /Examples:\n {2}kopipe /)
    assert.match(help.stdout, /--json/)
  }
})

test('a Node.js that is too old is refused before anything runs', () => {
  for (const version of ['22.18.0', '22.19.1', '24.0.0', '100.1.0']) checkNode('>=22.18', version)
  for (const version of ['22.17.9', '20.20.2', '9.99.0']) {
    assert.throws(() => checkNode('>=22.18', version), { kind: 'invalid', message: `expected Node.js 22.18 or newer, got ${version}` })
  }
})

test('exit codes: 0 done, 1 failed, 2 usage', async (t) => {
  const dir = folder(t)
  const input = join(dir, 'in.jsonl')
  writeFileSync(input, koreanLines(20, 1))
  for (const [args, expected, message] of [
    [['--version'], 0, /^$/],
    [[], 2, /Usage/],
    [['claen'], 2, /unknown command 'claen'[\s\S]*Did you mean clean\?/],
    [['clean'], 2, /at least one INPUT/],
    [['clean', input], 2, /^kopipe: -o: expected a folder to write to \(-o DIR\), got none/],
    [['clean', input, '-o', join(dir, 'o'), '--wrkers', '2'], 2, /Did you mean --workers\?/],
    [['clean', input, '-o', join(dir, 'o'), '--workers', 'x'], 2, /--workers: expected a whole number from 1, got "x"/],
    [['clean', input, '-o', join(dir, 'o'), '--memory', '4XB'], 2, /--memory: expected a size such as 256MB/],
    [
      ['clean', input, '-o', join(dir, 'o'), '--memory', '1MB'],
      2,
      /--memory 1MB is too small for --max-document 64MB: at least 662MB is needed/,
    ],
    [['clean', input, '-o', join(dir, 'o'), '--dedupe', 'maybe'], 2, /--dedupe: expected near, exact or off, got "maybe"/],
    [['clean', input, '-o', join(dir, 'o'), '--recipe', 'kk'], 2, /Did you mean "ko"\?/],
    [['clean', join(dir, 'none.jsonl'), '-o', join(dir, 'o')], 1, /no such input/],
    [['clean', join(dir, '*.nothing'), '-o', join(dir, 'o')], 1, /no file matches/],
    [['clean', input, '-o', join(dir, 'o'), '--quiet'], 0, /^$/],
    [['stats', join(dir, 'o'), '-o', join(dir, 'r', 'report.html'), '--quiet'], 0, /^$/],
  ] as const) {
    const { code, stderr } = await kopipe(args)
    assert.equal(code, expected, `kopipe ${args.join(' ')}: ${stderr}`)
    assert.match(stderr, message)
  }
})

test('--json prints one object last; --quiet nothing else', async (t) => {
  const dir = folder(t)
  const input = join(dir, 'in.jsonl')
  writeFileSync(input, koreanLines(200, 1))
  const { stdout, stderr } = await kopipe(['clean', input, '-o', join(dir, 'o'), '--json', '--quiet'])
  assert.equal(stderr, '')
  assert.equal(stdout.trimEnd().split('\n').length, 1)
  const summary = JSON.parse(stdout) as Record<string, unknown>
  for (const key of ['read', 'kept', 'dropped', 'malformed', 'seconds', 'artifact']) assert.ok(key in summary, key)
})

test('a reader that has seen enough is no failure', () => {
  const out = execFileSync('/bin/bash', ['-c', `set -o pipefail; '${KOPIPE}' clean --help | head -1`], { encoding: 'utf8' })
  assert.match(out, /Usage: kopipe clean/)
})
