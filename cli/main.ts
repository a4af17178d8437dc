/** `kopipe COMMAND`: finds the command, turns its schema into flags, runs it, and turns what happens into an exit code. */

import { Command as Program } from 'commander'
import { KopipeError } from '../core/errors.ts'
import { noCounts } from '../core/ledger.ts'
import { type AnyCommand, COMMANDS, type Entry, SUBCOMMANDS } from './commands.ts'
import { complain, exitCode } from './errors.ts'
import { addFlags, readFlags } from './flags.ts'
import { checkNode } from './node-version.ts'
import { openSession } from './session.ts'

async function main(argv: string[]): Promise<void> {
  const { version, engines } = await manifest()
  const program = new Program('kopipe')
    .description('Raw Korean text in, a training loss out.')
    .usage('COMMAND [options]')
    .helpCommand(false)
    .addHelpText(
      'after',
      '\n`kopipe COMMAND --help` shows what a command takes, with examples. Progress is a live view in a terminal, and plain lines\nelsewhere or with TERM=dumb; NO_COLOR=1 turns colours off.',
    )
    .version(version, '-V, --version')
    .showSuggestionAfterError(true)
    .configureOutput({ outputError: () => {} })
    .exitOverride()
  let called: { sub: Program; load: Entry['load'] } | undefined
  for (const { name, summary, group, load } of COMMANDS) {
    const sub = program.command(name, { hidden: false }).summary(summary).helpGroup(group)
    if (argv[0] !== name) continue
    const subcommands = SUBCOMMANDS[name] ?? []
    const inner = subcommands.find((subcommand) => subcommand.name === argv[1])
    // Only one of the two has flags, so that neither takes the other's.
    called = inner ? { sub: sub.command(inner.name), load: inner.load } : { sub, load }
    if (!inner && subcommands.length > 0) sub.addHelpText('after', subcommandHelp(name, subcommands))
  }
  try {
    checkNode(engines.node, process.versions.node)
    if (called) addCommand(called.sub, (await called.load()).default)
    await program.parseAsync(argv, { from: 'user' })
  } catch (error) {
    process.exitCode = exitCode(error)
    complain(error, called?.sub.parent === program ? argv[0] : argv.slice(0, 2).join(' '))
  }
}

function subcommandHelp(name: string, subcommands: readonly Entry[]): string {
  const lines = subcommands.map((subcommand) => `  kopipe ${name} ${subcommand.name.padEnd(8)}${subcommand.summary}`)
  return ['', 'Of what is packed:', ...lines].join('\n')
}

function addCommand(sub: Program, command: AnyCommand): void {
  sub.description(command.summary)
  for (const input of command.inputs?.split(' ') ?? []) sub.argument(`[${input}]`, 'see the examples')
  addFlags(sub, command.options)
  sub.addHelpText('after', ['', 'Examples:', ...command.examples.flatMap(([line, what]) => [`  ${line}`, `      ${what}`])].join('\n'))
  sub.exitOverride().configureOutput({ outputError: () => {} })
  sub.action(async () => {
    const isBare = command.inputs?.endsWith('...') && sub.args.length === 0
    const missing = `expected at least one ${command.inputs?.replace('...', '')}`
    const noInput = () => new KopipeError('usage', missing, { hint: `See: kopipe ${command.name} --help` })
    if (isBare && !command.needsNoInput) throw noInput()
    const options = readFlags(sub, command.options)
    if (isBare && !command.needsNoInput?.(options as never)) throw noInput()
    await run(command, sub.args, options)
  })
}

async function run(command: AnyCommand, inputs: string[], options: Record<string, unknown>): Promise<void> {
  const session = openSession({ quiet: options.quiet === true, verb: command.name })
  const started = performance.now()
  try {
    const { summary, lines, failure } = await command.run(inputs, options as never, session)
    session.close('done')
    if (options.quiet !== true) for (const line of lines) console.log(line)
    const seconds = Math.round(performance.now() - started) / 1000
    // A command that reads no documents says so: the account stands in every summary.
    if (options.json === true) console.log(JSON.stringify({ ...noCounts(), ...summary, seconds }))
    if (failure) throw new KopipeError('corrupt', failure)
  } finally {
    session.close('failed')
  }
}

/** What package.json says that the command line needs. */
interface Manifest {
  version: string
  engines: { node: string }
}

async function manifest(): Promise<Manifest> {
  const { readFileSync } = await import('node:fs')
  for (const place of ['../package.json', '../../package.json']) {
    try {
      return JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')) as Manifest
    } catch {
      // From the sources it is one folder up, from dist/ two.
    }
  }
  return { version: 'unknown', engines: { node: '0' } }
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever reads our output has seen enough: `kopipe stats … | head` is no failure.
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})
await main(process.argv.slice(2))
