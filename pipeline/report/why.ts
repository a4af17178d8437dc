/** The command that tells what became of a document, so that it can be copied into a shell. */

import { type Html, html } from '../../core/page/html.ts'
import { idOf } from './shown.ts'

export function whyOf(folder: string, id: unknown): Html {
  const argument = idOf(id)
  return html`<code>kopipe why ${quotedForShell(folder)} ${argument.startsWith('-') ? '-- ' : ''}${quotedForShell(argument)}</code>`
}

/** Characters that a shell leaves alone. */
const PLAIN = /^[\p{L}\p{N}_./:@%+=,-]+$/u
/** What cannot be seen, or would not be copied as it is. */
const UNSEEN = /[\p{C}\p{Z}]/gu

/** As bash and zsh take it; what cannot be seen is written by its number. */
export function quotedForShell(text: string): string {
  if (PLAIN.test(text)) return text
  if (text.replaceAll(' ', '').search(UNSEEN) === -1) return `'${text.replaceAll("'", "'\\''")}'`
  const escaped = text.replace(/[\\']/g, '\\$&').replace(UNSEEN, (c) => {
    const code = c.codePointAt(0) ?? 0
    if (code === 32) return ' '
    return code < 128 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`
  })
  return `$'${escaped}'`
}
