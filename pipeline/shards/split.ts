/**
 * `pack split`: parts the documents of a packed dataset by a hash of their tokens, as `pack --split` does, to the same
 * shards.
 */

import { join } from 'node:path'
import { z } from 'zod'
import { Artifact } from '../../core/artifact.ts'
import { pin } from '../../core/input-file.ts'
import { common, output, size } from '../../core/options.ts'
import type { Session } from '../../core/progress.ts'
import { partName } from '../../core/units.ts'
import { io, native } from '../../native/index.ts'
import { datasetOf, writeDataset } from '../dataset.ts'
import { copyShards, shardSource } from './copy.ts'
import { takeCounts } from './counts.ts'
import { endsInside, openArtifact, refuseOther } from './packed.ts'
import { joinPieces } from './pieces.ts'
import { shares } from './shares.ts'
import { type CopiedSummary, copiedTotals } from './totals.ts'

export const splitOptions = z.strictObject({
  output,
  split: shares().meta({ help: 'the share of each split: train=.98,valid=.01,test=.01', placeholder: 'SHARES' }),
  shardSize: size().default(4e9).meta({ help: 'a shard ends before its .bin would pass this', placeholder: 'SIZE', shownDefault: '4GB' }),
  workers: common.workers,
  memory: common.memory,
  overwrite: common.overwrite,
  quiet: common.quiet,
  json: common.json,
})

export type SplitOptions = z.output<typeof splitOptions>

export async function split(folder: string, options: SplitOptions, session: Session): Promise<CopiedSummary> {
  native.startWorkers(options.workers)
  const packed = await openArtifact(folder)
  const { dataset, record } = packed
  const tokenizerFile = join(folder, dataset.tokenizer.path)
  const tokenizer = await native.loadTokenizer(tokenizerFile)
  refuseOther(packed, tokenizer, tokenizerFile)
  const prefixes = dataset.shards.map(({ prefix }) => join(folder, prefix))
  const files = [pin(join(folder, 'dataset.json')), ...prefixes.flatMap((prefix) => [pin(`${prefix}.bin`), pin(`${prefix}.idx`)])]
  const artifact = await Artifact.open(
    options.output,
    {
      kind: 'pack',
      configuration: {
        tokenizer: tokenizer.digest,
        shardSize: options.shardSize,
        split: { ...options.split },
        parseSpecials: endsInside(record),
      },
      inputs: files,
      overwrite: options.overwrite,
    },
    io,
  )
  if (!artifact.done) {
    for (const folder of ['shards', 'scratch', 'parts']) await io.createFolder(artifact.path(folder))
    const end = dataset.endOfDocument.id
    const rules = { vocabulary: dataset.tokenizer.vocabulary, end, endsInside: endsInside(record) }
    const sources = dataset.shards.map(({ bin }, i) => {
      const origin = { prefix: prefixes[i] as string, rules, unlistedDocuments: false, ...bin }
      return shardSource(origin, tokenizer, options.split)
    })
    const plan = { ...options, tokenizer, shares: options.split }
    const parts = await copyShards(artifact, { ...plan, stage: 'splitting', sources, name: partName }, session)
    const shards = await joinPieces(artifact, parts, { ...plan, endOfDocument: end, name: partName, firstShard: () => 0 }, session)
    const counts = await takeCounts(artifact, [packed])
    const result = datasetOf(shards, dataset.empty, tokenizer, dataset.endOfDocument, dataset.sources, counts)
    await writeDataset(artifact, tokenizerFile, result)
    await artifact.finish({ totals: copiedTotals(result) })
  }
  await io.removeFolder(artifact.path('scratch'))
  return { ...(artifact.record.totals as Omit<CopiedSummary, 'artifact'>), artifact: options.output }
}
