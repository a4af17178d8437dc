/** Torch's processes on the built command: several of them, and what becomes of a run when they die, hang or are not there. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { TorchProcess } from '../../training/engines/torch-process.ts'
import { folder, kopipe, torchPython } from '../kit.ts'
import { chains, writeDataset } from './shards.ts'

const SMALL = ['--sequence-length', '32', '--batch-size', '8', '--engine', 'torch', '--workers', '1']

function prepared(t: TestContext): { data: string; out: string; python: string } | undefined {
  const python = torchPython(t)
  if (!python) return undefined
  const dir = folder(t)
  return { data: writeDataset(join(dir, 'data'), chains(400, 500, 1), 500), out: join(dir, 'model'), python }
}

/** A Python that is a script: what it does comes before the real one, if that comes at all. */
function wrapped(t: TestContext, script: string): string {
  const path = join(folder(t), 'python')
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
  return path
}

test('two machines, one process each, train one model', { timeout: 300_000 }, async (t) => {
  const at = prepared(t)
  if (!at) return
  const alone = await kopipe(['train', at.data, '-o', `${at.out}-alone`, ...SMALL, '--steps', '12', '--json'])
  assert.equal(alone.code, 0, alone.stderr)
  const nodes = ['--nodes', '2', '--rendezvous', `127.0.0.1:${await freePort()}`, '--json']
  const [first, second] = await Promise.all([
    kopipe(['train', at.data, '-o', at.out, ...SMALL, '--steps', '12', ...nodes, '--node-rank', '0', '--processes', '1']),
    kopipe(['train', ...SMALL, ...nodes, '--node-rank', '1', '--processes', '1']),
  ])
  assert.equal(first.code, 0, first.stderr)
  assert.equal(second.code, 0, second.stderr)
  assert.deepEqual([second.summary.node, second.summary.processes], [1, 1])
  const [expected, came] = [alone, first].map((run) => (run.summary as unknown as { loss: number }).loss) as [number, number]
  assert.ok(Math.abs(came - expected) < 1e-4, `${came}, alone ${expected}`)
})

test('a worker that is killed ends the command with a clear word; the last checkpoint is whole and the run goes on', {
  timeout: 300_000,
}, async (t) => {
  const at = prepared(t)
  if (!at) return
  const args = ['train', at.data, '-o', at.out, ...SMALL, '--steps', '150']
  let pid = 0
  const run = kopipe(args, {
    started: (child) => {
      pid = child.pid as number
    },
  })
  await reached(at.out, 110)
  process.kill(Number(execFileSync('pgrep', ['-P', `${pid}`]).toString()), 'SIGKILL')
  const { code, stderr } = await run
  assert.equal(code, 1)
  assert.match(stderr, /the torch engine was ended by SIGKILL \(the system does that when memory is short\)/)
  assert.match(stderr, /the same command goes on/)
  assert.ok(existsSync(join(at.out, 'checkpoints', 'step-000100', 'state.json')))
  const again = await kopipe(args)
  assert.equal(again.code, 0, again.stderr)
  const whole = await kopipe(['train', at.data, '-o', `${at.out}-whole`, ...SMALL, '--steps', '150'])
  assert.equal(whole.code, 0, whole.stderr)
  const model = (out: string) => readFileSync(join(out, 'checkpoints', 'step-000150', 'model.safetensors'))
  assert.ok(model(at.out).equals(model(`${at.out}-whole`)), 'the same model, byte for byte')
})

test('a loss that is no number goes back and, in the end, stops', { timeout: 120_000 }, async (t) => {
  const at = prepared(t)
  if (!at) return
  const run = await kopipe(['train', at.data, '-o', at.out, ...SMALL, '--steps', '30', '--lr', '1e30', '--rollbacks', '1'])
  assert.equal(run.code, 1)
  assert.match(run.stderr, /NaN|Infinity|not finite|no number/)
  assert.match(readFileSync(join(at.out, 'metrics.jsonl'), 'utf8'), /"rollback":/)
})

test('a worker that says nothing is given up', { timeout: 60_000 }, async (t) => {
  const python = wrapped(t, 'sleep 100')
  const started = TorchProcess.start({ python, processes: 1, threads: 1 }, 500)
  await assert.rejects(started, /has not answered 'start' for .* it hangs/)
})

