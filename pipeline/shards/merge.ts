/**
 * `pack merge`: several packed datasets become one, with their documents in the order of the inputs. Its shards are byte for
 * byte those that packing all inputs together would have given; tokens are copied, nothing is encoded anew.
 */

import { join } from 'node:path'
import { z } from 'zod'
import { Artifact } from '../../core/artifact.ts'
import { type PackedShard, SPLITS, type Split } from '../../core/dataset.ts'
import { KopipeError } from '../../core/errors.ts'
import { type InputFile, pin } from '../../core/input-file.ts'
import { common, output, size } from '../../core/options.ts'
import type { Session } from '../../core/progress.ts'
import { partName } from '../../core/units.ts'
import { io, native, type TokenRules } from '../../native/index.ts'
import { datasetOf, endOf, sumOfSources, writeDataset } from '../dataset.ts'
import { type CopyPlan, copyShards, type Origin, shardSource } from './copy.ts'
import { takeCounts } from './counts.ts'
import { endsInside, openPacked, type Packed, type PackedArtifact, refuseOther, sharesOf } from './packed.ts'
import { splitName } from './part.ts'
import { shardOf } from './pieces.ts'
import type { Shares } from './shares.ts'
import { type CopiedSummary, copiedTotals } from './totals.ts'

export const mergeOptions = z.strictObject({
  output,
  shardSize: size().default(4e9).meta({ help: 'a shard ends before its .bin would pass this', placeholder: 'SIZE', shownDefault: '4GB' }),
  tokenizer: z.string().optional().meta({ help: 'the tokenizer.json of bare shards', placeholder: 'FILE' }),
  parseSpecials: z.boolean().default(false).meta({ help: 'in bare shards, the end-of-document token may stand inside documents' }),
  workers: common.workers,
  memory: common.memory,
  overwrite: common.overwrite,
  quiet: common.quiet,
  json: common.json,
})

export type MergeOptions = z.output<typeof mergeOptions>

export async function merge(paths: readonly string[], options: MergeOptions, session: Session): Promise<CopiedSummary> {
  native.startWorkers(options.workers)
  const inputs = await openPacked(paths)
  const tokenizerFile = tokenizerOf(inputs, options.tokenizer)
  const tokenizer = await native.loadTokenizer(tokenizerFile)
  const endOfDocument = endOf(tokenizer, tokenizerFile)
  const artifacts = inputs.filter(isArtifact)
  for (const artifact of artifacts) refuseOther(artifact, tokenizer, tokenizerFile)
  const shares = sharesOfAll(inputs)
  const specials = artifacts.some(({ record }) => endsInside(record)) || (options.parseSpecials && artifacts.length < inputs.length)
  const files = inputs.flatMap(pinned)
  const artifact = await Artifact.open(
    options.output,
    {
      kind: 'pack',
      configuration: {
        merged: true,
        tokenizer: tokenizer.digest,
        shardSize: options.shardSize,
        ...(shares && { split: { ...shares } }),
        parseSpecials: specials,
      },
      inputs: files,
      overwrite: options.overwrite,
    },
    io,
  )
  if (!artifact.done) {
    for (const folder of ['shards', 'parts']) await io.createFolder(artifact.path(folder))
    const rules = { vocabulary: tokenizer.vocabularySize, end: endOfDocument.id, endsInside: options.parseSpecials }
    const shards = await mergeSplits(artifact, inputs, shares, rules, { ...options, tokenizer }, session)
    if (shards.length === 0) throw new KopipeError('invalid', 'there is no document to merge: these shards are empty')
    const empty = artifacts.reduce((sum, { dataset }) => sum + dataset.empty, 0)
    const sources = artifacts.length === inputs.length ? sumOfSources(artifacts.map(({ dataset }) => dataset)) : undefined
    const counts = artifacts.length === inputs.length ? await takeCounts(artifact, artifacts) : undefined
    const dataset = datasetOf(shards, empty, tokenizer, endOfDocument, sources, counts)
    await writeDataset(artifact, tokenizerFile, dataset)
    await artifact.finish({ totals: copiedTotals(dataset) })
  }
  return { ...(artifact.record.totals as Omit<CopiedSummary, 'artifact'>), artifact: options.output }
}

