/** What there is to complete: commands, what stands behind some, and their flags. */

import { COMMANDS, SUBCOMMANDS } from '../commands.ts'
import { type Flag, flagsOf } from '../flags.ts'

export interface CompletedCommand {
  name: string
  summary: string
  subcommands: string[]
  flags: Flag[]
}

const HELP: Flag = { written: ['--help'], help: 'what it takes, with examples', repeated: false, values: [] }

export async function completed(): Promise<CompletedCommand[]> {
  return Promise.all(
    COMMANDS.map(async ({ name, summary, load }) => {
      const { options } = (await load()).default
      const subcommands = (SUBCOMMANDS[name] ?? []).map((entry) => entry.name)
      return { name, summary, subcommands, flags: [...flagsOf(options), HELP] }
    }),
  )
}
