/** `@huggingface/tokenizers`: HF's own tokenizer for JavaScript. It has no switch that reads special strings as text. */

import { createRequire } from 'node:module'
import { KopipeError } from '../../core/errors.ts'
import { io } from '../../native/index.ts'
import type { Peer } from './peer.ts'

const NAME = '@huggingface/tokenizers'

/** Imported where it is asked for only: it is 100 kB of code. */
export async function javascript(path: string): Promise<Peer> {
  const { Tokenizer } = await import('@huggingface/tokenizers')
  const file = JSON.parse((await io.readFile(path)).toString()) as object
  let tokenizer: InstanceType<typeof Tokenizer>
  try {
    tokenizer = new Tokenizer(file, {})
  } catch (error) {
    throw new KopipeError('invalid', `${NAME} does not read ${path}: ${(error as Error).message}`, { path, cause: error })
  }
  return {
    name: NAME,
    version: version(),
    readings: ['parsed'],
    encode: async (text) => ({ parsed: tokenizer.encode(text, { add_special_tokens: false }).ids }),
    close: () => {},
  }
}

/** Its package.json is not exported; it stands beside what is. */
function version(): string {
  const entry = createRequire(import.meta.url).resolve(NAME)
  const root = entry.slice(0, entry.lastIndexOf(NAME) + NAME.length)
  return (createRequire(import.meta.url)(`${root}/package.json`) as { version: string }).version
}
