/**
 * The Python that the torch engine runs in: the one that is named, or the one that `--setup-torch` made in the user's
 * cache folder. What it has is asked of itself before anything begins.
 */

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { KopipeError } from '../../core/errors.ts'
import type { Progress } from '../../core/progress.ts'
import type { EngineName } from './options.ts'

export interface Gpu {
  readonly name: string
  /** Bytes. */
  readonly memory: number
  readonly bf16: boolean
}

/** What a Python has. */
export interface Found {
  readonly path: string
  readonly python: string
  readonly torch: string
  readonly gpus: readonly Gpu[]
}

/** What is installed; the GPU build, which computes on CPUs, too. */
const PACKAGES = ['torch==2.13.0', 'numpy==2.4.6', 'safetensors==0.8.0']
const INSTALLED = '4.9 GB on the disk, half a minute to five by the line to the package registry'
/** The oldest that has what the worker uses. */
const OLDEST = [2, 6] as const
const PROBE = join(import.meta.dirname, 'torch', 'probe.py')
/** Milliseconds that importing torch may take on a cold disk. */
const PATIENCE = 300_000

/** The Python that is named, or made; null where there is neither. */
export function namedPython(flag: string | undefined): string | null {
  const named = flag ?? process.env.KOPIPE_PYTHON
  if (named) return named
  const made = pythonOf(torchFolder())
  return existsSync(made) ? made : null
}

/** The Python for an engine that is asked for; null where `auto` finds none, and an error where torch has to be. */
export function pythonFor(engine: EngineName, flag: string | undefined): string | null {
  const python = engine === 'jax' ? null : namedPython(flag)
  if (python || engine !== 'torch') return python
  throw new KopipeError('engine', 'there is no torch: none is installed by kopipe, and neither --python nor KOPIPE_PYTHON names one', {
    hint: 'Install it: kopipe train --setup-torch',
  })
}

/**
 * Asks a Python what it has; an error in one line where something is missing or does not work. Importing torch takes
 * seconds: `quick` looks up what is installed where there is no GPU to ask torch for.
 */
export async function probe(path: string, how: 'whole' | 'quick' = 'whole'): Promise<Found> {
  const hint = 'Install it there, or have it all installed apart: kopipe train --setup-torch'
  const args = how === 'quick' ? [PROBE, '--quick'] : [PROBE]
  const { stdout } = await promisify(execFile)(path, args, { timeout: PATIENCE }).catch((error: Error & { stderr?: string }) => {
    const why = error.stderr?.trim().split('\n').at(-1) || error.message
    throw new KopipeError('engine', `${path} does not run as a Python 3.10 or newer with torch: ${why}`, { path, hint })
  })
  const found = JSON.parse(stdout) as Omit<Found, 'path'> & { missing: string[]; broken: string | null }
  if (found.missing.length > 0) {
    throw new KopipeError('engine', `${path} (Python ${found.python}) lacks ${found.missing.join(', ')}`, { path, hint })
  }
  if (found.broken) throw new KopipeError('engine', `${path} (Python ${found.python}) cannot import ${found.broken}`, { path, hint })
  const [major = 0, minor = 0] = found.torch.split('.').map(Number)
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    throw new KopipeError('engine', `${path} has torch ${found.torch}; ${OLDEST.join('.')} or newer is needed`, { path, hint })
  }
  return { path, python: found.python, torch: found.torch, gpus: found.gpus }
}

/** Why a process of it did not start: what does not work in that Python, in a line, or else how the process ended. */
export async function whyNotStarted(path: string, ended: unknown): Promise<unknown> {
  return probe(path).then(
    () => ended,
    (error: unknown) => error,
  )
}

/** Installs torch and what the worker needs into a venv of its own; what is there already stays. */
export async function setUpTorch(flag: string | undefined, progress: Progress): Promise<Found> {
  const folder = torchFolder()
  const base = flag ?? process.env.KOPIPE_PYTHON ?? 'python3'
  const there = await probe(pythonOf(folder)).catch(() => null)
  if (there) {
    progress.note(`torch ${there.torch} is installed already: ${folder}`)
    return there
  }
  progress.note(`installing ${PACKAGES.join(', ')} into ${folder}: ${INSTALLED}`)
  await mkdir(folder, { recursive: true })
  await running(base, ['-m', 'venv', folder], progress)
  await running(pythonOf(folder), ['-m', 'pip', 'install', '--disable-pip-version-check', '--progress-bar', 'off', ...PACKAGES], progress)
  return probe(pythonOf(folder))
}

export function torchFolder(): string {
  const caches = process.platform === 'darwin' ? join(homedir(), 'Library', 'Caches') : join(homedir(), '.cache')
  return join(process.env.XDG_CACHE_HOME || caches, 'kopipe', 'torch')
}

function pythonOf(folder: string): string {
  return join(folder, 'bin', 'python')
}

async function running(command: string, args: string[], progress: Progress): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let last = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      last = text.trim().split('\n').at(-1) || last
      progress.advance({ detail: last })
    })
  }
  const [code] = (await Promise.race([once(child, 'close'), once(child, 'error').then(([error]) => [(error as Error).message])])) as [
    unknown,
  ]
  if (code !== 0) {
    throw new KopipeError('engine', `${command} ${args.slice(0, 3).join(' ')} … failed (${String(code)}): ${last}`, {
      hint: 'Name a Python with torch, numpy and safetensors instead: --python PATH, or KOPIPE_PYTHON.',
    })
  }
}
