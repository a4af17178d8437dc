/**
 * What a running command shows on stderr, and how it is interrupted: by SIGINT, as a person does, or by SIGTERM, as whoever
 * manages machines does.
 */

import { type Progress, type Session, silent } from '../core/progress.ts'
import { formatCount, formatSize } from '../core/sizes.ts'
import { printable } from './errors.ts'

/** A bar is drawn this often, a plain line this seldom (milliseconds). */
const BAR_EVERY = 200
const LINE_EVERY = 5000
const SIGNALS = ['SIGINT', 'SIGTERM'] as const

export function openSession({ quiet, verb }: { quiet: boolean; verb: string }): Session & { close(): void } {
  const stop = new AbortController()
  const bar = quiet ? undefined : new Bar(verb)
  const interrupt = () => {
    if (stop.signal.aborted) process.exit(130)
    stop.abort()
    bar?.note('interrupted: finishing what is begun (again to stop at once)')
  }
  for (const signal of SIGNALS) process.on(signal, interrupt)
  return {
    progress: bar ?? silent,
    signal: stop.signal,
    close() {
      for (const signal of SIGNALS) process.off(signal, interrupt)
      bar?.close()
    },
  }
}

class Bar implements Progress {
  readonly #verb: string
  readonly #terminal = process.stderr.isTTY === true
  readonly #timer: NodeJS.Timeout
  #stage = ''
  #total: number | undefined
  #began = performance.now()
  #of = 0
  #docs = 0
  #bytes = 0
  #dropped = 0
  #detail = ''
  /** Lines that stand on the terminal. */
  #drawn = 0

  constructor(verb: string) {
    this.#verb = verb
    this.#timer = setInterval(() => this.#draw(), this.#terminal ? BAR_EVERY : LINE_EVERY).unref()
  }

  stage(name: string, total?: number): void {
    this.#stage = name
    this.#total = total
    this.#began = performance.now()
    this.#of = this.#docs = this.#bytes = this.#dropped = 0
    this.#detail = ''
  }

  advance(step: { of?: number; docs?: number; bytes?: number; dropped?: number; detail?: string }): void {
    this.#of += step.of ?? 0
    this.#docs += step.docs ?? 0
    this.#bytes += step.bytes ?? 0
    this.#dropped += step.dropped ?? 0
    this.#detail = step.detail ?? this.#detail
  }

  note(line: string): void {
    process.stderr.write(`${this.#erase()}${printable(line)}\n`)
  }

  close(): void {
    clearInterval(this.#timer)
    process.stderr.write(this.#erase())
  }

  #draw(): void {
    if (!this.#stage) return
    const seconds = (performance.now() - this.#began) / 1000
    const parts = [`${this.#verb} · ${this.#stage}`]
    const share = this.#total ? Math.min(1, this.#of / this.#total) : undefined
    if (share !== undefined) parts.push(`${this.#terminal ? `${bar(share)} ` : ''}${(100 * share).toFixed(0)} %`)
    if (this.#docs > 0) parts.push(`${formatCount(this.#docs)} documents`)
    if (this.#bytes > 0) parts.push(`${formatSize(this.#bytes / seconds)}/s`)
    if (this.#dropped > 0) parts.push(`${formatCount(this.#dropped)} dropped`)
    if (share !== undefined && share > 0 && share < 1 && seconds > 2) parts.push(`${clock((seconds * (1 - share)) / share)} left`)
    const line = [...parts, ...(this.#detail ? [this.#detail] : [])].join('  ')
    if (!this.#terminal) {
      process.stderr.write(`${line}\n`)
      return
    }
    const columns = (process.stderr.columns ?? 80) - 1
    // A detail that has no room beside the bar stands under it.
    const lines = line.length > columns && this.#detail ? [parts.join('  '), `  ${this.#detail}`] : [line]
    process.stderr.write(`${this.#erase()}${lines.map((text) => text.slice(0, columns)).join('\n')}`)
    this.#drawn = lines.length
  }

  /** What takes away the lines that stand on the terminal. */
  #erase(): string {
    if (!this.#terminal) return ''
    const up = this.#drawn > 1 ? '\x1b[1A' : ''
    this.#drawn = 0
    return `\r\x1b[K${up && `${up}\r\x1b[K`}`
  }
}

function bar(share: number): string {
  const full = Math.round(20 * share)
  return '█'.repeat(full) + '░'.repeat(20 - full)
}

function clock(seconds: number): string {
  const s = Math.round(seconds)
  return s < 60
    ? `${s} s`
    : s < 3600
      ? `${Math.floor(s / 60)} min ${s % 60} s`
      : `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`
}
