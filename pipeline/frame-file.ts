/** A file of the result: frames are encoded side by side and written behind each other, while the next ones are made. */

import { type DocumentShape, type Frame, native, type PartFile, type SealedPart } from '../native/index.ts'

export class FrameFile {
  readonly #file: PartFile
  readonly #format: string
  readonly #shape: DocumentShape
  readonly #ahead: number
  /** What workers took for it so far. */
  seconds = 0
  /** Frames that are not written yet, each as the promise that it is. */
  readonly #waiting: Promise<void>[] = []
  #last: Promise<void> = Promise.resolve()

  /** At most `ahead` frames are held. */
  constructor(path: string, format: string, shape: DocumentShape, ahead: number) {
    this.#file = native.PartFile.create(path, format, shape)
    this.#format = format
    this.#shape = shape
    this.#ahead = ahead
  }

  /** Begins with the frame; waits only where too many are held. */
  async append(frame: Frame): Promise<void> {
    const encoded = frame.encode(this.#format, this.#shape)
    const written = this.#last.then(async () => {
      this.seconds += await encoded
      this.seconds += await this.#file.append(frame)
    })
    // A failure is thrown where the frame's turn comes; until then it must not count as unhandled.
    for (const promise of [encoded, written]) promise.catch(() => {})
    this.#last = written
    this.#waiting.push(written)
    while (this.#waiting.length >= this.#ahead) await this.#waiting.shift()
  }

  /** `statistics`: where those of its documents go. */
  async commit(statistics?: string): Promise<SealedPart> {
    await this.#last
    return this.#file.commit(statistics)
  }

  /** Removes what was not committed. */
  close(): void {
    this.#file.close()
  }
}
