/** A training sample by its number: what `train` would be given there, and which documents it is cut from. */

import type { Split } from '../core/dataset.ts'
import { KopipeError } from '../core/errors.ts'
import { openDataset, openSamples } from './dataset.ts'

export interface SamplePlace {
  split: Split
  sequenceLength: number
  seed: number
  /** As many as training takes: over how many epochs documents are shuffled follows from it. */
  samples: number
}

/** A part of a document, as a sample has it. */
export interface SamplePart {
  /** The shard's path without extension. */
  prefix: string
  /** Number of the document in the dataset, over all shards in order. */
  document: number
  /** Its number in the shard. */
  inShard: number
  /** The first token of the document that the sample has, how many follow, and how many the document has. */
  offset: number
  count: number
  length: number
}

export interface Sample extends SamplePlace {
  sample: number
  epochs: number
  /** One more than the sequence length: the last is only predicted. */
  tokens: Int32Array
  parts: SamplePart[]
}

/** Nothing is checked against a vocabulary: this is for looking at. */
const ANY_TOKEN = 2 ** 31

export async function sampleAt(path: string, sample: number, plan: SamplePlace): Promise<Sample> {
  const dataset = await openDataset([path], { vocabulary: ANY_TOKEN })
  const samples = await openSamples(dataset, plan)
  const pieces = samples.pieces(sample)
  const [epochs = 1] = samples.epochs
  if (!pieces) {
    const all = epochs === 1 ? 'one epoch' : `${epochs} epochs`
    throw new KopipeError('usage', `--sample ${sample}: there are ${samples.length} in ${all} of ${plan.split}, counted from 0`, {
      hint: '--samples N, steps × batch size of a training, gives as many epochs as it takes.',
    })
  }
  const [{ tokens }, starts] = [await samples.gather([sample]), dataset.shards.starts]
  const parts = pieces.map(({ shard, sequence, ...piece }) => {
    const prefix = samples.prefixes[shard] as string
    const start = starts[dataset.prefixes.indexOf(prefix)] as number
    return { prefix, document: start + sequence, inShard: sequence, ...piece }
  })
  return { ...plan, sample, samples: samples.length, epochs, tokens, parts }
}
