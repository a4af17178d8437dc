/** What an artifact says of itself for the report: its record, and what its folder holds beside. */

import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { ArtifactRecord } from '../../core/artifact.ts'
import type { Session } from '../../core/progress.ts'
import type { Bounds } from '../explain/artifact.ts'
import { evidenceOf } from './evidence.ts'
import type { ArtifactStats, TokenizerNumbers } from './measures.ts'

/** What it holds of what it may: evidence is read in small pieces, one at a time. */
const BOUNDS: Bounds = { workers: 1, memory: 64e6 }

export async function readArtifact(folder: string, session: Session): Promise<ArtifactStats> {
  const record = JSON.parse(readFileSync(join(folder, 'kopipe.json'), 'utf8')) as ArtifactRecord
  const stats: ArtifactStats = { folder, record, metrics: metricsOf(folder) }
  if (record.status !== 'done') return stats
  if (record.kind === 'clean') stats.evidence = await evidenceOf(folder, BOUNDS, session)
  const tokenizer = record.kind === 'tokenize' ? tokenizerOf(folder) : undefined
  return { ...stats, ...(tokenizer && { tokenizer }) }
}

function metricsOf(folder: string): ArtifactStats['metrics'] {
  const path = join(folder, 'metrics.jsonl')
  const lines = existsSync(path) && statSync(path).size > 0 ? readFileSync(path, 'utf8').trim().split('\n') : []
  return lines.map((line) => JSON.parse(line) as ArtifactStats['metrics'][number])
}

/** What a page shows of report.json; lists of tokens stay there. */
function tokenizerOf(folder: string): TokenizerNumbers | undefined {
  const path = join(folder, 'report.json')
  if (!existsSync(path)) return undefined
  const { corpus, vocabulary, quality, sources } = JSON.parse(readFileSync(path, 'utf8')) as TokenizerNumbers
  return { corpus, vocabulary, quality, sources }
}
