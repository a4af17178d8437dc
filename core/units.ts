/**
 * Units: ranges of a file's decoded stream, cut at a constant of the configuration. A file that can be entered at any
 * unit (lines of a plain file, zstd in frames, row groups) is a stream for each; any other is one stream that passes its
 * units one after the other.
 */

import type { InputFile } from './input-file.ts'

export const UNIT_SIZE = 256e6

/** A frame of a compressed file: where it begins in the file and in the decoded stream. */
export interface Entry {
  file: number
  decoded: number
}

/** How a file is cut: `units` where each can be entered on its own, and the frames where a compressed one is entered. */
export interface Cut {
  units?: number | null
  entries: readonly Entry[]
}

/** Consecutive units of one file that are read together. */
export interface Stream {
  file: InputFile
  /** Number of the file in the plan. */
  fileNumber: number
  firstUnit: number
  /** Behind the last unit; without, it is found where the stream ends. */
  endUnit?: number
  /** How many units the file has, where that is known. */
  ofUnits?: number
  /** Where to enter a compressed file. */
  entry?: Entry
}

export function planStreams(files: readonly InputFile[], cuts: readonly Cut[]): Stream[] {
  return files.flatMap((file, fileNumber): Stream[] => {
    const { units, entries } = cuts[fileNumber] ?? { entries: [] }
    if (units === undefined || units === null) return [{ file, fileNumber, firstUnit: 0 }]
    return Array.from({ length: units }, (_, unit) => {
      const entry = entries[unit]
      return { file, fileNumber, firstUnit: unit, endUnit: unit + 1, ofUnits: units, ...(entry && { entry }) }
    })
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
