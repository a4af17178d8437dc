/** `kopipe plan` as a user has it: on files, on a published size, refused; and nothing is left of it. */

import assert from 'node:assert/strict'
import { readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Planned } from '../../core/plan.ts'
import { folder, kopipe, koreanLines } from '../kit.ts'

interface Plan {
  volume: { text: number; documents: number }
  commands: Planned[]
  warnings: string[]
  seconds: number
}

async function plan(args: string[]): Promise<Plan & { stdout: string }> {
  const run = await kopipe(['plan', ...args, '--json'])
  assert.equal(run.code, 0, run.stderr)
  return { ...(run.summary as unknown as Plan), stdout: run.stdout }
}

function corpus(t: TestContext, documents = 3000): { at: string; file: string } {
  const at = folder(t)
  const file = join(at, 'a.jsonl')
  writeFileSync(file, koreanLines(documents, 3))
  return { at, file }
}

const flags = ['--workers', '1', '--vocab-size', '400']

test('a small input is run whole: the plan is what the commands do', async (t) => {
  const { at, file } = corpus(t)
  const planned = await plan([file, '-o', at, ...flags])
  const [clean, tokenize, pack] = planned.commands as [Planned, Planned, Planned]
  assert.deepEqual(
    planned.commands.map(({ command }) => command),
    ['clean', 'tokenize', 'pack'],
  )
  assert.deepEqual(readdirSync(at), ['a.jsonl'])
  const out = join(at, 'clean')
  const { read, kept } = (await kopipe(['clean', file, '-o', out, '--workers', '1', '--json'])).summary
  assert.ok(Math.abs(clean.in.text / read.bytes - 1) < 0.2, `${clean.in.text} of ${read.bytes}`)
  assert.ok(Math.abs(clean.out.text / clean.in.text / (kept.bytes / read.bytes) - 1) < 0.01)
  for (const { seconds, memory, disk } of [clean, tokenize, pack]) {
    assert.ok(seconds > 0 && memory.peak > 5e7 && disk.peak >= disk.result && disk.result > 0)
  }
  assert.match(planned.stdout, /in all/)
})

test('flags change the plan as they change the commands', async (t) => {
  const { at, file } = corpus(t)
  const stagesOf = async (...more: string[]) =>
    (await plan([file, '-o', at, ...flags, ...more])).commands.map(({ stages }) => stages.map(({ stage }) => stage))
  const [near, off] = [await stagesOf(), await stagesOf('--dedupe', 'off', '--format', 'parquet')]
  assert.ok(near[0]?.includes('comparing them'))
  assert.ok(!off[0]?.includes('comparing them') && off[0]?.includes('writing'))
  const none = await plan([file, '-o', at, ...flags, '--recipe', 'none', '--dedupe', 'off'])
  const malformed = 0.02 * none.volume.text
  const [clean] = none.commands as [Planned]
  assert.ok(clean.out.text > clean.in.text - malformed)
})

test('a published size is planned by text that is named, and more is warned of than there is', async (t) => {
  const { at, file } = corpus(t)
  const manifest = resolve(import.meta.dirname, '../../data-manifests/polyglot-ko.yaml')
  const planned = await plan([manifest, '--calibrate', file, '-o', at, ...flags])
  assert.deepEqual(planned.volume, { text: 1.2e12, documents: 355e6 })
  assert.match(planned.stdout, /Polyglot-Ko's training corpus: 1\.20 TB before processing, as published/)
  const both = await plan([manifest, file, '--calibrate', file, '-o', at, ...flags])
  assert.ok(both.volume.text > 1.2e12 && both.volume.documents > 355e6)
  const tight = await kopipe(['plan', manifest, '--calibrate', file, '-o', at, ...flags, '--memory', '1GB'])
  assert.match(tight.stdout, /warning: clean: finding the duplicates of 355,000,000 documents needs --memory 3\.02 GB/)
})

test('what the commands would refuse is refused before anything is measured', async (t) => {
  const { at, file } = corpus(t, 10)
  const cases: [args: string[], code: number, told: RegExp][] = [
    [[join(at, 'none.jsonl')], 1, /no such input/],
    [[file, '--recipe', 'kp'], 2, /no recipe or file named "kp"/],
    [[file, '--memory', '1MB'], 2, /--memory 1MB is too small/],
    [[file, '--format', 'xml'], 2, /--format: expected one of/],
  ]
  const empty = join(at, 'empty.yaml')
  writeFileSync(empty, 'title: x\nsources: [{ name: a }]\n')
  cases.push([[empty], 1, /no size is published/])
  for (const [args, code, told] of cases) {
    const run = await kopipe(['plan', ...args, '-o', at])
    assert.equal(run.code, code, run.stderr)
    assert.match(run.stderr, told)
  }
  assert.deepEqual(readdirSync(at).sort(), ['a.jsonl', 'empty.yaml'])
})

test('interrupted, it leaves nothing', async (t) => {
  const { at, file } = corpus(t)
  const begun = () => readdirSync(at).some((name) => name.startsWith('.kopipe-plan-'))
  const run = await kopipe(['plan', file, '-o', at, ...flags], {
    started: (child) => {
      const look = setInterval(() => {
        if (!begun()) return
        clearInterval(look)
        child.kill('SIGINT')
      }, 5)
      t.after(() => clearInterval(look))
    },
  })
  assert.equal(run.code, 130, run.stderr)
  assert.match(run.stderr, /interrupted; nothing is left of it/)
  assert.deepEqual(readdirSync(at), ['a.jsonl'])
})
