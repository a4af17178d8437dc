/**
 * The measured table of docs/compare.md from that of docs/benchmarks.md: each job once, kopipe beside its peers. A test holds them
 * together; `make bench` and `node scripts/compare-docs.ts` write it.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const DOCS = resolve(import.meta.dirname, '../docs')
const [BEGIN, END] = ['<!-- table -->', '<!-- /table -->']

interface Measured {
  who: string
  seconds: string
  peak: string
  /** How many times as long as kopipe. */
  times: string
}

export function comparedPage(): string {
  const page = readFileSync(join(DOCS, 'compare.md'), 'utf8')
  return `${page.split(BEGIN)[0]}${BEGIN}\n${compared(between(readFileSync(join(DOCS, 'benchmarks.md'), 'utf8')))}\n${END}${page.split(END)[1]}`
}

export function writeCompared(): void {
  writeFileSync(join(DOCS, 'compare.md'), comparedPage())
}

function between(page: string): string {
  return page.split(BEGIN)[1]?.split(END)[0] ?? ''
}

function compared(table: string): string {
  const jobs = new Map<string, Measured[]>()
  for (const line of table.split('\n').filter((line) => /^\| (?!job|-)/.test(line))) {
    const [job = '', who = '', seconds = '', , peak = '', , times = ''] = line
      .split('|')
      .map((cell) => cell.trim())
      .slice(1)
    jobs.set(job, [...(jobs.get(job) ?? []), { who: who.replaceAll('**', ''), seconds, peak, times }])
  }
  const [measured = ''] = table.trim().split('\n')
  const rows = [...jobs].map(([job, [own, ...peers]]) => `| ${job} | ${own ? `**${took(own)}**` : ''} | ${peers.map(beside).join('; ')} |`)
  return [measured, '', '| job | kopipe | peers, and how many times as long they take |', '|---|---|---|', ...rows].join('\n')
}

function took({ who, seconds, peak }: Measured): string {
  return `${seconds} s, ${peak} GB${who.includes('alone') ? ` (${who.slice(who.indexOf(', ') + 2)})` : ''}`
}

function beside({ who, seconds, peak, times }: Measured): string {
  return `${who}: ${seconds} s, ${peak} GB, ${times}`
}

if (import.meta.main) writeCompared()
