/**
 * `--append-to`: a packed dataset goes on in another folder. Its shards get a second name there (a copy, where the file
 * system has no such thing), the new ones are numbered behind them: the old folder stays as it is, and may go.
 */

import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Artifact } from '../../core/artifact.ts'
import type { CountsFile, Dataset, Split } from '../../core/dataset.ts'
import { KopipeError } from '../../core/errors.ts'
import { io, type Tokenizer } from '../../native/index.ts'
import { takeCounts } from './counts.ts'
import { endsInside, openArtifact, type PackedArtifact, refuseOther, sharesOf } from './packed.ts'
import type { Shares } from './shares.ts'

export interface Base {
  dataset: Dataset
  /** Of what it says of itself, which has the digests of all its shards. */
  digest: string
  /** Its shards of a split; all where it was not split. */
  shardsOf(split: Split | undefined): number
  /** Puts its shards into the new artifact, and what it says of their tokens. */
  take(artifact: Artifact): Promise<CountsFile[] | undefined>
}

/** Opens a dataset to go on from; refused where the new documents would not be packed as its own were. */
export async function openBase(
  folder: string,
  tokenizer: Tokenizer,
  { tokenizer: path, split, parseSpecials }: { tokenizer: string; split?: Shares | undefined; parseSpecials: boolean },
): Promise<Base> {
  const packed = await openArtifact(folder)
  refuseOther(packed, tokenizer, path)
  refuseDifferent(folder, '--split', sharesOf(packed.record), split)
  refuseDifferent(folder, '--parse-specials', endsInside(packed.record), parseSpecials)
  const { dataset } = packed
  return {
    dataset,
    digest: digestOf(dataset),
    shardsOf: (split) => dataset.shards.filter((shard) => shard.split === split).length,
    take: (artifact) => take(packed, artifact),
  }
}

function digestOf(dataset: Dataset): string {
  return createHash('sha256').update(JSON.stringify(dataset)).digest('hex')
}

function refuseDifferent(folder: string, flag: string, expected: unknown, came: unknown): void {
  if (isDeepStrictEqual(expected && JSON.parse(JSON.stringify(expected)), came && JSON.parse(JSON.stringify(came)))) return
  const told = (value: unknown) => (value === undefined || value === false ? 'none' : value === true ? 'set' : JSON.stringify(value))
  throw new KopipeError('usage', `${flag}: expected ${told(expected)}, as ${folder} was packed, got ${told(came)}`)
}

async function take(packed: PackedArtifact, artifact: Artifact): Promise<CountsFile[] | undefined> {
  const { folder, dataset } = packed
  for (const { prefix } of dataset.shards) {
    for (const extension of ['bin', 'idx']) {
      await io.linkFile(join(folder, `${prefix}.${extension}`), artifact.path(`${prefix}.${extension}`))
    }
  }
  const files = dataset.shards.flatMap(({ prefix, bin, idx }) => [
    [`${prefix}.bin`, bin],
    [`${prefix}.idx`, idx],
  ])
  const counts = await takeCounts(artifact, [packed])
  await artifact.seal(artifact.path('parts', 'base.done.json'), { files: Object.fromEntries(files) })
  return counts
}
