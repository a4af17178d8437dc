/**
 * The report of a tokenizer: `report.json` and `report.html`, written before the artifact is finished. Numbers of the
 * whole text come from the sealed pretoken counts, examples and fertility by source from the kept sample: the input is
 * not read again.
 */

import type { Artifact } from '../../core/artifact.ts'
import { interrupted } from '../../core/errors.ts'
import { pin } from '../../core/input-file.ts'
import type { Sealed } from '../../core/io.ts'
import { type Ledger, total } from '../../core/ledger.ts'
import type { Lang } from '../../core/page/page.ts'
import type { Session } from '../../core/progress.ts'
import { readBatches } from '../../native/documents.ts'
import { type CountedPretokens, io, native, type Tokenizer } from '../../native/index.ts'
import { tokensOf } from '../pieces.ts'
import { cutsText, type Quality, type Tokens } from '../quality.ts'
import { readSample, SAMPLE } from '../sample.ts'
import { type Encoding, numbersOf } from './numbers.ts'

export interface Reported {
  quality: Quality
  unused: number
  /** Length and digest of each file, by its path in the artifact. */
  files: Record<string, Sealed>
}

/** What was counted and trained, for `report` to look at: `counts` is where the sealed counts are. */
export interface Trained {
  ledger: Ledger
  pretokens: CountedPretokens
  counts: string
  merges: number
}

/** Writes both files. The vocabulary must have all bytes: otherwise it encodes no text without loss, and is not loaded. */
export async function report(artifact: Artifact, trained: Trained, lang: Lang, session: Session): Promise<Reported> {
  session.progress.stage('measuring', 1)
  const tokenizer = await native.loadTokenizer(artifact.path('tokenizer.json'))
  const tokens = tokensOf(tokenizer)
  const counting = occurrencesOf(tokenizer, trained.counts, session)
  // What draws charts takes .1 s to load: meanwhile the workers count.
  const page = import('./page.ts')
  const occurrences = await counting
  const sample = await readSample(artifact.path(SAMPLE))
  const sampled = await encodeSample(tokenizer, tokens, artifact.path(SAMPLE))
  const { ledger, merges, pretokens } = trained
  const { kept } = total(ledger)
  const { types: pretokenTypes, characters, eojeol } = pretokens
  const numbers = numbersOf(
    {
      configuration: artifact.record.configuration,
      ledger,
      corpus: { ...kept, characters, eojeol, pretokens: pretokens.pretokens, pretokenTypes },
      merges,
      tokens,
      occurrences,
      sampled,
      sample,
    },
    tokenizer,
  )
  const { renderReport } = await page
  const json = await io.commitFile(artifact.path('report.json'), Buffer.from(`${JSON.stringify(numbers, null, 2)}\n`))
  const html = await io.commitFile(artifact.path('report.html'), Buffer.from(renderReport(numbers, lang)))
  return { quality: numbers.quality, unused: numbers.vocabulary.unused, files: { 'report.json': json, 'report.html': html } }
}

/** How often each token occurs in the whole text. */
async function occurrencesOf(tokenizer: Tokenizer, counts: string, { progress, signal }: Session): Promise<Float64Array> {
  if (signal.aborted) throw interrupted('counts that were finished are kept')
  const usage = new native.TokenUsage(tokenizer)
  const stop = () => usage.cancel()
  signal.addEventListener('abort', stop)
  let share = 0
  const watch = setInterval(() => {
    progress.advance({ of: usage.share - share })
    share = usage.share
  }, 200)
  try {
    await usage.addCounts(counts)
    return usage.occurrences()
  } finally {
    clearInterval(watch)
    signal.removeEventListener('abort', stop)
  }
}

/** What the sample comes to by source; tokens that cut a syllable are marked. */
async function encodeSample(tokenizer: Tokenizer, tokens: Tokens, path: string): Promise<Record<string, Encoding>> {
  const marks = Uint8Array.from({ length: tokens.size }, (_, id) => (cutsText(tokens, id) ? 1 : 0))
  const usage = new native.TokenUsage(tokenizer, marks)
  const settings = { unitSize: Number.MAX_SAFE_INTEGER, batchSize: 2 ** 22, maxDocument: 2 ** 20, plainText: 'file' } as const
  for await (const batch of readBatches({ file: pin(path), fileNumber: 0, firstUnit: 0 }, settings)) {
    await batch.parse({ text: 'text', id: 'id', source: 'source', maxDocument: settings.maxDocument })
    await usage.add(batch)
    batch.close()
  }
  return JSON.parse(usage.sources()) as Record<string, Encoding>
}
