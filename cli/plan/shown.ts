/** A plan as a person reads it: a line for each command and stage, then where the numbers are from. */

import type { Planned } from '../../core/plan.ts'
import { formatCount, formatSize } from '../../core/sizes.ts'
import { printable } from '../errors.ts'
import type { Plan } from '../plan.ts'

const HEAD = ['', 'documents', 'in', 'out', 'time', 'memory', 'disk, peak', 'result']

export function shown({ published, commands, seconds, calibration, disk, memory, warnings }: Plan): string[] {
  const rows = commands.flatMap((command) => [
    rowOf(command),
    ...command.stages.map(({ stage, seconds }) => [`  ${stage}`, '', '', '', duration(seconds)]),
  ])
  const sum = ['in all', '', '', '', duration(seconds), formatSize(memory.peak), formatSize(disk.peak)]
  return [
    ...published.map(({ title, text, of }) => printable(`${title}: ${formatSize(text)} ${of}, as published; there are no files`)),
    ...[HEAD, ...rows, sum].map(line),
    '',
    `Measured in ${calibration.seconds.toFixed(0)} s on ${formatSize(calibration.text)} of ${printable(calibration.of)}; ${formatSize(disk.free)} of disk are free, the machine has ${formatSize(memory.machine)} of memory.`,
    ...commands.flatMap(explained),
    'train: not planned, as it depends on the model and the GPU.',
    ...warnings.map((warning) => `warning: ${printable(warning)}`),
  ]
}

function rowOf({ command, in: read, out, seconds, memory, disk }: Planned): string[] {
  const documents = formatCount(Math.round(read.documents))
  return [
    command,
    documents,
    formatSize(Math.round(read.text)),
    formatSize(Math.round(out.text)),
    duration(seconds),
    formatSize(Math.round(memory.peak)),
    formatSize(Math.round(disk.peak)),
    formatSize(Math.round(disk.result)),
  ]
}

function line(cells: readonly string[]): string {
  const [name = '', ...numbers] = cells
  return `${name.padEnd(36)}${numbers.map((cell) => cell.padStart(13)).join('')}`.trimEnd()
}

/** Where each number is from. */
function explained({ command, stages, memory, disk, notes }: Planned): string[] {
  return [
    `${command}:`,
    ...stages.map(({ stage, from }) => `  ${stage}: ${from}`),
    `  memory: ${memory.from}`,
    `  disk: ${disk.from}`,
    ...notes.map((note) => `  ${note}`),
  ]
}

/** `12.3 s`, `3 min 20 s`, `5 h 40 min`. */
function duration(seconds: number): string {
  if (seconds < 99.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  const minutes = Math.round(whole / 60)
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
