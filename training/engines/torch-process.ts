/**
 * The torch engine's process: started, asked one thing at a time over a socket of its own, and what becomes of it.
 *
 * With several processes torchrun starts them; only the first is connected. They are a process group apart, so that a
 * terminal's interrupt reaches the loop alone; when the socket closes they end by themselves, and are ended if they do not.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KopipeError } from '../../core/errors.ts'

export interface Launch {
  readonly python: string
  /** Processes on this machine. */
  readonly processes: number
  /** Of `torchrun`, where several machines train together. */
  readonly nodes?: Nodes
  readonly threads: number
  readonly deterministic?: boolean
}

/** Machines that train together. */
export interface Nodes {
  readonly count: number
  /** Of this one; the loop is on that of rank 0. */
  readonly rank: number
  /** `HOST:PORT` on that of rank 0. */
  readonly rendezvous: string
}

/** Milliseconds that one answer may take: the first step compiles, a checkpoint of many gigabytes is written. */
const PATIENCE = 30 * 60_000
/** Milliseconds that a process has to end by itself. */
const GRACE = 5000
/** Files without their seal are no checkpoint. */
const GOES_ON = 'What checkpoints there are are whole: the same command goes on from the last.'
/** Lines of what it wrote last that are shown when it dies. */
const LAST_WORDS = 12
/** Characters of such a line. */
const LONGEST_WORD = 2000

export const WORKER = join(import.meta.dirname, 'torch', 'worker.py')

export class TorchProcess {
  readonly #child: ChildProcess
  readonly #patience: number
  readonly #closed: Promise<unknown>
  #socket: Socket | null = null
  /** Settles the one request that is out. */
  #waiting: { resolve(answer: object): void; reject(error: Error): void } | null = null
  #words: string[] = []
  #ended: KopipeError | null = null

