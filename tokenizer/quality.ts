/**
 * Numbers by which tokenizers are compared, from how often each token occurs and the bytes of each.
 *
 * Rényi efficiency is that of Zouhar et al. 2023 (arXiv 2306.16842), α = 2.5, which they found to go with the quality of
 * translation: H_α(p) / log |V|, 1 where all tokens are equally frequent. |V| is the whole vocabulary here, with the
 * special tokens, which never occur in documents: 2 of 30,003 change it by .00001.
 */

export const RENYI_ALPHA = 2.5

/** The bytes of every token, by id. */
export interface Tokens {
  /** One more than the largest id. */
  size: number
  /** Ids of the special tokens. */
  specials: ReadonlySet<number>
  /** Of an id that there is not, none. */
  bytes(id: number): Uint8Array
}

/** What the tokens are of. */
export interface Text {
  bytes: number
  characters: number
  /** Runs of characters between white space. */
  eojeol: number
}

export interface Quality {
  /** Tokens that the text is. */
  tokens: number
  tokensPerCharacter: number
  tokensPerEojeol: number
  bytesPerToken: number
  /** Tokens of the vocabulary that occur, and the share of the vocabulary that they are. */
  used: number
  usedShare: number
  /** Tokens that cut a syllable: of those that occur, and of the vocabulary. */
  cutOccurrences: number
  cutOccurrenceShare: number
  cutTokens: number
  cutTokenShare: number
  renyiEfficiency: number
}

/** `occurrences[id]`: how often a token occurs in the text. Ratios are 0 where there is nothing to divide by. */
export function qualityOf(occurrences: ArrayLike<number>, tokens: Tokens, text: Text): Quality {
  let [vocabulary, used, total, cutTokens, cutOccurrences] = [0, 0, 0, 0, 0]
  for (let id = 0; id < tokens.size; id++) {
    const bytes = tokens.bytes(id)
    if (bytes.length === 0) continue
    const count = occurrences[id] ?? 0
    vocabulary += 1
    total += count
    if (count > 0) used += 1
    if (!cutsText(tokens, id)) continue
    cutTokens += 1
    cutOccurrences += count
  }
  const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole)
  return {
    tokens: total,
    tokensPerCharacter: share(total, text.characters),
    tokensPerEojeol: share(total, text.eojeol),
    bytesPerToken: share(text.bytes, total),
    used,
    usedShare: share(used, vocabulary),
    cutOccurrences,
    cutOccurrenceShare: share(cutOccurrences, total),
    cutTokens,
    cutTokenShare: share(cutTokens, vocabulary),
    renyiEfficiency: renyiEfficiency(occurrences, vocabulary),
  }
}

/** H_α(p) / log |V| of what occurs; 0 where nothing does, or where there is one token at the most. */
export function renyiEfficiency(occurrences: ArrayLike<number>, vocabulary: number, alpha = RENYI_ALPHA): number {
  const counts = Array.from(occurrences)
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total === 0 || vocabulary < 2) return 0
  const power = counts.reduce((sum, count) => sum + (count / total) ** alpha, 0)
  // The one of a single token is 0, not −0.
  return Math.log(power) / (1 - alpha) / Math.log(vocabulary) + 0
}

/** Whether a token cuts a syllable. Special tokens are no part of a text. */
export function cutsText(tokens: Tokens, id: number): boolean {
  return !tokens.specials.has(id) && cutsSyllable(tokens.bytes(id))
}

/**
 * Whether a token begins or ends inside a syllable: inside a character, or, of Hangul that is spelled in conjoining
 * jamo (U+1100–11FF), before its vowel or before its final.
 */
export function cutsSyllable(bytes: Uint8Array): boolean {
  if (isInside(bytes[0]) || endsInside(bytes)) return true
  const [first, last] = [jamo(bytes, 0), jamo(bytes, bytes.length - 3)]
  return (first !== undefined && first >= 0x1160) || (last !== undefined && last < 0x1160)
}

/** A byte that no character begins with. */
function isInside(byte = 0): boolean {
  return (byte & 0xc0) === 0x80
}

function endsInside(bytes: Uint8Array): boolean {
  const back = bytes.findLastIndex((byte) => !isInside(byte))
  const lead = bytes[back] ?? 0
  const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
  return bytes.length - back < length
}

/** The conjoining jamo that begins at a byte, if one does. */
function jamo(bytes: Uint8Array, at: number): number | undefined {
  const [a, b = 0, c = 0] = bytes.subarray(Math.max(at, 0), at + 3)
  return at >= 0 && a === 0xe1 && b >= 0x84 && b <= 0x87 ? 0x1000 | ((b & 0x3f) << 6) | (c & 0x3f) : undefined
}
