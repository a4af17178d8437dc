/** Why a command stops. A bad record is never one of these: it goes to the ledger and the run goes on. */
export type ErrorKind =
  | 'usage' // the command line or a recipe is wrong: exit 2
  | 'invalid' // readable, but not acceptable
  | 'corrupt' // bytes that are not what their format promises
  | 'changed' // an input or a configuration is not what the artifact was begun with
  | 'not-found'
  | 'permission'
  | 'disk-full'
  | 'io'
  | 'engine' // a process that computes for kopipe has failed
  | 'interrupted' // SIGINT or SIGTERM: exit 130
  | 'internal' // a defect of kopipe

/**
 * The one error class. `message` says what was expected and what came; `hint` what to do.
 * The command line turns it into text and an exit code in one place (cli/errors.ts).
 */
export class KopipeError extends Error {
  readonly kind: ErrorKind
  readonly path: string | undefined
  readonly offset: number | undefined
  readonly hint: string | undefined

  constructor(kind: ErrorKind, message: string, more: { path?: string; offset?: number; hint?: string; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'KopipeError'
    this.kind = kind
    this.path = more.path
    this.offset = more.offset
    this.hint = more.hint
  }
}

/** What a flow throws after the first signal, when what it had begun is in order. */
export function interrupted(state = 'what is finished is sealed'): KopipeError {
  return new KopipeError('interrupted', `interrupted; ${state}`, { hint: 'The same command goes on from here.' })
}
