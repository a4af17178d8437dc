/** docs/commands.md from the commands' schemas; a test holds them together. `node scripts/command-docs.ts` writes it. */

import { writeFileSync } from 'node:fs'
import { z } from 'zod'
import { type AnyCommand, COMMANDS, SUBCOMMANDS } from '../cli/commands.ts'
import { kebab, type OptionMeta, unwrap } from '../core/options.ts'

const INTRODUCTION = `# Commands

<!-- Made by scripts/command-docs.ts from the commands' own schemas, of which flags and --help are made, too. -->

A flag with … is given once for each value. \`--json\` makes the last line of stdout one object; \`--quiet\` leaves out progress and summary. Exit: 0 done, 1 failed, 2 usage, 130 interrupted. The same command again resumes.`

export async function commandDocs(): Promise<string> {
  const parts: string[] = []
  for (const { name, load } of COMMANDS) {
    parts.push(section(name, (await load()).default))
    for (const entry of SUBCOMMANDS[name] ?? []) parts.push(section(`${name} ${entry.name}`, (await entry.load()).default))
  }
  return `${[INTRODUCTION, ...parts].join('\n\n')}\n`
}

function section(name: string, { summary, inputs, options, examples }: AnyCommand): string {
  const flags = Object.entries(options.shape).map(([key, field]) => row(key, field as z.ZodType))
  return [
    `## ${name}`,
    summary,
    `    kopipe ${[name, inputs].filter(Boolean).join(' ')}`,
    ['| flag | | default |', '|---|---|---|', ...flags].join('\n'),
    examples.map(([line, what]) => `    ${line}\n        ${what}`).join('\n'),
  ].join('\n\n')
}

function row(key: string, field: z.ZodType): string {
  const { help, placeholder = 'VALUE', short, shownDefault } = field.meta() as unknown as OptionMeta
  const inner = unwrap(field)
  const value = inner instanceof z.ZodBoolean ? '' : ` ${placeholder}${inner instanceof z.ZodArray ? '…' : ''}`
  const hasDefault = field instanceof z.ZodDefault && !(inner instanceof z.ZodBoolean) && !(inner instanceof z.ZodArray)
  const fallback = shownDefault ?? (hasDefault ? String(field.def.defaultValue) : '')
  const cell = (text: string) => text.replaceAll('|', '\\|')
  return `| ${short ? `\`-${short}\`, ` : ''}\`--${kebab(key)}${cell(value)}\` | ${cell(help)} | ${cell(fallback)} |`
}

if (import.meta.main) writeFileSync(new URL('../docs/commands.md', import.meta.url), await commandDocs())
