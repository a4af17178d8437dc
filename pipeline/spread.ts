/** At the most so many of all, as far from each other as may be: a few parts or files stand for the rest. */
export function spread<T>(all: readonly T[], most: number): T[] {
  const step = Math.max(1, all.length / most)
  return Array.from({ length: Math.min(all.length, most) }, (_, i) => all[Math.floor((i + 0.5) * step)] as T)
}
