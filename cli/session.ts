/**
 * What a running command shows on stderr, and how it is interrupted: by SIGINT, as a person does, or by SIGTERM, as whoever
 * manages machines does.
 */

import { type Progress, type Session, silent } from '../core/progress.ts'
import { formatCount, formatDuration, formatSize } from '../core/sizes.ts'
import { printable } from './errors.ts'
import { fitting } from './width.ts'

/** A bar is drawn this often, a plain line this seldom (milliseconds). */
const BAR_EVERY = 200
const LINE_EVERY = 5000
/** A stage of as many milliseconds stays on the terminal when it is done. */
const STAYS = 1000
const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** `close` takes away what is drawn; a stage that was `done` leaves its line, as one does that the next one follows. */
export function openSession({ quiet, verb }: { quiet: boolean; verb: string }): Session & { close(end: 'done' | 'failed'): void } {
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
    close(end) {
      for (const signal of SIGNALS) process.off(signal, interrupt)
      bar?.close(end)
    },
  }
}

/** Whether progress is drawn over and over: a terminal that cannot go back in a line is none. */
export function isLive(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && env.TERM !== 'dumb'
}

class Bar implements Progress {
  readonly #verb: string
  readonly #terminal = isLive(process.stderr, process.env)
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
    this.#endStage()
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

  close(end: 'done' | 'failed'): void {
    clearInterval(this.#timer)
    if (end === 'done') this.#endStage()
    this.#stage = ''
    process.stderr.write(this.#erase())
  }

  /** A stage that took its time stays on the terminal, with what came of it. */
  #endStage(): void {
    const seconds = this.#seconds()
    if (!this.#terminal || this.#stage === '' || 1000 * seconds < STAYS) return
    const parts = [`✓ ${this.#verb} · ${this.#stage}`, formatDuration(seconds), ...this.#counted(seconds)]
    process.stderr.write(`${this.#erase()}${fitting(printable(parts.join('  ')), this.#columns())}\n`)
  }

  #seconds(): number {
    return (performance.now() - this.#began) / 1000
  }

  #counted(seconds: number): string[] {
    return [
      ...(this.#docs > 0 ? [`${formatCount(this.#docs)} documents`] : []),
      ...(this.#bytes > 0 ? [`${formatSize(this.#bytes / seconds)}/s`] : []),
      ...(this.#dropped > 0 ? [`${formatCount(this.#dropped)} dropped`] : []),
    ]
  }

  /** One is left free, and two for the `^C` that a terminal shows. */
  #columns(): number {
    return (process.stderr.columns ?? 80) - 3
  }

  #draw(): void {
    if (!this.#stage) return
    const seconds = this.#seconds()
    const share = this.#total ? Math.min(1, this.#of / this.#total) : undefined
    const left =
      share !== undefined && share > 0 && share < 1 && seconds > 2 ? [`${formatDuration((seconds * (1 - share)) / share)} left`] : []
    const held = `${formatSize(process.memoryUsage.rss())} held`
    const begin = `${this.#verb} · ${this.#stage}`
    const done = share === undefined ? [] : [`${(100 * share).toFixed(0)} %`]
    const counted = this.#counted(seconds)
    if (!this.#terminal) {
      process.stderr.write(`${printable([begin, ...done, ...counted, held, ...left, this.#detail].filter(Boolean).join('  '))}\n`)
      return
    }
    const columns = this.#columns()
    const bars = share === undefined ? [] : [bar(share)]
    // What matters most stands first: the end of a narrow terminal cuts the rest.
    const wide = [begin, ...bars, ...done, ...left, ...counted, held]
    const narrow = [begin, ...done, ...left, ...counted, held]
    const line = (fits(wide.join('  '), columns) ? wide : narrow).join('  ')
    const withDetail = `${line}  ${this.#detail}`
    // A detail that has no room beside the rest stands under it.
    const lines = this.#detail === '' ? [line] : fits(withDetail, columns) ? [withDetail] : [line, `  ${this.#detail}`]
    process.stderr.write(`${this.#erase()}${lines.map((text) => fitting(printable(text), columns)).join('\n')}`)
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

function fits(text: string, columns: number): boolean {
  return fitting(text, columns) === text
}

function bar(share: number): string {
  const full = Math.round(20 * share)
  return '█'.repeat(full) + '░'.repeat(20 - full)
}
