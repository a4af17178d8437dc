/** The one place where errors become text and exit codes: 0 done, 1 failed, 2 usage, 130 interrupted. */

import { CommanderError } from 'commander'
import { KopipeError } from '../core/errors.ts'

export function exitCode(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof KopipeError) {
    if (error.kind === 'usage') return 2
    if (error.kind === 'interrupted') return 130
  }
  return 1
}

/** Says on stderr what went wrong and what to do. */
export function complain(error: unknown, command: string | undefined): void {
  if (error instanceof CommanderError) {
    // Help and version are 'errors' of exit code 0 to commander, and have been printed.
    if (error.exitCode === 0 || error.code === 'commander.help') return
    console.error(`kopipe: ${printable(error.message.replace(/^error: /, ''))}`)
    console.error(`See: kopipe ${error.code === 'commander.unknownCommand' ? '' : `${printable(command ?? '')} `}--help`)
    return
  }
  if (error instanceof KopipeError) {
    console.error(`kopipe: ${printable(error.message)}`)
    if (error.hint) console.error(error.hint)
    if (error.kind === 'internal') console.error('This is a defect of kopipe.')
    return
  }
  console.error('kopipe: internal error. This is a defect of kopipe.')
  console.error(error)
}

/** Text from outside cannot act on the terminal: control characters but newline and tab are shown, not sent. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
