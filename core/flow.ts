/** How a flow uses its workers: items are worked on side by side and come out in the order they went in. */

import PQueue from 'p-queue'
import { interrupted } from './errors.ts'
import type { Session } from './progress.ts'

export interface Bounds {
  /** At most this many items are between source and consumer. */
  items: number
  /** At most this many bytes, unless a single item is larger. */
  bytes: number
}

/**
 * Runs `work` on every item of `source` on the queue's workers and yields the items in order. The source is pulled
 * only while both bounds hold, so memory does not grow with the input; it is closed when the consumer stops early.
 */
export async function* inOrder<T>(
  source: AsyncIterable<T>,
  queue: PQueue,
  work: (item: T) => Promise<void>,
  bounds: Bounds,
  weight: (item: T) => number = () => 0,
): AsyncGenerator<T> {
  const started: { item: T; done: Promise<unknown>; weight: number }[] = []
  const iterator = source[Symbol.asyncIterator]()
  let bytes = 0
  let ended = false
  try {
    while (true) {
      while (!ended && started.length < bounds.items && (bytes < bounds.bytes || started.length === 0)) {
        const next = await iterator.next()
        if (next.done) {
          ended = true
          break
        }
        const item = next.value
        const done = queue.add(() => work(item))
        // A failure is thrown where the item's turn comes; until then it must not count as unhandled.
        done.catch(() => {})
        const heavy = weight(item)
        bytes += heavy
        started.push({ item, done, weight: heavy })
      }
      const first = started.shift()
      if (!first) return
      await first.done
      bytes -= first.weight
      yield first.item
    }
  } finally {
    await Promise.allSettled(started.map(({ done }) => done))
    await iterator.return?.()
  }
}

/** Runs jobs 0 to `jobs` − 1 side by side, in any order. The first that fails is what is thrown, and those behind it are not begun. */
export async function eachJob(
  jobs: number,
  { workers }: { workers: number },
  { progress, signal }: Session,
  run: (job: number) => Promise<void>,
): Promise<void> {
  const queue = new PQueue({ concurrency: workers })
  let failure: unknown
  for (let job = 0; job < jobs; job++) {
    queue
      .add(async () => {
        if (signal.aborted) throw interrupted()
        await run(job)
        progress.advance({ of: 1 })
      })
      .catch((error: unknown) => {
        failure ??= error
        queue.clear()
      })
  }
  await queue.onIdle()
  if (failure) throw failure
}
