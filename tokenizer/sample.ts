/**
 * The kept sample of an artifact: some documents of each source, chosen while all were counted (bpe/sample.rs). The report
 * and `--verify` look at these, so that neither needs the input once more.
 */

import { constants, zstdDecompressSync } from 'node:zlib'
import { KopipeError } from '../core/errors.ts'
import { io } from '../native/index.ts'

export const SAMPLE = 'sample.jsonl.zst'

/** Documents of sources that do not stand alone have this in place of their source. */
export const OTHERS = '(other sources)'

/** More than a sample ever has: 65 × (256 KiB of text, six times as long as JSON, and 1,000 ids and sources). */
const LARGEST = 2 ** 28

export interface SampledDocument {
  id: unknown
  source: string
  /** The beginning of the document. */
  text: string
  /** Of the whole document. */
  bytes: number
}

/** In the order of the file: by source, then by hash. */
export async function readSample(path: string): Promise<SampledDocument[]> {
  const content = await io.readFile(path)
  try {
    const lines = zstdDecompressSync(content, { maxOutputLength: LARGEST, params: { [constants.ZSTD_d_windowLogMax]: 27 } })
    const documents = lines.toString().split('\n').filter(Boolean)
    return documents.map((line) => JSON.parse(line) as SampledDocument)
  } catch (error) {
    throw new KopipeError('corrupt', `${path} is not a sample that tokenize kept: ${(error as Error).message}`, { path, cause: error })
  }
}
