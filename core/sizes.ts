/** Sizes as people write them: `256MB`, `4GB`, `1.5TB`, `300KiB`. Decimal units are powers of 1,000. */

import { KopipeError } from './errors.ts'

const UNITS: Record<string, number> = {
  '': 1,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
}

export function parseSize(text: string): number {
  const match = /^([0-9]+(?:\.[0-9]+)?)\s*([KMGT]?i?B?)$/i.exec(text.trim())
  const letters = (match?.[2] ?? '').toUpperCase()
  const unit = UNITS[letters.length === 1 && letters !== 'B' ? `${letters}B` : letters]
  const bytes = Math.round(Number(match?.[1]) * (unit ?? Number.NaN))
  if (!Number.isSafeInteger(bytes) || bytes < 1) {
    throw new KopipeError('usage', `expected a size such as 256MB or 4GB, got ${JSON.stringify(text)}`)
  }
  return bytes
}

export function formatSize(bytes: number): string {
  for (const [name, unit] of [
    ['TB', 1e12],
    ['GB', 1e9],
    ['MB', 1e6],
    ['kB', 1e3],
  ] as const) {
    if (bytes >= unit) return `${(bytes / unit).toFixed(bytes < 10 * unit ? 2 : bytes < 100 * unit ? 1 : 0)} ${name}`
  }
  return `${bytes} B`
}

/** As a flag takes it, exactly and in as few letters: `662MB`, `1GiB`. */
export function sizeFlag(bytes: number): string {
  return Object.entries(UNITS)
    .filter(([, unit]) => bytes % unit === 0)
    .map(([name, unit]) => `${bytes / unit}${name.replace('IB', 'iB')}`)
    .reduce((short, other) => (other.length < short.length ? other : short))
}

/** What a refusal tells to give where so many bytes are too few: whole megabytes. */
export function leastSize(bytes: number): string {
  return sizeFlag(1e6 * Math.ceil(bytes / 1e6))
}

/** `1,234,567`. Not by toLocaleString, which takes 10 ms to begin. */
export function formatCount(whole: number): string {
  return String(whole).replace(/\B(?=(?:[0-9]{3})+$)/g, ',')
}

/** `12 s`, `3 min 20 s`, `5 h 40 min`; seconds alone with as many digits. */
export function formatDuration(seconds: number, digits = 0): string {
  if (Math.round(seconds) < 60) return `${seconds.toFixed(digits)} s`
  const whole = Math.round(seconds)
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  const minutes = Math.round(whole / 60)
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