/** One split after the other; all shards at once where there are none. */
async function mergeSplits(
  artifact: Artifact,
  inputs: Packed[],
  shares: Shares | undefined,
  rules: TokenRules,
  plan: Omit<CopyPlan, 'stage' | 'sources' | 'name' | 'shares'>,
  session: Session,
): Promise<PackedShard[]> {
  const shards: PackedShard[] = []
  for (const split of shares ? SPLITS : [undefined]) {
    const name = (part: number) => (split ? splitName(split, partName(part)) : partName(part))
    const sources = inputs.flatMap((input) => originsOf(input, split, rules)).map((origin) => shardSource(origin, plan.tokenizer))
    const copied = await copyShards(artifact, { ...plan, stage: split ? `merging ${split}` : 'merging', sources, name }, session)
    shards.push(...copied.map(({ files, ...tally }, part) => shardOf(name(part), split, tally, files)))
  }
  return shards
}

function originsOf(input: Packed, split: Split | undefined, rules: TokenRules): Origin[] {
  if (!isArtifact(input)) return [{ prefix: input.prefix, bytes: pin(`${input.prefix}.bin`).bytes, rules, unlistedDocuments: true }]
  const { folder, record, dataset } = input
  const own = { ...rules, endsInside: endsInside(record) }
  return dataset.shards
    .filter((shard) => shard.split === split)
    .map(({ prefix, bin }) => ({ prefix: join(folder, prefix), rules: own, unlistedDocuments: false, ...bin }))
}

/** The files that are read, as they are now. */
function pinned(input: Packed): InputFile[] {
  const prefixes = isArtifact(input) ? input.dataset.shards.map(({ prefix }) => join(input.folder, prefix)) : [input.prefix]
  const shards = prefixes.flatMap((prefix) => [pin(`${prefix}.bin`), pin(`${prefix}.idx`)])
  return isArtifact(input) ? [pin(join(input.folder, 'dataset.json')), ...shards] : shards
}

/** One for all: bare shards do not say theirs. */
function tokenizerOf(inputs: Packed[], asked: string | undefined): string {
  const bare = inputs.find((input) => !isArtifact(input))
  if (asked !== undefined) return asked
  if (bare && !isArtifact(bare)) {
    throw new KopipeError('usage', `${bare.prefix} is a bare shard, which does not say what tokenized it`, {
      hint: 'Give its tokenizer.json with --tokenizer FILE.',
    })
  }
  const [first] = inputs.filter(isArtifact)
  if (!first) throw new KopipeError('usage', 'expected at least one PACKED')
  return join(first.folder, first.dataset.tokenizer.path)
}

/** All are split by the same shares or none is: otherwise a document could come to stand on two sides. */
function sharesOfAll(inputs: Packed[]): Shares | undefined {
  const [first, ...more] = inputs.map((input) => ({
    name: isArtifact(input) ? input.folder : input.prefix,
    shares: isArtifact(input) ? sharesOf(input.record) : undefined,
  }))
  const told = (shares: Shares | undefined) => (shares ? SPLITS.map((split) => `${split}=${shares[split]}`).join(',') : 'none')
  const other = more.find(({ shares }) => told(shares) !== told(first?.shares))
  if (first && other) {
    const what = `these are not split alike: ${first.name} by ${told(first.shares)}, ${other.name} by ${told(other.shares)}`
    throw new KopipeError('invalid', what, { hint: 'Merge those that are not split, then `kopipe pack split` the result.' })
  }
  return first?.shares
}

function isArtifact(input: Packed): input is PackedArtifact {
  return 'folder' in input
}
