/**
 * A Korean morphological analyser in a thread of its own: lindera with ko-dic, a MeCab in WebAssembly.
 *
 * Most of its time goes into an object a morpheme, of which only the place is read: .33 MB/s, where the analysis alone
 * would make 2.6. Its package has no other way out.
 */

import { readFile } from 'node:fs/promises'
import { parentPort, Worker, workerData } from 'node:worker_threads'

/** Bytes that one takes with its dictionary; measured: 240 MB. */
export const ANALYSER_MEMORY = 250e6

/** Whose boundaries they are, for the record. */
export const ANALYSER = 'lindera-wasm 1.1.0, ko-dic'

interface Morpheme {
  /** Where it begins, in bytes. */
  byteStart: number
}

type Answer = { cuts: Uint32Array } | { failure: string }

/** The words of a thread's `workerData`, by which this module knows that it is one. */
const ROLE = 'morpheme analyser'

export class Analyser {
  readonly #thread = new Worker(new URL(import.meta.url), { workerData: ROLE })

  /** For each line the number of boundaries within it, then those, in bytes. One question at a time. */
  async boundaries(lines: string): Promise<Uint32Array> {
    const thread = this.#thread
    thread.postMessage(lines)
    const answer = await new Promise<Answer>((resolve, reject) => {
      const settle = (settled: () => void) => {
        thread.off('message', answered).off('error', failed).off('exit', ended)
        settled()
      }
      const answered = (answer: Answer) => settle(() => resolve(answer))
      const failed = (error: Error) => settle(() => reject(error))
      const ended = (code: number) => settle(() => reject(new Error(`the morphological analyser ended with ${code}`)))
      thread.on('message', answered).on('error', failed).on('exit', ended)
    })
    if ('failure' in answer) throw new Error(`the morphological analyser failed: ${answer.failure}`)
    return answer.cuts
  }

  async close(): Promise<void> {
    await this.#thread.terminate()
  }
}

async function serve(port: NonNullable<typeof parentPort>): Promise<void> {
  const { initSync, TokenizerBuilder } = await import('lindera-wasm')
  initSync({ module: await readFile(new URL('lindera_wasm_bg.wasm', import.meta.resolve('lindera-wasm'))) })
  const builder = new TokenizerBuilder()
  builder.setMode('normal')
  builder.setDictionary('embedded://ko-dic')
  const analyser = builder.build()
  const say = (answer: Answer) => port.postMessage(answer)
  port.on('message', (lines: string) => {
    try {
      const cuts: number[] = []
      for (const line of lines.split('\n').slice(0, -1)) {
        const inner = (analyser.tokenize(line) as Morpheme[]).filter(({ byteStart }) => byteStart > 0)
        cuts.push(inner.length, ...inner.map(({ byteStart }) => byteStart))
      }
      say({ cuts: Uint32Array.from(cuts) })
    } catch (error) {
      say({ failure: String(error) })
    }
  })
}

if (parentPort && workerData === ROLE) await serve(parentPort)
