/** A plan as a person reads it: a line for each command and stage, then where the numbers are from. */

import type { Planned, Volume } from '../../core/plan.ts'
import { formatCount, formatDuration, formatSize } from '../../core/sizes.ts'
import type { Published } from '../../pipeline/plan/volume.ts'
import { printable } from '../errors.ts'

export interface Plan {
  volume: Volume
  published: Published[]
  commands: Planned[]
  /** Of all commands, in seconds. */
  planned: number
  calibration: { text: number; seconds: number; of: string }
  disk: { peak: number; free: number }
  memory: { peak: number; machine: number }
  warnings: string[]
}

const HEAD = ['', 'documents', 'in', 'out', 'time', 'memory', 'disk, peak', 'result']

export function shown({ published, commands, planned, calibration, disk, memory, warnings }: Plan): string[] {
  const rows = commands.flatMap((command) => [
    rowOf(command),
    ...command.stages.map(({ stage, seconds }) => [`  ${stage}`, '', '', '', formatDuration(seconds, 1)]),
  ])
  const sum = ['in all', '', '', '', formatDuration(planned, 1), formatSize(memory.peak), formatSize(disk.peak)]
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
    formatDuration(seconds, 1),
    formatSize(Math.round(memory.peak)),
    formatSize(Math.round(disk.peak)),
    formatSize(Math.round(disk.result)),
  ]
}

function line(cells: readonly string[]): string {
  const [name = '', ...numbers] = cells
  return `${name.padEnd(38)}${numbers.map((cell) => cell.padStart(13)).join('')}`.trimEnd()
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
