/** `inspect` of a tokenizer: the tokens that it makes of a text, one by one. */

import { KopipeError } from '../../core/errors.ts'
import { formatCount } from '../../core/sizes.ts'
import { type Piece, piecesOf } from '../../tokenizer/pieces.ts'
import type { Outcome } from '../command.ts'
import { printable } from '../errors.ts'

export async function inspectTokenizer(tokenizer: string, texts: readonly string[]): Promise<Outcome> {
  const [text] = texts
  if (text === undefined) throw new KopipeError('usage', `expected a TEXT to take apart with ${tokenizer}, got none`)
  const tokens = await piecesOf(tokenizer, text)
  const read = { docs: 1, bytes: Buffer.byteLength(text) }
  const summary = { read, kept: read, dropped: {}, malformed: { docs: 0, bytes: 0 }, tokenizer, tokens }
  return { summary, lines: [...tokens.map(piece), perCharacter(text, tokens.length)] }
}

/** Blanks are seen, and parts of characters are their bytes. */
function piece({ id, text, bytes }: Piece): string {
  const shown = text === null ? `<${bytes.replace(/..(?=.)/g, '$& ')}>` : `│${printable(text.replace(/\n/g, '↵').replace(/\t/g, '→'))}│`
  return `${String(id).padStart(8)}  ${shown}`
}

function perCharacter(text: string, tokens: number): string {
  const characters = [...text].length
  const ratio = characters === 0 ? '' : `, ${(tokens / characters).toFixed(2)} tokens a character`
  return `${formatCount(tokens)} tokens of ${formatCount(characters)} characters${ratio}`
}
