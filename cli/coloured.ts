/** Tokens in a row, so that a person sees where each begins and ends: by colours in a terminal, by │ elsewhere. */

import { printable } from './errors.ts'

/** What is known of a token: its text, its bytes where it is a part of a character, its id where there is no tokenizer. */
export interface Seen {
  id: number
  text: string | null
  /** In hexadecimal. */
  bytes: string | null
}

/** Dark letters on cyan, yellow, green, magenta: backgrounds show white space. */
const COLOURS = ['30;46', '30;43', '30;42', '30;45']

/** Colours are for a terminal, and NO_COLOR (no-color.org) asks for none. */
export function hasColours(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && !env.NO_COLOR
}

/**
 * Tokens as lines. A line break of the text is seen and is one, between tokens or inside. `first` keeps colours taking
 * turns where tokens go on.
 */
export function tokenLines(tokens: readonly Seen[], colours: boolean, first = 0): string[] {
  const shown = tokens.map((token, at) => {
    const lines = textOf(token).split('\n')
    if (!colours) return `${lines.join('\n')}│`
    const colour = COLOURS[(first + at) % COLOURS.length]
    return lines.map((line) => (line === '' ? '' : `\x1b[${colour}m${line}\x1b[0m`)).join('\n')
  })
  return `${colours ? '' : '│'}${shown.join('')}`.split('\n')
}

/** Blanks are seen, parts of characters are their bytes, and nothing acts on the terminal. */
export function textOf({ id, text, bytes }: Seen): string {
  if (text !== null) return printable(text.replace(/\n/g, '↵\n').replace(/\t/g, '→'))
  return bytes === null ? `#${id}` : `<${bytes.replace(/..(?=.)/g, '$& ')}>`
}
