/** What there is to complete: commands, their flags, and the values of flags that take one of a few. */

import { z } from 'zod'
import { kebab, type OptionMeta, unwrap } from '../../core/options.ts'
import { COMMANDS, SUBCOMMANDS } from '../commands.ts'

export interface CompletedFlag {
  /** Without dashes. */
  name: string
  short?: string
  help: string
  takes: 'nothing' | 'value'
  /** Where there are few. */
  values: string[]
}

export interface CompletedCommand {
  name: string
  summary: string
  subcommands: string[]
  flags: CompletedFlag[]
}

export async function completed(): Promise<CompletedCommand[]> {
  return Promise.all(
    COMMANDS.map(async ({ name, summary, load }) => {
      const { options } = (await load()).default
      const flags = Object.entries(options.shape).map(([key, field]) => flagOf(key, field as z.ZodType))
      const subcommands = (SUBCOMMANDS[name] ?? []).map((entry) => entry.name)
      return {
        name,
        summary,
        subcommands,
        flags: [...flags, { name: 'help', help: 'what it takes, with examples', takes: 'nothing' as const, values: [] }],
      }
    }),
  )
}

function flagOf(key: string, field: z.ZodType): CompletedFlag {
  const { help, short } = field.meta() as unknown as OptionMeta
  const inner = unwrap(field)
  const values = inner instanceof z.ZodEnum ? inner.options.map(String) : []
  return { name: kebab(key), ...(short && { short }), help, takes: inner instanceof z.ZodBoolean ? 'nothing' : 'value', values }
}
