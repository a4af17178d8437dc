/** The few with the smallest keys, whatever the order they come in. */

export class Best<T> {
  readonly #count: number
  readonly #found: { key: number[]; item: T }[] = []

  constructor(count: number) {
    this.#count = count
  }

  takes(key: number[]): boolean {
    const last = this.#found.at(-1)
    return this.#found.length < this.#count || (last !== undefined && before(key, last.key))
  }

  add(key: number[], item: T): void {
    if (!this.takes(key)) return
    const at = this.#found.findIndex((other) => before(key, other.key))
    this.#found.splice(at === -1 ? this.#found.length : at, 0, { key, item })
    this.#found.length = Math.min(this.#found.length, this.#count)
  }

  items(): T[] {
    return this.#found.map(({ item }) => item)
  }
}

function before(a: number[], b: number[]): boolean {
  const at = a.findIndex((value, i) => value !== b[i])
  return at !== -1 && (a[at] as number) < (b[at] as number)
}

/** A number for a place by a seed (the finalizer of MurmurHash3): the same sample whatever is read first. */
export function scattered(...parts: number[]): number {
  let hash = 0
  for (const part of parts) {
    hash = Math.imul(hash ^ part, 0x85ebca6b)
    hash ^= hash >>> 13
    hash = Math.imul(hash, 0xc2b2ae35)
    hash ^= hash >>> 16
  }
  return hash >>> 0
}
