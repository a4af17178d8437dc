/**
 * `generate`: what a model says behind a prompt, token by token, until the end of text or long enough. Drawing is kopipe's
 * own, seeded for each prompt apart, so that engines agree as far as their logits do and prompts do not depend on each other.
 */

import { z } from 'zod'
import { KopipeError } from '../../core/errors.ts'
import { count } from '../../core/options.ts'
import type { Session } from '../../core/progress.ts'
import { io, native, type Tokenizer } from '../../native/index.ts'
import { loadLanguageModel } from '../engines/language-models.ts'
import { openModelFolder, tokenizerOf } from './folder.ts'
import { checkNumber, type LanguageModel } from './language-model.ts'
import { MersenneTwister } from './mersenne-twister.ts'
import { modelOptions } from './options.ts'
import { sample } from './sampling.ts'

const number = (least: number, most: number, text: string) => z.coerce.number(text).min(least, text).max(most, text)

export const generateOptions = z.strictObject({
  prompt: z
    .array(z.string())
    .default([])
    .meta({ help: 'what is to be continued; without one, a text from its beginning', placeholder: 'TEXT' }),
  promptFile: z
    .array(z.string())
    .default([])
    .meta({ help: 'a file that is one prompt, its last line break left out', placeholder: 'FILE' }),
  maxTokens: count().default(128).meta({ help: 'tokens of each continuation at most', placeholder: 'N' }),
  temperature: number(0, 100, 'expected a number from 0')
    .default(0.8)
    .meta({ help: 'how bold draws are; 0: the most likely token, always', placeholder: 'X' }),
  topK: count(0).default(50).meta({ help: 'draw from the N most likely tokens; 0: from all', placeholder: 'N' }),
  topP: number(Number.MIN_VALUE, 1, 'expected a number above 0, at most 1')
    .default(0.95)
    .meta({ help: 'draw from the fewest tokens that have this probability together', placeholder: 'X' }),
  seed: count(0)
    .max(2 ** 32 - 1, 'expected a number below 2^32')
    .default(1)
    .meta({ help: 'of the draws', placeholder: 'N' }),
  ...modelOptions,
})

export type GenerateOptions = z.output<typeof generateOptions>

export interface Continuation {
  prompt: string
  text: string
  /** Of the continuation. */
  tokens: number
  stopped: 'end of text' | 'max tokens'
}

export interface GenerateSummary {
  model: string
  device: string
  continuations: Continuation[]
  tokens: number
}

/** `begin` is told each prompt, `say` the text behind it as it comes. */
export async function generate(
  name: string,
  options: GenerateOptions,
  { signal }: Session,
  { begin, say }: { begin: (prompt: string) => void; say: (text: string) => void },
): Promise<GenerateSummary> {
  native.startWorkers(options.workers)
  const prompts = [...options.prompt, ...(await Promise.all(options.promptFile.map(readPrompt)))]
  const folder = await openModelFolder(name)
  const { tokenizer, end } = await tokenizerOf(folder, options.tokenizer)
  const model = await loadLanguageModel(folder, options)
  try {
    const continuations: Continuation[] = []
    for (const [i, prompt] of (prompts.length > 0 ? prompts : ['']).entries()) {
      begin(prompt)
      const random = new MersenneTwister(options.seed, i)
      continuations.push(await continuation(prompt, { model, tokenizer, end, random, options, signal, say }))
    }
    const tokens = continuations.reduce((sum, { tokens }) => sum + tokens, 0)
    return { model: folder.path, device: model.device, continuations, tokens }
  } finally {
    await model.close()
  }
}

interface Speaker {
  model: LanguageModel
  tokenizer: Tokenizer
  /** The token that ends a text. */
  end: number
  random: MersenneTwister
  options: GenerateOptions
  signal: AbortSignal
  say: (text: string) => void
}

async function continuation(prompt: string, { model, tokenizer, end, random, options, signal, say }: Speaker): Promise<Continuation> {
  const encoded = tokenizer.encode(prompt)
  // A text begins behind the end of another.
  const tokens = encoded.length > 0 ? encoded : [end]
  const before = tokens.length
  // Bytes of a character that are not all there yet are held back.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let text = ''
  const tell = (part: string) => {
    text += part
    say(part)
  }
  let stopped: Continuation['stopped'] = 'max tokens'
  while (tokens.length - before < options.maxTokens) {
    if (signal.aborted) throw new KopipeError('interrupted', 'interrupted; what was said is all there is')
    // What is further back than the model can look is left out.
    const [logits] = await model.next([tokens.slice(-model.context)])
    checkNumber(logits?.[0])
    const token = sample(logits as Float32Array, tokenizer.vocabularySize, options, random)
    if (token === end) {
      stopped = 'end of text'
      break
    }
    tokens.push(token)
    tell(decoder.decode(tokenizer.bytes(token), { stream: true }))
  }
  tell(decoder.decode())
  return { prompt, text, tokens: tokens.length - before, stopped }
}

async function readPrompt(path: string): Promise<string> {
  return (await io.readFile(path)).toString().replace(/\r?\n$/, '')
}
