/** `make` on a machine that lacks something says what, in a line, and what to do. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { folder } from '../kit.ts'

const SETUP = resolve(import.meta.dirname, '../../scripts/setup')
const TOOLS = ['sh', 'dirname', 'printf', 'sed', 'cat', 'ln', 'mkdir', 'node', 'npm', 'cargo', 'cc', 'env']

for (const missing of ['cargo', 'cc', 'npm', 'node']) {
  test(`without ${missing} the message names it`, (t) => {
    const bin = join(folder(t), 'bin')
    mkdirSync(bin)
    for (const tool of TOOLS.filter((name) => name !== missing)) {
      const found = spawnSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).stdout.trim()
      if (found.startsWith('/')) symlinkSync(found, join(bin, tool))
    }
    const { status, stderr } = spawnSync('/bin/sh', [SETUP], { env: { PATH: bin, HOME: process.env.HOME ?? '' }, encoding: 'utf8' })
    assert.equal(status, 1)
    assert.match(stderr, /^kopipe cannot be built here: /)
    assert.ok(stderr.includes(missing === 'cc' ? '(cc)' : missing), stderr)
    assert.equal(stderr.trim().split('\n').length, 1, 'one line, no stack trace')
  })
}
