/**
 * Matsumoto and Nishimura's MT19937 (1998), seeded and asked as Python's `random.Random` is, number by number: what
 * lm-evaluation-harness draws, kopipe draws, and what is sampled with a seed does not depend on the engine.
 */

const N = 624
const M = 397

export class MersenneTwister {
  readonly #state = new Uint32Array(N)
  #next = N

  /** Python's `Random(seed)`; several numbers are one key of as many words. Each is below 2³². */
  constructor(...seed: [number, ...number[]]) {
    const state = this.#state
    state[0] = 19650218
    for (let i = 1; i < N; i++) state[i] = Math.imul(1812433253, mixed(state[i - 1] as number)) + i
    let [i, j] = [1, 0]
    for (let left = Math.max(N, seed.length); left > 0; left--) {
      state[i] = ((state[i] as number) ^ Math.imul(mixed(state[i - 1] as number), 1664525)) + (seed[j] as number) + j
      j = (j + 1) % seed.length
      i = this.#wrapped(i + 1)
    }
    for (let left = N - 1; left > 0; left--) {
      state[i] = ((state[i] as number) ^ Math.imul(mixed(state[i - 1] as number), 1566083941)) - i
      i = this.#wrapped(i + 1)
    }
    state[0] = 0x80000000
  }

  #wrapped(i: number): number {
    if (i < N) return i
    this.#state[0] = this.#state[N - 1] as number
    return 1
  }

  /** 32 random bits. */
  uint32(): number {
    if (this.#next >= N) this.#twist()
    let y = this.#state[this.#next++] as number
    y ^= y >>> 11
    y ^= (y << 7) & 0x9d2c5680
    y ^= (y << 15) & 0xefc60000
    return (y ^ (y >>> 18)) >>> 0
  }

  #twist(): void {
    const state = this.#state
    for (let i = 0; i < N; i++) {
      const y = ((state[i] as number) & 0x80000000) | ((state[(i + 1) % N] as number) & 0x7fffffff)
      state[i] = (state[(i + M) % N] as number) ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0)
    }
    this.#next = 0
  }

  /** `random()`: from 0 to below 1, of 53 bits. */
  random(): number {
    const [high, low] = [this.uint32() >>> 5, this.uint32() >>> 6]
    return (high * 2 ** 26 + low) / 2 ** 53
  }

  /** `sample(range(n), k)`: different numbers below n, in the order they are drawn. */
  sample(n: number, k: number): number[] {
    // Python's choice between two ways to the same distribution, not to the same numbers.
    const setSize = 21 + (k > 5 ? 4 ** Math.ceil(Math.log(k * 3) / Math.log(4)) : 0)
    if (n <= setSize) {
      const pool = Array.from({ length: n }, (_, i) => i)
      return Array.from({ length: k }, (_, i) => {
        const j = this.#below(n - i)
        const drawn = pool[j] as number
        pool[j] = pool[n - i - 1] as number
        return drawn
      })
    }
    const drawn = new Set<number>()
    while (drawn.size < k) drawn.add(this.#below(n))
    return [...drawn]
  }

  /** As many bits as n has, until they are below it; n is from 1 to 2³² − 1. */
  #below(n: number): number {
    const shift = Math.clz32(n)
    for (;;) {
      const drawn = this.uint32() >>> shift
      if (drawn < n) return drawn
    }
  }
}

function mixed(word: number): number {
  return word ^ (word >>> 30)
}