  private constructor(child: ChildProcess, patience: number) {
    this.#child = child
    this.#patience = patience
    this.#closed = new Promise((resolve) => child.once('close', resolve))
    let rest = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = (lines.pop() ?? '').slice(-LONGEST_WORD)
      this.#hear(lines)
    })
    child.stderr?.on('end', () => this.#hear([rest]))
    child.on('error', (error) => this.#end(new KopipeError('engine', `${child.spawnfile} did not start: ${error.message}`)))
    // Not 'exit': the last words come first.
    child.on('close', (code, signal) => this.#end(this.#death(code, signal)))
  }

  /** Starts the processes and waits until the first has connected. */
  static async start(launch: Launch, patience = PATIENCE): Promise<TorchProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'kopipe-'))
    const path = join(folder, 'engine')
    const server = createServer()
    server.listen(path)
    await once(server, 'listening')
    const started = new TorchProcess(spawnedOf(launch, { KOPIPE_SOCKET: path }), patience)
    try {
      await started.#connect(server)
    } finally {
      server.close()
      await rm(folder, { recursive: true, force: true })
    }
    return started
  }

  /** Starts the processes of a machine without the loop, which are told all by the first process, and waits for their end. */
  static async follow(launch: Launch, signal: AbortSignal): Promise<void> {
    const following = new TorchProcess(spawnedOf(launch, {}), PATIENCE)
    const stop = () => following.#kill()
    signal.addEventListener('abort', stop)
    await following.#closed
    signal.removeEventListener('abort', stop)
    if (following.#child.exitCode !== 0 && !signal.aborted) throw following.#ended
  }

  /** Asks; `body` are bytes that follow the request. */
  async ask<T extends object>(request: { do: string } & Record<string, unknown>, body?: AsyncIterable<Uint8Array>): Promise<T> {
    if (this.#ended) throw this.#ended
    const answer = new Promise<object>((resolve, reject) => {
      this.#waiting = { resolve, reject }
    })
    // It may fail while the body is sent, where nobody waits for it yet.
    answer.catch(() => {})
    const timer = setTimeout(() => this.#hangs(request.do), this.#patience)
    try {
      await this.#send(`${JSON.stringify(request)}\n`)
      for await (const bytes of body ?? []) await this.#send(bytes)
      return (await answer) as T
    } finally {
      clearTimeout(timer)
    }
  }

  async close(): Promise<void> {
    if (this.#ended) return
    this.#ended = new KopipeError('internal', 'the torch engine is closed')
    this.#socket?.end()
    const timer = setTimeout(() => this.#kill(), GRACE)
    await this.#closed
    clearTimeout(timer)
  }

  async #connect(server: Server): Promise<void> {
    const timer = setTimeout(() => this.#hangs('start'), this.#patience)
    const connected = new Promise<Socket>((resolve, reject) => {
      this.#waiting = { resolve: () => {}, reject }
      server.once('connection', resolve)
    })
    const socket = await connected.finally(() => clearTimeout(timer))
    this.#waiting = null
    this.#socket = socket
    let rest = ''
    socket.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) this.#answer(line)
    })
    // A process that ends says why by its exit.
    socket.on('error', () => {})
  }

  #hear(lines: string[]): void {
    const words = lines.filter((line) => line.trim()).map((line) => line.slice(-LONGEST_WORD))
    this.#words = [...this.#words, ...words].slice(-LAST_WORDS)
  }

  #answer(line: string): void {
    const waiting = this.#waiting
    this.#waiting = null
    const answer = parsed(line)
    if ('ok' in answer) waiting?.resolve(answer.ok)
    else waiting?.reject(refusal(answer))
  }

  async #send(bytes: string | Uint8Array): Promise<void> {
    if (this.#ended) throw this.#ended
    const socket = this.#socket as Socket
    if (!socket.write(bytes)) await Promise.race([once(socket, 'drain'), this.#closed])
  }

  #end(error: KopipeError): void {
    this.#ended ??= error
    this.#waiting?.reject(this.#ended)
    this.#waiting = null
    this.#socket?.destroy()
  }

  #hangs(what: string): void {
    this.#end(
      new KopipeError(
        'engine',
        `the torch engine has not answered '${what}' for ${Math.round(this.#patience / 60_000)} minutes: it hangs`,
        {
          hint: GOES_ON,
        },
      ),
    )
    this.#kill()
  }

  #kill(): void {
    // The group: torchrun's workers, too.
    if (!this.#child.pid || this.#child.exitCode !== null) return
    try {
      process.kill(-this.#child.pid, 'SIGKILL')
    } catch (error) {
      // It has ended in between.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }

  #death(code: number | null, signal: NodeJS.Signals | null): KopipeError {
    const how = signal ? `was ended by ${signal}` : `ended with code ${code}`
    const killed = signal === 'SIGKILL' ? ' (the system does that when memory is short)' : ''
    const words = this.#words.length > 0 ? `; it said last:\n${this.#words.map((line) => `  ${line}`).join('\n')}` : ''
    return new KopipeError('engine', `the torch engine ${how}${killed}${words}`, {
      hint: GOES_ON,
    })
  }
}

/** What a worker that failed says of it. */
interface Refusal {
  error: 'memory' | 'machine-memory' | 'disk-full' | 'io' | 'invalid' | 'internal'
  message: string
  path?: string | null
}

function parsed(line: string): { ok: object } | Refusal {
  try {
    return JSON.parse(line) as { ok: object } | Refusal
  } catch {
    return { error: 'internal', message: `an answer that is not JSON: ${line.slice(0, 200)}` }
  }
}

function refusal({ error, message, path }: Refusal): KopipeError {
  const hint = 'A smaller --micro-batch or --recompute needs less; checkpoints are whole.'
  switch (error) {
    case 'memory':
      return new KopipeError('engine', `the GPU's memory is full: ${message.split('. ')[0]}`, { hint })
    case 'machine-memory':
      return new KopipeError('engine', `this machine's memory is full: ${message.split('\n')[0]}`, { hint })
    case 'disk-full':
    case 'io':
      return new KopipeError(error, `the torch engine cannot use ${path ?? 'a file'}: ${message}`, {
        ...(path && { path }),
        hint: GOES_ON,
      })
    case 'invalid':
      return new KopipeError('invalid', message)
    case 'internal':
      return new KopipeError('internal', `the torch engine: ${message}`)
  }
}

function spawnedOf(launch: Launch, environment: Record<string, string>): ChildProcess {
  const { python, processes, nodes } = launch
  const torchrun = ['-m', 'torch.distributed.run', ...(nodes ? placesOf(nodes) : ['--standalone']), '--nproc-per-node', `${processes}`]
  return spawn(python, [...(processes > 1 || nodes ? torchrun : []), WORKER], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
    env: { ...process.env, ...environmentOf(launch), ...environment },
  })
}

function placesOf({ count, rank, rendezvous }: Nodes): string[] {
  const port = rendezvous.lastIndexOf(':')
  const address = ['--master-addr', rendezvous.slice(0, port), '--master-port', rendezvous.slice(port + 1)]
  return ['--nnodes', `${count}`, '--node-rank', `${rank}`, ...address]
}

function environmentOf({ threads, deterministic }: Launch): Record<string, string> {
  return {
    PYTHONUNBUFFERED: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    OMP_NUM_THREADS: `${threads}`,
    // Threads that spin for work take the cores of those that have some.
    OMP_WAIT_POLICY: 'PASSIVE',
    PYTORCH_CUDA_ALLOC_CONF: 'expandable_segments:True',
    // Without it cuBLAS may add up in another order from run to run: seen on an H200 in bf16 after two steps, with it never.
    ...(deterministic && { CUBLAS_WORKSPACE_CONFIG: ':4096:8' }),
  }
}
