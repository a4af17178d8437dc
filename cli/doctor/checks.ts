/** What `doctor` looks at: each check asks the machine itself, and says what to do where something is missing. */

import { execFile } from 'node:child_process'
import { statfs } from 'node:fs/promises'
import { availableParallelism, cpus, freemem, tmpdir, totalmem } from 'node:os'
import { promisify } from 'node:util'
import { formatSize } from '../../core/sizes.ts'
import { pythonOf } from '../../tokenizer/peers/python.ts'
import { namedPython, probe } from '../../training/engines/torch-python.ts'
import { isLive } from '../session.ts'

export interface Check {
  name: string
  /** `missing` is something that a command wants and others do without; `wrong` is something that all need. */
  state: 'good' | 'missing' | 'wrong'
  found: string
  hint?: string
}

/** A folder with less room than this is told of: a GB of text takes four while it is cleaned. */
const ROOM = 10e9
/** What a run with every default may take. */
const MEMORY = 4e9

export const CHECKS: readonly (() => Promise<Check>)[] = [
  node,
  core,
  processors,
  memory,
  () => disk('.'),
  () => disk(tmpdir()),
  terminal,
  torch,
  peers,
]

async function node(): Promise<Check> {
  return { name: 'Node.js', state: 'good', found: `${process.version}, ${process.platform} ${process.arch}` }
}

/** The addon is loaded, and does what it is asked. */
async function core(): Promise<Check> {
  try {
    const { native } = await import('../../native/index.ts')
    native.startWorkers(1)
    return { name: 'native core', state: 'good', found: `loaded, with ${native.filterReasons().length} reasons of its filters` }
  } catch (error) {
    return { name: 'native core', state: 'wrong', found: (error as Error).message, hint: '`make build` builds it.' }
  }
}

async function processors(): Promise<Check> {
  const model = cpus()[0]?.model.trim() || 'unknown'
  return { name: 'processors', state: 'good', found: `${availableParallelism()}, ${model}` }
}

/** What a container may have counts, not what the machine has. */
async function memory(): Promise<Check> {
  const bound = process.constrainedMemory()
  const all = bound > 0 ? Math.min(bound, totalmem()) : totalmem()
  const found = `${formatSize(all)}, ${formatSize(Math.min(all, freemem()))} of it free`
  if (all >= MEMORY) return { name: 'memory', state: 'good', found }
  return {
    name: 'memory',
    state: 'missing',
    found,
    hint: `Commands keep to --memory, ${formatSize(MEMORY)} unless told otherwise: give less.`,
  }
}

async function disk(folder: string): Promise<Check> {
  const name = folder === '.' ? 'disk here' : `disk of ${folder}`
  const { bavail, bsize } = await statfs(folder)
  const free = Number(bavail) * Number(bsize)
  const found = `${formatSize(free)} free`
  if (free >= ROOM) return { name, state: 'good', found }
  return { name, state: 'missing', found, hint: '`kopipe plan INPUT` says what a run needs.' }
}

async function terminal(): Promise<Check> {
  const { stderr, env } = process
  const utf8 = /utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || '')
  const view = `${stderr.columns} columns${isLive(stderr, env) ? '' : ', plain lines'}${env.NO_COLOR ? ', no colours asked for' : ''}`
  const kind = stderr.isTTY ? view : 'none: plain lines'
  if (utf8 || !stderr.isTTY) return { name: 'terminal', state: 'good', found: kind }
  return {
    name: 'terminal',
    state: 'missing',
    found: `${kind}, not of UTF-8`,
    hint: 'Hangul may not show: set LANG=C.UTF-8 or ko_KR.UTF-8.',
  }
}

async function torch(): Promise<Check> {
  const name = 'torch'
  const python = namedPython(undefined)
  if (python === null) {
    const hint = 'For GPUs and faster CPUs: kopipe train --setup-torch. Without, `train` computes in this process.'
    return { name, state: 'missing', found: 'not installed', hint }
  }
  try {
    const found = await probe(python)
    const gpus = found.gpus.map((gpu) => `${gpu.name} (${formatSize(gpu.memory)})`)
    return { name, state: 'good', found: `${found.torch} in ${found.path}, ${gpus.length > 0 ? gpus.join(', ') : 'no GPU'}` }
  } catch (error) {
    return { name, state: 'missing', found: (error as Error).message, hint: 'kopipe train --setup-torch' }
  }
}

async function peers(): Promise<Check> {
  const name = 'HF tokenizers'
  const program = pythonOf()
  try {
    const { stdout } = await promisify(execFile)(program, ['-c', 'import tokenizers; print(tokenizers.__version__)'])
    return { name, state: 'good', found: `${stdout.trim()} in ${program}: a second opinion of tokenize --verify` }
  } catch {
    const hint = `${program} -m pip install tokenizers. Without, --verify asks the JavaScript one alone.`
    return { name, state: 'missing', found: `${program} has none`, hint }
  }
}
