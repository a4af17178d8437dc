/** Which parts of the input `plan` cleans to learn how fast that is: units as far from each other as may be. */

import type { InputFile } from '../../core/input-file.ts'
import type { Stream } from '../../core/units.ts'
import type { Surveyed } from './survey.ts'

/** Where files are many and small, so many are taken. */
const MOST = 4096

/** Files, and where in each a unit is cleaned: shares of the whole, from 0 to 1. */
export interface Sample {
  files: InputFile[]
  places: number[][]
  /** Unpacked bytes of a unit. */
  unitSize: number
  /** Unpacked bytes of all. */
  bytes: number
}

/**
 * About `bytes` of what the files unpack to, in `units` units: in fewer where files have larger grains, in more where they are
 * smaller; and in larger ones where files can only be read from their beginning.
 */
export function sampled(files: readonly Surveyed[], bytes: number, units: number): Sample {
  const all = files.reduce((sum, { decoded }) => sum + decoded, 0)
  const enough = 0.9 * Math.min(bytes, all)
  const grain = files.reduce((most, { grain }) => Math.max(most, grain), 1)
  for (let size = Math.ceil(Math.max(grain, bytes / units)); ; size *= 2) {
    for (let places = Math.max(1, Math.round(bytes / size)); places <= MOST; places *= 2) {
      const sample = taken(files, all, size, places)
      if (sample.bytes >= enough || (size >= bytes && 2 * places > MOST)) return sample
    }
  }
}

function taken(files: readonly Surveyed[], all: number, unitSize: number, places: number): Sample {
  const units = new Map<Surveyed, Set<number>>()
  const unitsOf = ({ decoded, entered }: Surveyed) => (entered ? Math.max(1, Math.ceil(decoded / unitSize)) : 1)
  let [number, before] = [0, 0]
  for (let i = 0; i < places; i++) {
    const at = ((i + 0.5) / places) * all
    while (number < files.length - 1 && before + (files[number] as Surveyed).decoded <= at) before += (files[number++] as Surveyed).decoded
    const file = files[number]
    if (!file) break
    const unit = file.entered ? Math.min(unitsOf(file) - 1, Math.floor((at - before) / unitSize)) : 0
    units.set(file, (units.get(file) ?? new Set()).add(unit))
  }
  const size = (file: Surveyed, unit: number) => Math.max(0, Math.min(unitSize, file.decoded - unit * unitSize))
  const sum = [...units].reduce((sum, [file, of]) => sum + [...of].reduce((bytes, unit) => bytes + size(file, unit), 0), 0)
  return {
    files: [...units.keys()].map(({ file }) => file),
    places: [...units].map(([file, of]) => [...of].map((unit) => (unit + 0.5) / unitsOf(file))),
    unitSize,
    bytes: sum,
  }
}

/** Of the streams of a plan those of the sample; of a file that is one stream, its first unit. */
export function streamsOf({ places }: Pick<Sample, 'places'>, streams: readonly Stream[]): Stream[] {
  return streams.flatMap((stream) => {
    const { fileNumber, firstUnit, endUnit, ofUnits } = stream
    if (endUnit === undefined || ofUnits === undefined) return [{ ...stream, endUnit: 1 }]
    return places[fileNumber]?.some((share) => Math.floor(share * ofUnits) === firstUnit) ? [stream] : []
  })
}
