/**
 * `tokenize --morphemes`: frequent pretokens are cut at the boundaries of their morphemes before merges are learnt, so
 * that tokens follow stems, particles and endings. The tokenizer itself knows nothing of it (Polyglot-Ko's way; see
 * `bpe/train/morphemes.rs`).
 */

import PQueue from 'p-queue'
import type { Artifact } from '../core/artifact.ts'
import { interrupted } from '../core/errors.ts'
import { inOrder } from '../core/flow.ts'
import type { Session } from '../core/progress.ts'
import { formatCount } from '../core/sizes.ts'
import { type AskedPretokens, type CountedPretokens, io, native } from '../native/index.ts'
import { ANALYSER, ANALYSER_MEMORY, Analyser } from './analyser.ts'
import type { TokenizeOptions } from './options.ts'

/** Bytes of pretokens that an analyser is asked about at a time: .4 s of its work. */
const QUESTION = 1 << 17

export interface Marked {
  pretokens: CountedPretokens
  morphemes: {
    analyser: string
    /** Distinct pretokens that it was asked about, and those that have several morphemes. */
    asked: number
    cut: number
  }
}

/** Counts anew, from `scratch/counts` to `scratch/marked`. Sealed by its record, as the counts are. */
export async function markMorphemes(
  artifact: Artifact,
  counted: CountedPretokens,
  { units, pattern, morphemeMinCount, memory, workers }: TokenizeOptions,
  { progress, signal }: Session,
): Promise<Marked> {
  const before = (await artifact.sealed<Marked>('scratch')).get('marked')
  if (before) return before
  const folder = artifact.path('scratch', 'marking')
  await io.removeFolder(folder)
  // As many as fit beside tables that take as much as theirs.
  const number = Math.min(workers, Math.max(1, Math.floor(memory / 2 / ANALYSER_MEMORY)))
  const into = native.PretokenCounts.create(folder, units, pattern, memory - number * ANALYSER_MEMORY, number)
  const marking = native.MorphemeMarking.open(artifact.path('scratch', 'counts'), morphemeMinCount, into)
  progress.stage('finding morphemes', counted.sealed.bytes)
  const analysers: Analyser[] = []
  const idle: Analyser[] = []
  const morphemes = { analyser: ANALYSER, asked: 0, cut: 0 }
  const answer = async (asked: AskedPretokens) => {
    const analyser = idle.pop() as Analyser
    const cuts = await analyser.boundaries(asked.text)
    idle.push(analyser)
    const cut = await marking.count(asked, cuts)
    morphemes.asked += asked.length
    morphemes.cut += cut
  }
  try {
    for (let i = 0; i < number; i++) analysers.push(new Analyser())
    idle.push(...analysers)
    const bounds = { items: 2 * number, bytes: memory / 16 }
    let position = 0
    for await (const _ of inOrder(questions(marking), new PQueue({ concurrency: number }), answer, bounds)) {
      if (signal.aborted) throw interrupted('counts that were finished are kept')
      progress.advance({ of: marking.position - position, detail: `${formatCount(morphemes.asked)} words` })
      position = marking.position
    }
  } finally {
    await Promise.all(analysers.map((analyser) => analyser.close()))
  }
  progress.stage('merging the counts of all workers')
  const marked: Marked = { pretokens: await into.seal(artifact.path('scratch', 'marked')), morphemes }
  await artifact.seal(artifact.path('scratch', 'marked.done.json'), marked)
  return marked
}

async function* questions(marking: InstanceType<typeof native.MorphemeMarking>): AsyncGenerator<AskedPretokens> {
  for (;;) {
    const asked = await marking.next(QUESTION)
    if (!asked) return
    yield asked
  }
}
