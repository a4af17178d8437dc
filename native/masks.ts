/** The strings that stand for personal data in a cleaned artifact: which a run writes, and which its inputs bring along. */

import type { InputFile } from '../core/input-file.ts'
import { native } from './index.ts'

export const MASK_STYLES = ['polyglot', 'dps', 'off'] as const
export const MASK_KINDS = ['tel', 'rrn', 'acc', 'crd', 'email', 'url', 'ip', 'brn', 'pspt', 'dln'] as const

export interface MaskRecipe {
  style: (typeof MASK_STYLES)[number]
  kinds: readonly string[]
}

/** The tokens a recipe writes, in the order of the kinds. */
export function tokensOf({ style, kinds }: MaskRecipe): string[] {
  return native.maskTokens(style, [...kinds])
}

/**
 * The masks of the artifacts among the inputs, in kopipe's order. Only strings that kopipe writes count, whatever a record
 * says: `<|endoftext|>` in a stranger's record does not become a token.
 */
export function masksOf(files: readonly InputFile[]): string[] {
  const listed = new Set(files.flatMap(({ masks }) => masks ?? []))
  const known = MASK_STYLES.flatMap((style) => tokensOf({ style, kinds: MASK_KINDS }))
  return known.filter((mask) => listed.has(mask))
}

/** Which of an artifact's masks may stand in a file only where kopipe puts them. */
export function reservedIn(file: InputFile, masks: readonly string[]): string[] {
  return masks.filter((mask) => !file.masks?.includes(mask))
}
