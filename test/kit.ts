/** What the black-box tests share: a folder of their own, the command as a user runs it, and what it left behind. */

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, relative, resolve } from 'node:path'
import type { TestContext } from 'node:test'
import { zstdDecompressSync } from 'node:zlib'
import { PEERS } from '../scripts/peers.ts'
import { namedPython } from '../training/engines/torch-python.ts'

const ROOT = resolve(import.meta.dirname, '..')
export const KOPIPE = join(ROOT, 'kopipe')

/** The real corpus, where it is there. */
const corpus = process.env.KOPIPE_CORPUS ?? join(ROOT, '..', 'shared', 'corpus')

/** A file of the corpus; skips the test, saying so, where the corpus is absent. */
export function corpusFile(t: TestContext, name: string): string | undefined {
  const path = join(corpus, name)
  if (existsSync(path)) return path
  t.skip(`SKIPPED: no corpus at ${corpus} (set KOPIPE_CORPUS)`)
  return undefined
}

/** The Python that has the peers; skips the test, saying so, where there is none. */
export function peersPython(t: TestContext): string | undefined {
  if (existsSync(PEERS)) return PEERS
  t.skip(`SKIPPED: no Python at ${PEERS} (set KOPIPE_PEERS to one with test/requirements*.txt)`)
  return undefined
}

/** The Python that has torch, as `train` finds it; skips the test, saying so, where there is none. */
export function torchPython(t: TestContext): string | undefined {
  const python = namedPython(undefined)
  if (python === null) t.skip('SKIPPED: no torch (bring it with `kopipe train --setup-torch`)')
  return python ?? undefined
}

/** A Chromium, or a browser like it; skips the test, saying so, where there is none. */
export function chromium(t: TestContext): string | undefined {
  const named = process.env.KOPIPE_CHROMIUM
  const folders = (process.env.PATH ?? '').split(delimiter)
  const names = ['chromium', 'chromium-browser', 'google-chrome']
  const found = named || names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path))
  if (found === undefined) t.skip('SKIPPED: no chromium (scripts/debian brings one, or set KOPIPE_CHROMIUM)')
  return found
}

/** Runs a script of test/golden with the Python that has the peers; skips the test, saying so, where there is none. */
export function peer(t: TestContext, args: readonly string[], script = 'peer.py'): Promise<Record<string, unknown> | undefined> {
  const python = peersPython(t)
  if (!python) return Promise.resolve(undefined)
  return new Promise((done, failed) => {
    execFile(python, [join(ROOT, 'test', 'golden', script), ...args], { maxBuffer: 2 ** 26 }, (error, stdout) => {
      if (error) failed(error)
      else done(JSON.parse(stdout) as Record<string, unknown>)
    })
  })
}

/** A temporary folder, removed after the test. */
export function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'kopipe-test-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

export interface Run {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
  /** The last line of stdout, where `--json` was given. */
  summary: Summary
}

export interface Summary {
  read: Count
  kept: Count
  dropped: Record<string, Count>
  malformed: Count
  seconds: number
  artifact: string
  [more: string]: unknown
}

export interface Count {
  docs: number
  bytes: number
}

export interface RunOptions {
  env?: Record<string, string>
  /** Runs as this user, where the tests run as root. */
  uid?: number
  /** Called when the process has started. */
  started?: (child: ChildProcess) => void
}

export function kopipe(args: readonly string[], { env = {}, uid, started }: RunOptions = {}): Promise<Run> {
  return new Promise((done, failed) => {
    const child = spawn(KOPIPE, args, { env: { ...process.env, ...env }, ...(uid !== undefined && { uid }) })
    let [stdout, stderr] = ['', '']
    // A character may come in two pieces.
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      stdout += chunk
    })
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      stderr += chunk
    })
    child.on('error', failed)
    child.on('close', (code, signal) => {
      const last = stdout.trimEnd().split('\n').at(-1) ?? ''
      const summary = (last.startsWith('{') ? JSON.parse(last) : {}) as Summary
      done({ code, signal, stdout, stderr, summary })
    })
    started?.(child)
  })
}

/**
 * Every file below a folder by relative path, as length and digest: a difference is told without its bytes. What a record
 * says of `seconds` is left out: they alone may differ between two runs.
 */
