/** What a flow tells of itself while it runs; the command line draws it. */
export interface Progress {
  /** A new stage begins. `total` is in the unit of `advance`'s `of`; without, the end is not known. */
  stage(name: string, total?: number): void
  /** `detail` is a text of the flow's own, shown until the next one. */
  advance(step: { of?: number; docs?: number; bytes?: number; dropped?: number; detail?: string }): void
  /** One line for the user, beside the bar. */
  note(line: string): void
}

export const silent: Progress = { stage() {}, advance() {}, note() {} }

/** What every flow gets besides its options. */
export interface Session {
  progress: Progress
  /** Aborted by the first SIGINT or SIGTERM: finish what is begun, seal it, and throw `interrupted`. */
  signal: AbortSignal
}
