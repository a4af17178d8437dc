/** The machine as Rust names it. napi builds the addon for it by name; whoever names it too shares what was built. */

import { execFileSync } from 'node:child_process'

export function rustHost(): string {
  const said = execFileSync('rustc', ['--version', '--verbose'], { encoding: 'utf8' })
  const host = /^host: (.+)$/m.exec(said)?.[1]
  if (host === undefined) throw new Error(`rustc --version --verbose names no host:\n${said}`)
  return host
}