export function tree(path: string): Map<string, string> {
  const files = new Map<string, string>()
  const walk = (at: string) => {
    for (const name of readdirSync(at).sort()) {
      const child = join(at, name)
      if (statSync(child).isDirectory()) walk(child)
      else files.set(relative(path, child), digest(name.endsWith('.json') ? timeless(child) : readFileSync(child)))
    }
  }
  walk(path)
  return files
}

function timeless(path: string): Buffer {
  return Buffer.from(JSON.stringify(withoutSeconds(JSON.parse(readFileSync(path, 'utf8')))))
}

/** What may differ between two runs is left out. */
export function withoutSeconds(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, inner) => (key === 'seconds' ? undefined : inner)))
}

function digest(bytes: Buffer): string {
  return `${bytes.length} bytes, sha256 ${createHash('sha256').update(bytes).digest('hex')}`
}

/** The JSON lines of one of an artifact's outputs, in order. */
export function lines(artifact: string, output: 'documents' | 'rejects' | 'duplicates' | 'contamination'): Record<string, unknown>[] {
  const at = join(artifact, output)
  if (!existsSync(at)) return []
  return readdirSync(at)
    .sort()
    .flatMap((name) => {
      const bytes = readFileSync(join(at, name))
      const text = (name.endsWith('.zst') ? unzstd(bytes) : bytes).toString()
      return text.split('\n').filter(Boolean)
    })
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

/** The objects of a file of JSON lines. */
export function jsonLines<T>(path: string): T[] {
  const text = readFileSync(path, 'utf8')
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T)
}

/** All frames of a zst file: Node's function decodes the first and says nothing of the others. */
export function unzstd(bytes: Buffer): Buffer {
  const frames: Buffer[] = []
  for (let rest = bytes; rest.length > 0; ) {
    const { buffer, engine } = zstdDecompressSync(rest, { info: true }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } }
    frames.push(buffer)
    rest = rest.subarray(engine.bytesWritten)
  }
  return Buffer.concat(frames)
}

/** How many of what is drawn at random: some in `make test`, as many as were asked for in `make soak`. */
export function campaign<T>(some: T, all: T): T {
  return process.env.KOPIPE_SOAK ? all : some
}

/** A small seeded generator (mulberry32), so that a failing test fails again. */
export function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** JSON lines that look like a Korean corpus: repeats, short ones, broken ones, NFD, other keys. */
export function koreanLines(count: number, seed: number): string {
  const next = random(seed)
  const pick = <T>(from: readonly T[]) => from[Math.floor(next() * from.length)] as T
  const syllable = () => String.fromCharCode(0xac00 + Math.floor(next() ** 2 * 11172))
  const words = Array.from({ length: 400 }, () => Array.from({ length: 1 + Math.floor(next() * 4) }, syllable).join(''))
  const out: string[] = []
  const texts: string[] = []
  for (let i = 0; i < count; i++) {
    const kind = next()
    if (kind < 0.01) {
      out.push(pick(['not json', '{"text":', '{"text":3}', '{"no":"text"}', '[]']))
      continue
    }
    let text = Array.from({ length: 1 + Math.floor(next() ** 3 * 120) }, () => pick(words)).join(' ')
    if (kind < 0.1 && texts.length > 0) text = pick(texts)
    if (kind > 0.95) text = text.normalize('NFD')
    if (kind > 0.93 && kind < 0.95) text = `all latin ${i}`
    texts.push(text)
    out.push(JSON.stringify({ id: `d${i}`, text, ...(next() < 0.5 && { source: pick(['wiki', 'news', '__proto__']) }), n: i }))
  }
  return `${out.join('\n')}\n`
}

/** The same lines and, behind every third document of 20 words and more, a copy of it with one word changed. */
export function withNearDuplicates(jsonLines: string): string {
  return jsonLines
    .split('\n')
    .flatMap((line, i) => {
      if (i % 3 > 0 || !line.startsWith('{"id"')) return [line]
      const { id, text, ...more } = JSON.parse(line) as { id: string; text: string }
      const words = text.split(' ')
      if (words.length < 20) return [line]
      words[i % words.length] = '바뀐'
      return [line, JSON.stringify({ id: `${id}-near`, text: words.join(' '), ...more })]
    })
    .join('\n')
}
