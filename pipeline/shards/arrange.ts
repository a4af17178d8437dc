/**
 * Runs → shards in the order that was asked for: shuffled, some sources several times. The files of all runs that hold the
 * same stretch of the order are merged, stretch by stretch; a stretch's files go when all of it stands in sealed shards.
 */

import type { Artifact } from '../../core/artifact.ts'
import { type PackedShard, SPLITS, type Split } from '../../core/dataset.ts'
import { KopipeError } from '../../core/errors.ts'
import type { Session } from '../../core/progress.ts'
import { partName } from '../../core/units.ts'
import { type DrawnSource, io, native, type RunPiece, type Tokenizer } from '../../native/index.ts'
import { type CopiedPart, copyShards, type Source } from './copy.ts'
import { splitName } from './part.ts'
import { shardOf } from './pieces.ts'
import type { WrittenRun } from './run.ts'
import type { Shares } from './shares.ts'

export interface ArrangePlan {
  tokenizer: Tokenizer
  shardSize: number
  shares: Shares | undefined
  shuffled: boolean
  /** How often each source stands in the result. */
  epochs: ReadonlyMap<string, number>
  /** Number of the first shard of a split. */
  firstShard: (split?: Split) => number
  workers: number
  memory: number
}

export interface Arranged {
  shards: PackedShard[]
  /** What was written. */
  parts: readonly CopiedPart[]
}

export async function arrange(artifact: Artifact, runs: readonly WrittenRun[], plan: ArrangePlan, session: Session): Promise<Arranged> {
  const result = { shards: [] as PackedShard[], parts: [] as CopiedPart[] }
  for (const split of plan.shares ? SPLITS : [undefined]) {
    const stretches = stretchesOf(runs, split ? SPLITS.indexOf(split) : 0, plan)
    const name = (part: number) => {
      const number = partName(plan.firstShard(split) + part)
      return split ? splitName(split, number) : number
    }
    const sources = stretches.map((pieces) => sourceOf(artifact, pieces, plan))
    const passed = async (source: number) => {
      for (const { path } of stretches[source] ?? []) await io.removeFile(artifact.path(path))
    }
    const stage = split ? `ordering ${split}` : 'ordering'
    const copied = await copyShards(artifact, { ...plan, shares: undefined, stage, sources, name, passed }, session)
    result.shards.push(...copied.map(({ files, ...tally }, part) => shardOf(name(part), split, tally, files)))
    result.parts.push(...copied)
  }
  return result
}

/** Files of a split to be merged, in the order of the result: those of a shuffle by their numbers, any other one alone. */
function stretchesOf(runs: readonly WrittenRun[], split: number, { shuffled, epochs }: ArrangePlan): RunPiece[][] {
  const stretches = new Map<string, { file: number; run: number; pieces: RunPiece[] }>()
  for (const [number, run] of runs.entries()) {
    const sources = run.sources.map(({ name }): DrawnSource => ({ name, epochs: epochs.get(name) ?? 0 }))
    for (const { path, split: own, file } of run.pieces) {
      if (own !== split) continue
      const sealed = run.files[path]
      if (!sealed) throw new KopipeError('corrupt', `the record of run ${number} lacks ${path}`)
      const key = shuffled ? `${file}` : `${file} ${number}`
      const stretch = stretches.get(key) ?? { file, run: shuffled ? 0 : number, pieces: [] }
      stretch.pieces.push({ path, ...sealed, sources })
      stretches.set(key, stretch)
    }
  }
  return [...stretches.values()].sort((a, b) => a.file - b.file || a.run - b.run).map(({ pieces }) => pieces)
}

function sourceOf(artifact: Artifact, pieces: RunPiece[], { tokenizer, memory }: ArrangePlan): Source {
  const placed = pieces.map((piece) => ({ ...piece, path: artifact.path(piece.path) }))
  return {
    bytes: pieces.reduce((sum, { bytes }) => sum + bytes, 0),
    open: (document) => native.ArrangedDocuments.open(tokenizer, placed, Math.floor(memory / 4), document),
  }
}
