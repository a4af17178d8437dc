import { KopipeError } from '../core/errors.ts'

/** Refuses a Node.js older than `engines` of package.json wants: what it lacks would be missed in the middle of a run. */
export function checkNode(engines: string, version: string): void {
  const [needed, found] = [engines, version].map((text) => text.replace(/^\D+/, '').split('.').map(Number)) as [number[], number[]]
  const differs = needed.findIndex((number, i) => number !== (found[i] ?? 0))
  if (differs < 0 || (found[differs] ?? 0) > (needed[differs] ?? 0)) return
  throw new KopipeError('invalid', `expected Node.js ${needed.join('.')} or newer, got ${version}`, {
    hint: '`make build` brings one where the machine has an older one.',
  })
}
