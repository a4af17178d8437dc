import { z } from 'zod'
import { common } from '../core/options.ts'
import { command } from './command.ts'
import { CHECKS, type Check } from './doctor/checks.ts'
import { printable } from './errors.ts'

const doctorOptions = z.strictObject({ quiet: common.quiet, json: common.json })

const MARKS = { good: '✓', missing: '–', wrong: '✗' }

export default command({
  name: 'doctor',
  summary: 'What this machine has for kopipe, and what it lacks.',
  options: doctorOptions,
  examples: [
    ['kopipe doctor', '✓ is there, – some command would want it, ✗ nothing works without it'],
    ['kopipe doctor --json', 'the same for a program'],
  ],
  async run() {
    const checks: Check[] = []
    for (const check of CHECKS) checks.push(await check())
    const wrong = checks.filter(({ state }) => state === 'wrong')
    return {
      summary: { checks },
      lines: checks.flatMap(told),
      ...(wrong.length > 0 && { failure: `kopipe does not work here: ${wrong.map(({ name }) => name).join(', ')}` }),
    }
  },
})

function told({ name, state, found, hint }: Check): string[] {
  const line = `${MARKS[state]} ${name.padEnd(16)}${printable(found)}`
  return hint === undefined ? [line] : [line, `  ${' '.repeat(16)}${printable(hint)}`]
}
