/**
 * `tokenize` on all that is kept, by what it took on two samples.
 *
 * Counting grows with the text; everything behind it with the distinct pretokens, which grow as a power of the text (Heaps'
 * law), but the report's charts, which take their time whatever there is. Words that do not fit into `--memory`
 * are merged on the disk, which no sample shows: a sample fits.
 */

import { type Planned, type PlannedStage, paceOf, powerOf, type Run, type Runs, secondsOf, startOf, type Volume } from '../core/plan.ts'
import { formatCount, formatSize } from '../core/sizes.ts'

export interface TokenizeRun extends Run {
  /** Distinct pretokens, and those of them that came once. */
  types: number
  once: number
  /** Of the sealed counts. */
  counts: number
}

const COUNTING = 'counting'
const MERGING_COUNTS = 'merging the counts of all workers'
const BY_TYPES = [MERGING_COUNTS, 'merging']
const MEASURING = 'measuring'

/** What merging in memory holds: each number of a word has two bytes and five for lists (bpe/train/mod.rs); a word has four, and one for each of its bytes. */
const NUMBER = 7
const HEAD = 4
const BESIDE = 120e6
/** On the disk: passes, and seconds of each for a word; measured once, at 38 million words in 2 GB (docs/benchmarks.md). */
const PASSES = 9
const WORD = 0.3e-6
/** Of `--memory`, what such a run was seen to take. */
const TAKEN = 0.7
/** Bytes a distinct pretoken on the disk, words and counts. */
const ON_DISK = 37
/** A worker's table takes so much a distinct pretoken when it is spilled, and so long to sort, write and merge one again. */
const TABLE = 57
const SPILLED = 0.4e-6

export function planTokenize(runs: Runs<TokenizeRun>, volume: Volume, { memory, workers }: { memory: number; workers: number }): Planned {
  const { small, large } = runs
  const shown = powerOf(runs, ({ types }) => types)
  const once = large.once / large.types
  const exponent = between(shown, once)
  const typesIn = (text: number) => large.types * (text / Math.max(1, large.kept.bytes)) ** exponent
  const types = typesIn(volume.text)
  const word = NUMBER * (HEAD + large.counts / large.types)
  const needed = types * word + BESIDE
  const inMemory = needed <= memory
  const byTypes = BY_TYPES.map((stage): PlannedStage => {
    const each = secondsOf(large, stage) / large.types
    return { stage, seconds: each * types, from: `${(1e6 * each).toFixed(2)} µs a distinct pretoken, by the larger sample` }
  })
  // The report goes through all counts once more; two small samples cannot tell that from the time its charts take.
  const each = secondsOf(large, MERGING_COUNTS) / large.types
  const charts = Math.max(0, secondsOf(small, MEASURING) - each * small.types)
  const pace = paceOf(large, COUNTING, 0)
  const spills = spilled(typesIn, volume.text, Math.max(0, memory - BESIDE) / 2 / workers, workers)
  const stages: PlannedStage[] = [
    { stage: 'start', seconds: startOf(large), from: 'as in the larger sample' },
    {
      stage: COUNTING,
      seconds: pace.byte * volume.text + pace.rest,
      from: `${(1e9 * pace.byte).toFixed(1)} ns a byte of text, by the larger sample`,
    },
    ...(spills.entries > 0
      ? [
          {
            stage: 'spilled counts',
            seconds: (spills.entries * SPILLED) / workers,
            from: `${spills.runs} runs that do not fit, .4 µs a count: not measured here`,
          },
        ]
      : []),
    ...byTypes,
    ...(inMemory
      ? []
      : [
          {
            stage: 'words on disk',
            seconds: PASSES * types * WORD,
            from: `${PASSES} passes of .3 µs a word: measured once at 38 million words, not here`,
          },
        ]),
    {
      stage: MEASURING,
      seconds: each * types + charts,
      from: `${charts.toFixed(1)} s for its charts, by the small sample; for each pretoken as long as it takes to merge its count`,
    },
  ]
  // New pretokens are longer than old ones: bytes have a power of their own.
  const longer = powerOf(runs, ({ counts }) => counts) - shown
  const counts = large.counts * (volume.text / Math.max(1, large.kept.bytes)) ** (exponent + longer)
  return {
    command: 'tokenize',
    in: volume,
    out: volume,
    seconds: stages.reduce((sum, { seconds }) => sum + seconds, 0),
    stages,
    memory: memoryOf(large, types, word, { memory, inMemory }),
    disk: {
      peak: Math.max(large.result, inMemory ? counts : ON_DISK * types) + (spills.entries * large.counts) / large.types,
      result: large.result,
      from: 'counts by distinct pretokens, which get longer as both samples show; the result is a tokenizer, its report and a sample',
    },
    notes: [
      `${formatCount(Math.round(types))} distinct pretokens: as the text to the power of ${exponent.toFixed(2)}, by Heaps' law: two samples show ${shown.toFixed(2)}, those that came once ${once.toFixed(2)}.`,
    ],
    warnings: inMemory
      ? []
      : [
          `merging in memory needs --memory ${formatSize(needed)}: with ${formatSize(memory)} words are merged on the disk, in passes; the merges are the same`,
        ],
  }
}

/**
 * Heaps' law: distinct pretokens grow as a power of the text. The one that two samples show is of small texts, and falls as they
 * grow; the share that came once (Good and Turing) is that of words that come independently of each other, and they
 * come in bursts. The truth was seen to lie between (docs/plan.md), so the mean is taken.
 */
function between(shown: number, once: number): number {
  return Math.min(1, Math.max(0, (shown + once) / 2))
}

/** What the sample took, and the words that are more. */
function memoryOf(large: TokenizeRun, types: number, word: number, { memory, inMemory }: { memory: number; inMemory: boolean }) {
  if (!inMemory) return { peak: Math.max(large.peak, TAKEN * memory), from: 'of --memory, as much as a run on the disk was seen to take' }
  const peak = large.peak + Math.max(0, types - large.types) * word
  return { peak, from: `that of the larger sample, and ${word.toFixed(0)} bytes for each distinct pretoken more` }
}

/** Counts that go to the disk: each run has the distinct pretokens of its part of the text. */
function spilled(types: (text: number) => number, text: number, share: number, workers: number): { runs: number; entries: number } {
  const part = text / workers
  if (types(part) * TABLE <= share) return { runs: 0, entries: 0 }
  let runs = 1
  while (types(part / runs) * TABLE > share && runs < 2 ** 20) runs *= 2
  // Between this and half of it, by halves: a run is full when its table is.
  let [low, high] = [runs / 2, runs]
  while (high - low > 0.5) {
    const middle = (low + high) / 2
    if (types(part / middle) * TABLE > share) low = middle
    else high = middle
  }
  const each = Math.ceil(high)
  return { runs: each * workers, entries: each * workers * types(part / each) }
}
