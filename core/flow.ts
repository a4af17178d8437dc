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
 * only while both bounds hold, so memory does not grow with the input; they count the item that the consumer has, too, and
 * the next ones are pulled while it has it. The source is closed when the consumer stops early.
 */
export async function* inOrder<T>(
  source: AsyncIterable<T>,
  queue: PQueue,
  work: (item: T) => Promise<void>,
  bounds: Bounds,
  weight: (item: T) => number = () => 0,
): AsyncGenerator<T> {
  const started: { done: Promise<T>; weight: number }[] = []
  const iterator = source[Symbol.asyncIterator]()
  let bytes = 0
  let ended = false
  let pulling = undefined as Promise<void> | undefined

  const start = (done: Promise<T>, weight: number) => {
    // A failure is thrown where the item's turn comes; until then it must not count as unhandled.
    done.catch(() => {})
    bytes += weight
    started.push({ done, weight })
  }
  const pullOne = async () => {
    const next = await iterator.next()
    if (next.done) {
      ended = true
      return
    }
    const item = next.value
    start(
      queue.add(() => work(item)).then(() => item),
      weight(item),
    )
  }
  const pull = () => {
    const hasRoom = started.length < bounds.items && (bytes < bounds.bytes || started.length === 0)
    if (pulling || ended || !hasRoom) return
    pulling = pullOne()
      .catch((error: unknown) => {
        ended = true
        start(Promise.reject(error), 0)
      })
      .finally(() => {
        pulling = undefined
        pull()
      })
  }
  try {
    while (true) {
      pull()
      while (pulling && started.length === 0) await pulling
      const first = started[0]
      if (!first) return
      yield await first.done
      started.shift()
      bytes -= first.weight
    }
  } finally {
    ended = true
    await pulling
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
