/** docs/commands.md from the commands' schemas; a test holds them together. `node scripts/command-docs.ts` writes it. */

import { writeFileSync } from 'node:fs'
import { type AnyCommand, COMMANDS, SUBCOMMANDS } from '../cli/commands.ts'
import { type Flag, flagsOf } from '../cli/flags.ts'

const INTRODUCTION = `# Commands

<!-- Made by scripts/command-docs.ts from the commands' own schemas, of which flags and --help are made, too. -->

A flag with … is given once for each value. \`--json\` makes the last line of stdout one object; \`--quiet\` leaves out progress and summary. Exit: 0 done, 1 failed, 2 usage, 130 interrupted. The same command again resumes. Progress is a live view in a terminal, and plain lines elsewhere or with \`TERM=dumb\`; \`NO_COLOR=1\` turns colours off.`

export async function commandDocs(): Promise<string> {
  const parts: string[] = []
  for (const { name, load } of COMMANDS) {
    parts.push(section(name, (await load()).default))
    for (const entry of SUBCOMMANDS[name] ?? []) parts.push(section(`${name} ${entry.name}`, (await entry.load()).default))
  }
  return `${[INTRODUCTION, ...parts].join('\n\n')}\n`
}

function section(name: string, { summary, inputs, options, examples }: AnyCommand): string {
  return [
    `## ${name}`,
    summary,
    `    kopipe ${[name, inputs].filter(Boolean).join(' ')}`,
    ['| flag | | default |', '|---|---|---|', ...flagsOf(options).map(row)].join('\n'),
    examples.map(([line, what]) => `    ${line}\n        ${what}`).join('\n'),
  ].join('\n\n')
}

function row({ written, help, placeholder, repeated, fallback = '' }: Flag): string {
  const names = written.map((name) => `\`${name}\``)
  const last = placeholder === undefined ? '' : ` ${placeholder}${repeated ? '…' : ''}`
  const flag = [...names.slice(0, -1), `\`${written.at(-1)}${last}\``].join(', ')
  return `| ${[flag, help, fallback].map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

if (import.meta.main) writeFileSync(new URL('../docs/commands.md', import.meta.url), await commandDocs())
