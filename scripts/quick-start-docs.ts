/**
 * docs/quick-start.md: its examples, run in a folder of their own, one after the other. `node scripts/quick-start-docs.ts` writes
 * the page's outputs anew; test/core/quick-start.test.ts holds them against a run.
 *
 * An example is a line `$ COMMAND` of an indented block with what it prints below: stdout, and stderr of one that fails. A
 * line `…` stands for any lines. What differs by machine is not compared: seconds, rates, and the folder, which is /data.
 */

import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { PEERS } from './peers.ts'

const ROOT = resolve(import.meta.dirname, '..')
export const PAGE = join(ROOT, 'docs/quick-start.md')

export interface Example {
  /** With the lines of a here-document. */
  command: string
  output: string[]
  /** Lines of the page in which the output stands: from, and up to. */
  from: number
  to: number
}

const INDENT = '    '

export function examplesOf(page: string): Example[] {
  const lines = page.split('\n')
  const examples: Example[] = []
  for (let at = 0; at < lines.length; at++) {
    if (!lines[at]?.startsWith(`${INDENT}$ `)) continue
    const command = [(lines[at] as string).slice(INDENT.length + 2)]
    const end = /<<'(\w+)'/.exec(command[0] as string)?.[1]
    while (end !== undefined && command.at(-1) !== end && at + 1 < lines.length) command.push((lines[++at] as string).slice(INDENT.length))
    const from = at + 1
    let to = from
    for (let line = from; line < lines.length && inBlock(lines[line] as string); line++) if (lines[line] !== '') to = line + 1
    examples.push({ command: command.join('\n'), output: lines.slice(from, to).map((line) => line.slice(INDENT.length)), from, to })
    at = to - 1
  }
  return examples
}

function inBlock(line: string): boolean {
  return line === '' || (line.startsWith(INDENT) && !line.startsWith(`${INDENT}$ `))
}

/** A folder where `./kopipe` is this one. */
export function playground(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'kopipe-quick-start-')))
  symlinkSync(join(ROOT, 'kopipe'), join(folder, 'kopipe'))
  return folder
}

/** Whether it is Python, with packages that the peers' Python has. */
export const needsPython = ({ command }: Example) => command.startsWith('python3')

/** What a command prints, line by line. */
export async function played({ command }: Example, folder: string): Promise<string[]> {
  const path = [dirname(PEERS), process.env.PATH].join(delimiter)
  const said = await new Promise<string>((done) => {
    const env = { ...process.env, PATH: path, NO_COLOR: '1', LC_ALL: 'C.UTF-8' }
    execFile('/bin/sh', ['-c', command], { cwd: folder, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
      done(error ? stdout + stderr : stdout),
    )
  })
  const lines = said.replaceAll(folder, '/data').split('\n')
  return lines.map((line) => line.trimEnd()).slice(0, lines.findLastIndex((line) => line !== '') + 1)
}

/** A line without what differs by machine. */
export function steady(line: string): string {
  return line
    .replace(/ {2}\d+\.\d\d( +[\d.]+ [kMGT]?B\/s)?$/, '  SECONDS')
    .replace(/[\d.]+ [kMGT]?B\/s/, 'RATE')
    .replace(/(?<=, |[a-z] {2})\d+\.\d+ s\b/, 'SECONDS')
}

/** Whether what came is what the page shows. */
export function agrees(shown: readonly string[], came: readonly string[]): boolean {
  const runs: string[][] = [[]]
  for (const line of shown) {
    if (line === '…') runs.push([])
    else runs.at(-1)?.push(steady(line))
  }
  const lines = came.map(steady)
  const [first, ...rest] = runs as [string[], ...string[][]]
  const last = rest.pop()
  if (!startsAt(lines, first, 0) || (!last && lines.length !== first.length)) return false
  let at = first.length
  for (const run of rest) {
    const found = lines.findIndex((_, from) => from >= at && startsAt(lines, run, from))
    if (found < 0) return false
    at = found + run.length
  }
  return !last || (lines.length - last.length >= at && startsAt(lines, last, lines.length - last.length))
}

function startsAt(lines: readonly string[], run: readonly string[], from: number): boolean {
  return run.every((line, i) => lines[from + i] === line)
}

async function rewritten(page: string): Promise<string> {
  const folder = playground()
  const lines = page.split('\n')
  try {
    const changes: { example: Example; came: string[] }[] = []
    for (const example of examplesOf(page)) {
      if (needsPython(example) && !existsSync(PEERS)) continue
      const came = await played(example, folder)
      if (!agrees(example.output, came)) changes.push({ example, came })
    }
    for (const { example, came } of changes.reverse()) {
      lines.splice(example.from, example.to - example.from, ...came.map((line) => (line === '' ? '' : INDENT + line)))
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return lines.join('\n')
}

if (import.meta.main) writeFileSync(PAGE, await rewritten(readFileSync(PAGE, 'utf8')))
