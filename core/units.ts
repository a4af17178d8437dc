/**
 * Units: ranges of a file's decoded stream, cut at a constant of the configuration. A plain file is entered at any
 * unit, so each is a stream of its own; a compressed file is one stream that passes its units one after the other.
 */

import type { InputFile } from './inputs.ts'

export const UNIT_SIZE = 256e6

export type Compression = 'plain' | 'gzip' | 'zstd'

/** Consecutive units of one file that are read together. */
export interface Stream {
  file: InputFile
  /** Number of the file in the plan. */
  fileNumber: number
  firstUnit: number
  /** Behind the last unit; without, it is found where the stream ends. */
  endUnit?: number
}

export function planStreams(files: readonly InputFile[], compressions: readonly Compression[], unitSize: number): Stream[] {
  return files.flatMap((file, fileNumber): Stream[] => {
    if (compressions[fileNumber] !== 'plain') return [{ file, fileNumber, firstUnit: 0 }]
    const units = Math.max(1, Math.ceil(file.bytes / unitSize))
    return Array.from({ length: units }, (_, unit) => ({ file, fileNumber, firstUnit: unit, endUnit: unit + 1 }))
  })
}

/** Name of a unit in scratch: sorts in input order. */
export function unitName(fileNumber: number, unit: number): string {
  return `${String(fileNumber).padStart(5, '0')}-${String(unit).padStart(5, '0')}`
}

/** Name of a part of the result: its number, in input order. */
export function partName(part: number): string {
  return String(part).padStart(5, '0')
}
