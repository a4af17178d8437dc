/** A file of the result: frames are encoded side by side and written behind each other. */

import { type DocumentShape, type Frame, native, type PartFile, type SealedFile } from '../native/index.ts'

export class FrameFile {
  readonly #file: PartFile
  readonly #format: string
  readonly #shape: DocumentShape
  readonly #ahead: number
  /** What workers took for it so far. */
  seconds = 0
  readonly #encoding: { frame: Frame; done: Promise<number> }[] = []

  /** At most `ahead` frames are held. */
  constructor(path: string, format: string, shape: DocumentShape, ahead: number) {
    this.#file = native.PartFile.create(path, format, shape)
    this.#format = format
    this.#shape = shape
    this.#ahead = ahead
  }

  async append(frame: Frame): Promise<void> {
    while (this.#encoding.length >= this.#ahead) await this.#write()
    const done = frame.encode(this.#format, this.#shape)
    // A failure is thrown where the frame's turn comes; until then it must not count as unhandled.
    done.catch(() => {})
    this.#encoding.push({ frame, done })
  }

  async commit(): Promise<SealedFile> {
    while (this.#encoding.length > 0) await this.#write()
    return this.#file.commit()
  }

  /** Removes what was not committed. */
  close(): void {
    this.#file.close()
  }

  async #write(): Promise<void> {
    const next = this.#encoding.shift()
    if (!next) return
    this.seconds += await next.done
    this.seconds += await this.#file.append(next.frame)
  }
}
