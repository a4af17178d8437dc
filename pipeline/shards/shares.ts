/** `--split train=.98,valid=.01,test=.01`: which splits there are, and the share of each. */

import { z } from 'zod'
import { SPLITS, type Split } from '../../core/dataset.ts'

/** Of each split, from 0 to 1; together 1. */
export type Shares = Readonly<Record<Split, number>>

/** Shares as people round them: `.333,.333,.334`, thirds as `.33` are a mistake. */
const ROUNDING = 1e-6

export function parseShares(text: string): Shares {
  const shares = { train: 0, valid: 0, test: 0 }
  const named = new Set<string>()
  for (const part of text.split(',')) {
    const [name, share, ...more] = part.split('=').map((side) => side.trim())
    if (!isSplit(name)) throw new Error(`expected shares of ${SPLITS.join(', ')}, as in train=.98,valid=.01,test=.01`)
    if (named.has(name)) throw new Error(`expected one share of ${name}`)
    named.add(name)
    const value = share && /^[0-9]*\.?[0-9]+(?:e-?[0-9]+)?$/i.test(share) ? Number(share) : Number.NaN
    if (more.length > 0 || !(value >= 0 && value <= 1)) throw new Error(`expected the share of ${name} to be a number from 0 to 1`)
    shares[name] = value
  }
  const sum = shares.train + shares.valid + shares.test
  if (Math.abs(sum - 1) > ROUNDING) throw new Error(`expected shares whose sum is 1, theirs is ${Number(sum.toFixed(9))}`)
  if (shares.train === 0) throw new Error('expected a share of train that is more than 0')
  return shares
}

/** What the core takes: shares in the order of the splits. */
export function inOrderOf(shares: Shares): number[] {
  return SPLITS.map((split) => shares[split])
}

/** The split with the largest share, the first of such. */
export function largestOf(shares: Shares): Split {
  return SPLITS.reduce((largest, split) => (shares[split] > shares[largest] ? split : largest))
}

function isSplit(name: string | undefined): name is Split {
  return SPLITS.includes(name as Split)
}

/** The option, as text. */
export const shares = () =>
  z.string().transform((text, context): Shares => {
    try {
      return parseShares(text)
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message })
      return z.NEVER
    }
  })
