/** Writing what a packed dataset says of itself: dataset.json for kopipe, neox.yml for GPT-NeoX. */

import type { Artifact } from '../core/artifact.ts'
import { type CountsFile, type Dataset, type PackedShard, type SourceTokens, SPLITS } from '../core/dataset.ts'
import { KopipeError } from '../core/errors.ts'
import { neoxData } from '../core/neox.ts'
import { ENDS, type EndOfDocument, endOfDocument } from '../native/end-of-document.ts'
import { io, native, type Tokenizer } from '../native/index.ts'

/** The token that ends every document; a tokenizer without one is refused. */
export function endOf(tokenizer: Tokenizer, path: string): EndOfDocument {
  const end = endOfDocument(tokenizer)
  if (end === null) {
    throw new KopipeError('invalid', `${path} has no special token ${ENDS.join(' or ')}, which ends every document`, {
      path,
      hint: 'Train one with `kopipe tokenize`, or add the token.',
    })
  }
  return end
}

/** Writes what stands beside the shards: tokenizer.json, dataset.json, neox.yml. */
export async function writeDataset(artifact: Artifact, tokenizerFile: string, dataset: Dataset): Promise<void> {
  await io.commitFile(artifact.path('tokenizer.json'), await io.readFile(tokenizerFile))
  await io.commitFile(artifact.path('dataset.json'), Buffer.from(`${JSON.stringify(dataset, null, 2)}\n`))
  await io.commitFile(artifact.path('neox.yml'), Buffer.from(neoxConfiguration(dataset)))
}

export function datasetOf(
  shards: PackedShard[],
  empty: number,
  tokenizer: Tokenizer,
  endOfDocument: EndOfDocument,
  sources: Dataset['sources'],
  tokenCounts: CountsFile[] | undefined,
): Dataset {
  return {
    format: 'kopipe-dataset',
    version: 1,
    tokenizer: { path: 'tokenizer.json', digest: tokenizer.digest, vocabulary: tokenizer.vocabularySize },
    endOfDocument,
    dtype: native.tokenType(tokenizer),
    documents: shards.reduce((sum, { documents }) => sum + documents, 0),
    tokens: shards.reduce((sum, { tokens }) => sum + tokens, 0),
    empty,
    ...(sources && { sources }),
    ...(tokenCounts && { tokenCounts }),
    shards,
  }
}

/** A dataset with another behind it, split by split. */
export function appended(base: Dataset, more: Dataset): Dataset {
  const shards = [undefined, ...SPLITS].flatMap((split) =>
    [base, more].flatMap(({ shards }) => shards.filter((shard) => shard.split === split)),
  )
  const sources = sumOfSources([base, more])
  return {
    ...more,
    documents: base.documents + more.documents,
    tokens: base.tokens + more.tokens,
    empty: base.empty + more.empty,
    ...(sources && { sources }),
    shards,
  }
}

/** What of each source is in several datasets together; nothing where one does not say. Epochs of each do not add up. */
export function sumOfSources(datasets: readonly Dataset[]): Dataset['sources'] {
  const sums = new Map<string, SourceTokens>()
  for (const { sources } of datasets) {
    if (!sources) return undefined
    for (const [name, { documents, tokens }] of Object.entries(sources)) {
      const sum = sums.get(name) ?? { documents: 0, tokens: 0 }
      sums.set(name, { documents: sum.documents + documents, tokens: sum.tokens + tokens })
    }
  }
  return Object.fromEntries([...sums].sort(([a], [b]) => (a < b ? -1 : 1)))
}

const SEQUENCE = 2048
const SEQUENCES_A_STEP = 1024

/**
 * What a GPT-NeoX run on this dataset needs besides a model. Its keys were compared with gpt-neox at ea7aefd8. JSON
 * lists are YAML too.
 */
export function neoxConfiguration({ shards, tokens: all }: Dataset): string {
  const trained = shards.filter(({ split }) => split === undefined || split === 'train')
  const tokens = shards[0]?.split ? trained.reduce((sum, shard) => sum + shard.tokens, 0) : all
  const data = neoxData(shards)
  const steps = Math.max(1, Math.ceil(tokens / SEQUENCE / SEQUENCES_A_STEP))
  return `${[
    "# Data settings for GPT-NeoX, to be given beside a model's: deepy.py train.py MODEL.yml neox.yml",
    '# It refuses a key that stands in two files: take those that are here out of the other.',
    '# Paths are relative to the folder it is started in, not to this file: start it here, or put the folder before each.',
    ...data,
    // Its default, infer, finds nothing: make_dataset forgets what it inferred.
    'data_impl: mmap',
    'tokenizer_type: HFTokenizer',
    'vocab_file: tokenizer.json',
    'make_vocab_size_divisible_by: 128',
    `seq_length: ${SEQUENCE}`,
    `# Once over ${tokens} tokens at ${SEQUENCES_A_STEP} sequences a step.`,
    `train_iters: ${steps}`,
    'seed: 1234',
  ].join('\n')}\n`
}
