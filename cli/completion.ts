import { z } from 'zod'
import { KopipeError } from '../core/errors.ts'
import { common } from '../core/options.ts'
import { command } from './command.ts'
import { SHELLS } from './completion/shells.ts'
import { completed } from './completion/words.ts'

const completionOptions = z.strictObject({ quiet: common.quiet, json: common.json })

export default command({
  name: 'completion',
  summary: 'A script with which a shell completes commands, flags and their values.',
  inputs: 'SHELL...',
  options: completionOptions,
  examples: [
    ['source <(kopipe completion bash)', 'in ~/.bashrc'],
    ['source <(kopipe completion zsh)', 'in ~/.zshrc, behind compinit'],
    ['kopipe completion fish > ~/.config/fish/completions/kopipe.fish', 'once'],
  ],
  async run([shell = '', ...more]) {
    const names = Object.keys(SHELLS)
    if (more.length > 0 || !isShell(shell)) {
      throw new KopipeError('usage', `expected ${names.join(', ')}, got ${[shell, ...more].join(' ')}`)
    }
    return { summary: { shell }, lines: [SHELLS[shell](await completed()).trimEnd()] }
  },
})

function isShell(name: string): name is keyof typeof SHELLS {
  return Object.hasOwn(SHELLS, name)
}
