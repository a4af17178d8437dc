/** What a packed dataset says of itself: dataset.json for kopipe, neox.yml for GPT-NeoX. */

import type { Ledger } from '../core/ledger.ts'
import { partName } from '../core/units.ts'
import type { Damaged, Place } from '../native/documents.ts'
import { native, type SealedFile, type Tokenizer } from '../native/index.ts'

/** A sealed shard: what is in it, and where in the inputs the next one begins. */
export interface PartRecord {
  documents: number
  tokens: number
  /** Length and xxh3-128 of each file of the part, by its path in the artifact. */
  files: Record<string, SealedFile>
  ledger: Ledger
  damaged: Damaged[]
  /** Nothing: this was the last. */
  next: Place | null
}

/** dataset.json. Paths are relative to its folder. */
export interface Dataset {
  format: 'kopipe-dataset'
  version: 1
  tokenizer: { path: string; digest: string; vocabulary: number }
  /** The last token of every document. */
  endOfDocument: { text: string; id: number }
  dtype: 'u16' | 'i32'
  documents: number
  tokens: number
  /** Documents without a token, which are in no shard. */
  empty: number
  /** In input order: together they are the dataset. */
  shards: { prefix: string; documents: number; tokens: number; bin: SealedFile; idx: SealedFile }[]
}

export function datasetOf(parts: PartRecord[], tokenizer: Tokenizer, endOfDocument: Dataset['endOfDocument']): Dataset {
  const shards = parts.map(({ documents, tokens, files }, part) => {
    const prefix = `shards/${partName(part)}`
    return { prefix, documents, tokens, bin: files[`${prefix}.bin`] as SealedFile, idx: files[`${prefix}.idx`] as SealedFile }
  })
  const sum = (of: (part: PartRecord) => number) => parts.reduce((sum, part) => sum + of(part), 0)
  return {
    format: 'kopipe-dataset',
    version: 1,
    tokenizer: { path: 'tokenizer.json', digest: tokenizer.digest, vocabulary: tokenizer.vocabularySize },
    endOfDocument,
    dtype: native.tokenType(tokenizer),
    documents: sum(({ documents }) => documents),
    tokens: sum(({ tokens }) => tokens),
    empty: sum(({ ledger }) => Object.values(ledger).reduce((docs, { dropped }) => docs + (dropped.empty?.docs ?? 0), 0)),
    shards,
  }
}

const SEQUENCE = 2048
const SEQUENCES_A_STEP = 1024

/**
 * What a GPT-NeoX run on this dataset needs besides a model. Its keys were compared with gpt-neox at ea7aefd8. JSON
 * lists are YAML too.
 */
export function neoxConfiguration({ shards, tokens }: Dataset): string {
  const prefixes = shards.map(({ prefix }) => prefix)
  const [only, ...more] = prefixes
  const data =
    more.length === 0
      ? [`data_path: ${only}`, 'split: 969,30,1']
      : [
          '# Several shards are a blend: GPT-NeoX draws from each by its weight, shuffled apart, so the order of samples',
          '# differs from that of one merged shard (which is the order of `kopipe train`). The last shard is held out.',
          `train_data_paths: ${JSON.stringify(prefixes.slice(0, -1))}`,
          `train_data_weights: ${JSON.stringify(shards.slice(0, -1).map((shard) => shard.tokens))}`,
          `valid_data_paths: ${JSON.stringify(prefixes.slice(-1))}`,
          'valid_data_weights: [1.0]',
          `test_data_paths: ${JSON.stringify(prefixes.slice(-1))}`,
          'test_data_weights: [1.0]',
        ]
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
