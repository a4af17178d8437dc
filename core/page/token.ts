/** A token as a person sees it: whole characters as they are, parts of characters as bytes, what is invisible by name. */

import { codePoint } from './html.ts'

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Controls, marks of direction, characters without width: each would act on the page or hide. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** Characters of a token that are shown; a token may be a page of dashes. */
const LONGEST = 120

/** Where it stands alone: blanks are seen. */
export function shownToken(bytes: Uint8Array): string {
  return cut(
    parts(bytes)
      .map((part) =>
        typeof part === 'string'
          ? part.replace(/\n/g, '↵').replace(/\t/g, '→').replace(INVISIBLE, codePoint).replace(/ /g, '␣')
          : hex(part),
      )
      .join(''),
  )
}

/** Where it stands in a text: blanks are blanks, and lines end. */
export function shownInText(bytes: Uint8Array): { shown: string; isPart: boolean } {
  const all = parts(bytes)
  const shown = all.map((part) =>
    typeof part === 'string' ? part.replace(INVISIBLE, (c) => (c === '\n' ? '↵\n' : c === '\t' ? '→\t' : codePoint(c))) : hex(part),
  )
  return { shown: cut(shown.join('')), isPart: all.some((part) => typeof part !== 'string') }
}

/** Bytes as text, or null where they are no whole characters. */
export function characters(bytes: Uint8Array): string | null {
  try {
    return strict.decode(bytes)
  } catch {
    return null
  }
}

function hex(bytes: Uint8Array): string {
  return `⟨${Buffer.from(bytes)
    .toString('hex')
    .replace(/..(?=.)/g, '$& ')}⟩`
}

function cut(text: string): string {
  const all = [...text]
  return all.length > LONGEST ? `${all.slice(0, LONGEST).join('')}… (${all.length})` : text
}

/** Runs of whole characters, and the bytes between them. */
function parts(bytes: Uint8Array): (string | Uint8Array)[] {
  const text = characters(bytes)
  if (text !== null) return [text]
  const found: (string | Uint8Array)[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = [1, 2, 3, 4].find((length) => at + length <= bytes.length && characters(bytes.subarray(at, at + length)) !== null)
    const piece = bytes.subarray(at, at + (length ?? 1))
    const last = found.at(-1)
    if (length !== undefined) found.push((typeof last === 'string' ? (found.pop() as string) : '') + (characters(piece) ?? ''))
    else found.push(last instanceof Uint8Array ? Buffer.concat([found.pop() as Uint8Array, piece]) : piece)
    at += piece.length
  }
  return found
}