test('a GPU whose memory is full is said, and what to do', { timeout: 60_000 }, async (t) => {
  const at = prepared(t)
  if (!at) return
  const dir = folder(t)
  // A torch whose tensors do not fit.
  const bad = join(dir, 'sitecustomize.py')
  writeFileSync(
    bad,
    'import os\nimport torch\nif "KOPIPE_SOCKET" in os.environ:\n  def full(*a, **k):\n    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has")\n  torch.Tensor.backward = full\n',
  )
  const { code, stderr } = await kopipe(['train', at.data, '-o', at.out, ...SMALL, '--steps', '3'], { env: { PYTHONPATH: dir } })
  assert.equal(code, 1)
  assert.match(stderr, /the GPU's memory is full: CUDA out of memory\n/)
  assert.match(stderr, /A smaller --micro-batch or --recompute needs less/)
})

test('a run goes on with the engine it was begun with, whatever is found since', { timeout: 120_000 }, async (t) => {
  const at = prepared(t)
  if (!at) return
  const args = ['train', at.data, '-o', at.out, '--sequence-length', '32', '--batch-size', '8', '--workers', '1', '--steps', '3']
  const begun = await kopipe([...args, '--engine', 'jax'])
  assert.equal(begun.code, 0, begun.stderr)
  const again = await kopipe(args)
  assert.equal(again.code, 0, again.stderr)
  const other = await kopipe([...args, '--engine', 'torch'])
  assert.equal(other.code, 1)
  assert.match(other.stderr, /engine/)
  const torch = [...args.slice(0, 2), '-o', `${at.out}-torch`, ...args.slice(4)]
  const first = await kopipe([...torch, '--precision', 'bf16'])
  assert.equal(first.code, 0, first.stderr)
  assert.equal((await kopipe(torch)).code, 0, 'its precision, too')
})

test('a disk that is full while a checkpoint is written is said with its path', { timeout: 120_000 }, async (t) => {
  const at = prepared(t)
  if (!at) return
  // Files of this process end at a megabyte; the run's own are smaller, a checkpoint of the worker is not.
  const python = wrapped(t, `trap '' XFSZ; ulimit -f 1024; exec ${at.python} "$@"`)
  const args = ['train', at.data, '-o', at.out, ...SMALL, '--steps', '3']
  const full = await kopipe([...args, '--python', python])
  assert.equal(full.code, 1)
  assert.match(full.stderr, /the torch engine cannot use .*step-\d+\/\w+\.safetensors: File too large/)
  const again = await kopipe([...args, '--python', at.python])
  assert.equal(again.code, 0, again.stderr)
  assert.deepEqual(
    readdirSync(join(at.out, 'checkpoints', 'step-000003')).filter((name) => name.endsWith('.tmp')),
    [],
  )
})

test('a compiler that is not there is said', { timeout: 60_000 }, async (t) => {
  const at = prepared(t)
  if (!at) return
  const run = await kopipe(['train', at.data, '-o', at.out, ...SMALL, '--steps', '2', '--compile'], { env: { CXX: '/nowhere/c++' } })
  assert.equal(run.code, 1)
  assert.match(run.stderr, /^kopipe: --compile wants a C\+\+ compiler on a CPU, and none works here/m)
})

test('what a Python lacks is said in one line', { timeout: 60_000 }, async (t) => {
  const data = writeDataset(join(folder(t), 'data'), chains(100, 50, 1), 50)
  const args = (python: string) => ['train', data, '-o', join(folder(t), 'model'), ...SMALL, '--steps', '2', '--python', python]
  const bare = await kopipe(args('python3'), { env: { PYTHONPATH: '', PYTHONNOUSERSITE: '1' } })
  assert.equal(bare.code, 1)
  assert.match(bare.stderr, /python3 \(Python 3[\d.]+\) lacks torch, numpy, safetensors\n.*--setup-torch/)
  const none = await kopipe(args('/nowhere/python'))
  assert.match(none.stderr, /\/nowhere\/python does not run as a Python .*ENOENT/)
  const nobody = await kopipe(['train', data, '-o', join(folder(t), 'model'), ...SMALL], {
    env: { XDG_CACHE_HOME: folder(t), KOPIPE_PYTHON: '' },
  })
  assert.match(nobody.stderr, /there is no torch/)
  const jax = await kopipe(['train', data, '-o', join(folder(t), 'model'), '--engine', 'jax', '--precision', 'bf16'])
  assert.equal(jax.code, 2)
  assert.match(jax.stderr, /--precision is for the torch engine/)
})

test('torch that is installed and does not work is said in one line', { timeout: 60_000 }, async (t) => {
  const at = prepared(t)
  if (!at) return
  const dir = folder(t)
  mkdirSync(join(dir, 'torch'))
  writeFileSync(join(dir, 'torch', '__init__.py'), 'raise OSError("libgomp.so.1: cannot open shared object file")\n')
  const broken = await kopipe(['train', at.data, '-o', at.out, ...SMALL, '--steps', '2'], { env: { PYTHONPATH: dir } })
  assert.equal(broken.code, 1)
  assert.match(
    broken.stderr,
    /^kopipe: \S+ \(Python 3[\d.]+\) cannot import torch: libgomp\.so\.1: cannot open shared object file\n.*--setup-torch/m,
  )
  const doctor = await kopipe(['doctor'], { env: { PYTHONPATH: dir } })
  assert.match(doctor.stdout + doctor.stderr, /cannot import torch: libgomp/)
  const again = await kopipe(['train', at.data, '-o', at.out, ...SMALL, '--steps', '2'])
  assert.equal(again.code, 0, again.stderr)
})

test('torch that is installed is found, and not installed again', { timeout: 60_000 }, async (t) => {
  const real = torchPython(t)
  if (!real) return
  const cache = folder(t)
  const python = join(cache, 'kopipe', 'torch', 'bin', 'python')
  mkdirSync(dirname(python), { recursive: true })
  symlinkSync(wrapped(t, `exec ${real} "$@"`), python)
  const setUp = await kopipe(['train', '--setup-torch', '--json'], { env: { XDG_CACHE_HOME: cache } })
  assert.equal(setUp.code, 0, setUp.stderr)
  assert.match(setUp.stderr, /^torch \S+ is installed already: /m)
  assert.equal((setUp.summary as unknown as { python: string }).python, python)
})

/** Waits until a step is in the metrics. */
async function reached(out: string, step: number): Promise<void> {
  const path = join(out, 'metrics.jsonl')
  for (;;) {
    const lines = existsSync(out) && readdirSync(out).includes('metrics.jsonl') ? readFileSync(path, 'utf8') : ''
    if (lines.includes(`{"step":${step},`)) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
