/** What the report is made of: the measures of the documents, and what each artifact says of itself. */

import type { ArtifactRecord } from '../../core/artifact.ts'
import type { Budget, DatasetStats } from '../shards/stats.ts'

export interface Measures {
  docs: number
  bytes: number
  chars: number
  eojeol: number
  scripts: Record<string, number>
  /** Documents of 2^(k-1) up to 2^k − 1 characters, by k. */
  lengths: number[]
}

/** An artifact among the inputs, as its own record tells it. */
export interface ArtifactStats {
  folder: string
  record: ArtifactRecord
  /** Of a `train` artifact: what metrics.jsonl says. */
  metrics: { step: number; loss?: number; val_loss?: number }[]
}

export interface Stats {
  documents: { total: Measures; bySource: Record<string, Measures> }
  artifacts: ArtifactStats[]
  /** What is packed, token by token. */
  datasets: (DatasetStats & { budgets: Budget[] })[]
  malformed: number
}
