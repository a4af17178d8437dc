/** Which parts of the input `plan` cleans to learn how fast that is: units as far from each other as may be. */

import type { InputFile } from '../../core/inputs.ts'
import type { Stream } from '../../core/units.ts'
import type { Surveyed } from './survey.ts'

/** Where files are many and small, so many are taken. */
const MOST = 4096

/** Files, and of each the units that are cleaned. */
export interface Sample {
  files: InputFile[]
  units: number[][]
  /** Unpacked bytes of a unit. */
  unitSize: number
  /** Unpacked bytes of all. */
  bytes: number
}

/** About `bytes` of what the files unpack to, in `units` units or, where files are smaller, in more. */
export function sampled(files: readonly Surveyed[], bytes: number, units: number): Sample {
  const all = files.reduce((sum, { decoded }) => sum + decoded, 0)
  const unitSize = Math.max(1, Math.ceil(bytes / units))
  let sample = taken(files, all, unitSize, units)
  for (let more = 2 * units; sample.bytes < 0.9 * Math.min(bytes, all) && more <= MOST; more *= 2)
    sample = taken(files, all, unitSize, more)
  return sample
}

function taken(files: readonly Surveyed[], all: number, unitSize: number, places: number): Sample {
  const units = new Map<Surveyed, Set<number>>()
  let [number, before] = [0, 0]
  for (let i = 0; i < places; i++) {
    const at = ((i + 0.5) / places) * all
    while (number < files.length - 1 && before + (files[number] as Surveyed).decoded <= at) before += (files[number++] as Surveyed).decoded
    const file = files[number]
    if (!file) break
    const unit = file.entered ? Math.floor((at - before) / unitSize) : 0
    units.set(file, (units.get(file) ?? new Set()).add(unit))
  }
  const size = (file: Surveyed, unit: number) => Math.max(0, Math.min(unitSize, file.decoded - unit * unitSize))
  const sum = [...units].reduce((sum, [file, of]) => sum + [...of].reduce((bytes, unit) => bytes + size(file, unit), 0), 0)
  return {
    files: [...units.keys()].map(({ file }) => file),
    units: [...units.values()].map((of) => [...of]),
    unitSize,
    bytes: sum,
  }
}

/** Of the streams of a plan those of the sample; of a file that is one stream, its first unit. */
export function streamsOf({ units }: Pick<Sample, 'units'>, streams: readonly Stream[]): Stream[] {
  return streams.flatMap((stream) => {
    if (stream.endUnit === undefined) return [{ ...stream, endUnit: 1 }]
    return units[stream.fileNumber]?.includes(stream.firstUnit) ? [stream] : []
  })
}
