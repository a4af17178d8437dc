/** How Rust is built for checks and tests: as napi builds the addon, so that what it depends on is built once. */

import { execFileSync } from 'node:child_process'
import { join, resolve } from 'node:path'

export const CARGO = ['--manifest-path', join(resolve(import.meta.dirname, '..'), 'native/Cargo.toml')]

/**
 * Flags of cargo for what ships; kopipe-core itself with its checks on, and without tables of lines: a panic says where it was
 * all the same, and the tests compile in 1 min 53 s instead of 2 min 20 s.
 */
export function asShipped(): string[] {
  const settings = ['debug-assertions=true', 'overflow-checks=true', 'debug=0']
  const configured = settings.flatMap((setting) => ['--config', `profile.release.package.kopipe-core.${setting}`])
  return [...CARGO, '--workspace', '--release', '--target', rustHost(), ...configured]
}

/** The machine as Rust names it. napi builds the addon for it by name; whoever names it too shares what was built. */
export function rustHost(): string {
  const said = execFileSync('rustc', ['--version', '--verbose'], { encoding: 'utf8' })
  const host = /^host: (.+)$/m.exec(said)?.[1]
  if (host === undefined) throw new Error(`rustc --version --verbose names no host:\n${said}`)
  return host
}
