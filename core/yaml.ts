/** YAML from a person's hand: what is none is refused with where, and why. */

import { parse, YAMLParseError } from 'yaml'
import { KopipeError } from './errors.ts'

/** An empty text is an empty object. */
export function parseYaml(text: string, path: string): unknown {
  try {
    return parse(text) ?? {}
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error
    throw new KopipeError('usage', `${path} is not YAML: ${error.message}`, { path, cause: error })
  }
}
