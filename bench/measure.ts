/** A command as a user waits for it: seconds, processor time, and the peak of its memory, looked up in /proc while it runs. */

import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Clock ticks a second in /proc. */
const TICKS = 100

export interface Measured {
  wall: number
  /** Seconds of the job alone, where the program says so. */
  own: number
  peak: number
  /** User and system seconds of the process, by wall seconds. */
  load: number
  said: Record<string, unknown>
}

export async function measure(command: string, args: string[], env: Record<string, string> = {}): Promise<Measured> {
  const started = performance.now()
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr, peak, cpu] = ['', '', 0, 0]
  const watch = setInterval(() => {
    try {
      peak = Math.max(peak, 1024 * Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0))
      const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
      cpu = (Number(stat[11]) + Number(stat[12])) / TICKS
    } catch {
      // It has ended between two looks.
    }
  }, 20)
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const code = await new Promise<number | null>((done) => child.on('close', done))
  clearInterval(watch)
  const wall = (performance.now() - started) / 1000
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${stderr.slice(-2000)}`)
  const last = stdout.trimEnd().split('\n').at(-1) ?? ''
  const said = last.startsWith('{') ? (JSON.parse(last) as Record<string, unknown>) : {}
  return { wall, own: typeof said.seconds === 'number' ? said.seconds : wall, peak, load: cpu / wall, said }
}
