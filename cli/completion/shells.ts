/** A completion script a shell. What is no flag and no command is a file, which shells complete themselves. */

import type { Flag } from '../flags.ts'
import type { CompletedCommand } from './words.ts'

export const SHELLS = { bash, zsh, fish }

function bash(commands: readonly CompletedCommand[]): string {
  const values = (command: CompletedCommand) =>
    command.flags
      .filter((flag) => flag.values.length > 0)
      .map((flag) => `      ${command.name}:${flag.written.join(`|${command.name}:`)}) words="${flag.values.join(' ')}" ;;`)
  const taking = (command: CompletedCommand) => {
    const free = command.flags.filter((flag) => flag.placeholder !== undefined && flag.values.length === 0).flatMap((flag) => flag.written)
    return free.length === 0 ? [] : [`      ${free.map((flag) => `${command.name}:${flag}`).join('|')}) return ;;`]
  }
  const flags = commands.map(({ name, flags }) => `      ${name}) words="${flags.flatMap((flag) => flag.written).join(' ')}" ;;`)
  const subcommands = commands.filter(({ subcommands }) => subcommands.length > 0)
  return `# kopipe completion bash: add \`source <(kopipe completion bash)\` to ~/.bashrc
_kopipe() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command="\${COMP_WORDS[1]}" words=
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${commands.map(({ name }) => name).join(' ')} --help --version"
  elif [ "\${before#-}" != "$before" ]; then
    case "$command:$before" in
${commands.flatMap((command) => [...values(command), ...taking(command)]).join('\n')}
    esac
  fi
  if [ -z "$words" ] && [ "\${current#-}" != "$current" ]; then
    case "$command" in
${flags.join('\n')}
    esac
  fi
  if [ -z "$words" ] && [ "$COMP_CWORD" -eq 2 ]; then
    case "$command" in
${subcommands.map(({ name, subcommands }) => `      ${name}) words="${subcommands.join(' ')}" ;;`).join('\n')}
    esac
  fi
  [ -n "$words" ] && COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -o bashdefault -F _kopipe kopipe
`
}

/** Zsh has a way of its own, with what each word means. */
function zsh(commands: readonly CompletedCommand[]): string {
  const quoted = (text: string) => text.replace(/'/g, "'\\''")
  const bracketed = (text: string) => quoted(text).replace(/[[\]:\\]/g, '\\$&')
  const argument = (flag: Flag) => {
    if (flag.placeholder === undefined) return ''
    return flag.values.length > 0 ? `:value:(${flag.values.join(' ')})` : ':value:_files'
  }
  const flags = ({ flags }: CompletedCommand) =>
    flags.flatMap((flag) => flag.written.map((word) => `        '*${word}[${bracketed(flag.help)}]${argument(flag)}' \\`))
  const cases = commands.flatMap((command) => [
    `    ${command.name})`,
    '      _arguments \\',
    ...flags(command),
    "        '*:input:_files' ;;",
  ])
  const described = commands.map(({ name, summary }) => `    '${name}:${bracketed(summary)}'`)
  return `#compdef kopipe
# kopipe completion zsh > "\${fpath[1]}/_kopipe", or add \`source <(kopipe completion zsh)\` to ~/.zshrc behind compinit
_kopipe() {
  local -a commands=(
${described.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join('\n')}
  esac
}
compdef _kopipe kopipe
`
}

function fish(commands: readonly CompletedCommand[]): string {
  const quoted = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`
  const lines = commands.flatMap(({ name, summary, subcommands, flags }) => [
    `complete -c kopipe -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`,
    ...subcommands.map((subcommand) => `complete -c kopipe -n '__fish_seen_subcommand_from ${name}' -a ${subcommand}`),
    ...flags.map((flag) => {
      const value = flag.placeholder === undefined ? '' : flag.values.length > 0 ? ` -x -a ${quoted(flag.values.join(' '))}` : ' -r'
      const names = flag.written.map((name) => (name.startsWith('--') ? ` -l ${name.slice(2)}` : ` -s ${name.slice(1)}`)).join('')
      return `complete -c kopipe -n '__fish_seen_subcommand_from ${name}'${names}${value} -d ${quoted(flag.help)}`
    }),
  ])
  return `# kopipe completion fish > ~/.config/fish/completions/kopipe.fish\n${lines.join('\n')}\n`
}
