/** Every filter, in the order they judge. Explicit: a list one can read; tests hold it against the native core's. */

import { z } from 'zod'
import badWords from './bad-words.ts'
import bullets from './bullets.ts'
import c4 from './c4.ts'
import ellipsis from './ellipsis.ts'
import english from './english.ts'
import fineweb from './fineweb.ts'
import hangulRatio from './hangul-ratio.ts'
import language from './language.ts'
import length from './length.ts'
import letters from './letters.ts'
import quality from './quality.ts'
import repetition from './repetition.ts'
import replacement from './replacement.ts'
import spam from './spam.ts'
import stopEndings from './stop-endings.ts'
import symbols from './symbols.ts'
import urlList from './url-list.ts'
import wordLength from './word-length.ts'
import words from './words.ts'

export const FILTERS = [
  urlList,
  length,
  hangulRatio,
  language,
  english,
  replacement,
  words,
  wordLength,
  letters,
  symbols,
  bullets,
  ellipsis,
  stopEndings,
  c4,
  badWords,
  spam,
  fineweb,
  repetition,
  quality,
] as const

/** The `filters` section of a recipe: only what is named there judges. */
export const filtersSchema = z.strictObject({
  [urlList.id]: urlList.schema.optional(),
  [length.id]: length.schema.optional(),
  [hangulRatio.id]: hangulRatio.schema.optional(),
  [language.id]: language.schema.optional(),
  [english.id]: english.schema.optional(),
  [replacement.id]: replacement.schema.optional(),
  [words.id]: words.schema.optional(),
  [wordLength.id]: wordLength.schema.optional(),
  [letters.id]: letters.schema.optional(),
  [symbols.id]: symbols.schema.optional(),
  [bullets.id]: bullets.schema.optional(),
  [ellipsis.id]: ellipsis.schema.optional(),
  [stopEndings.id]: stopEndings.schema.optional(),
  [c4.id]: c4.schema.optional(),
  [badWords.id]: badWords.schema.optional(),
  [spam.id]: spam.schema.optional(),
  [fineweb.id]: fineweb.schema.optional(),
  [repetition.id]: repetition.schema.optional(),
  [quality.id]: quality.schema.optional(),
})

export type Filters = z.infer<typeof filtersSchema>
