/** The shards of splits: what the largest has already, and what becomes of the pieces of the others. */

import type { Artifact } from '../../core/artifact.ts'
import { type PackedShard, SPLITS, type Split } from '../../core/dataset.ts'
import type { Session } from '../../core/progress.ts'
import { partName } from '../../core/units.ts'
import type { Tokenizer } from '../../native/index.ts'
import { type CopyPlan, copyShards, shardSource } from './copy.ts'
import { piecePath, shardPath, splitName, type Written } from './part.ts'
import { largestOf, type Shares } from './shares.ts'

interface Plan extends Pick<CopyPlan, 'shardSize' | 'workers' | 'memory'> {
  tokenizer: Tokenizer
  endOfDocument: number
  shares: Shares
  /** Name of a part by its number. */
  name: (part: number) => string
  /** Number of the first shard of a split. */
  firstShard: (split: Split) => number
}

/** Joins the pieces of each split to shards; gives the shards of all splits, one split after the other. */
export async function joinPieces(artifact: Artifact, parts: readonly Written[], plan: Plan, session: Session): Promise<PackedShard[]> {
  const leading = largestOf(plan.shares)
  const shards: PackedShard[] = []
  for (const split of SPLITS)
    shards.push(...(split === leading ? ofLeading(parts, split, plan) : await joined(artifact, parts, split, plan, session)))
  return shards
}

function ofLeading(parts: readonly Written[], split: Split, { name }: Plan): PackedShard[] {
  return parts.flatMap(({ splits, files }, part) => {
    const tally = splits?.[split]
    return tally ? [shardOf(splitName(split, name(part)), split, tally, files)] : []
  })
}

async function joined(artifact: Artifact, parts: readonly Written[], split: Split, plan: Plan, session: Session): Promise<PackedShard[]> {
  const rules = { vocabulary: plan.tokenizer.vocabularySize, end: plan.endOfDocument, endsInside: true }
  const pieces = parts.flatMap(({ splits, files }, part) => {
    const path = piecePath(plan.name(part), split)
    const bin = files[`${path}.bin`]
    return splits?.[split] && bin
      ? [shardSource({ prefix: artifact.path(path), rules, unlistedDocuments: false, ...bin }, plan.tokenizer)]
      : []
  })
  const name = (part: number) => splitName(split, partName(plan.firstShard(split) + part))
  const copied = await copyShards(artifact, { ...plan, stage: `joining ${split}`, shares: undefined, sources: pieces, name }, session)
  return copied.map(({ files, ...tally }, part) => shardOf(name(part), split, tally, files))
}

/** A shard as dataset.json says it. */
export function shardOf(
  name: string,
  split: Split | undefined,
  { documents, tokens }: { documents: number; tokens: number },
  files: Written['files'],
): PackedShard {
  const prefix = shardPath(name)
  const [bin, idx] = [files[`${prefix}.bin`], files[`${prefix}.idx`]] as [PackedShard['bin'], PackedShard['idx']]
  return { prefix, ...(split && { split }), documents, tokens, bin, idx }
}
