/** Published vocabularies of OpenAI as tokenizer.json, converted as transformers does; the ranks are npm's `js-tiktoken`. */

import { readFileSync, writeFileSync } from 'node:fs'

export const PUBLISHED = ['gpt2', 'cl100k_base', 'o200k_base'] as const
export type Published = (typeof PUBLISHED)[number]

/** Token (its bytes in latin1) → rank. */
async function ranksOf(name: Published): Promise<Map<string, number>> {
  const { default: file } = (await import(`js-tiktoken/ranks/${name}`)) as { default: { bpe_ranks: string } }
  const ranks = new Map<string, number>()
  for (const line of file.bpe_ranks.split('\n')) {
    const [, first, ...tokens] = line.split(' ')
    tokens.forEach((token, i) => {
      ranks.set(Buffer.from(token, 'base64').toString('latin1'), Number(first) + i)
    })
  }
  return ranks
}

/**
 * Every way to part a token into two others is a merge of its rank, as GPT-2's own list has one a token and tiktoken none.
 * `like` is a tokenizer.json of the same pattern, for its pre-tokenizer.
 */
export async function writePublished(name: Published, like: string, path: string): Promise<void> {
  const file = JSON.parse(readFileSync(like, 'utf8')) as { model: Record<string, unknown>; added_tokens: unknown[] }
  const ranks = await ranksOf(name)
  const merges: { pair: [string, string]; rank: number; left: number; right: number }[] = []
  for (const [token, rank] of ranks) {
    for (let at = 1; at < token.length; at++) {
      const [left, right] = [ranks.get(token.slice(0, at)), ranks.get(token.slice(at))]
      if (left !== undefined && right !== undefined)
        merges.push({ pair: [spell(token.slice(0, at)), spell(token.slice(at))], rank, left, right })
    }
  }
  merges.sort((a, b) => a.rank - b.rank || a.left - b.left || a.right - b.right)
  const vocab = Object.fromEntries([...ranks].map(([token, rank]) => [spell(token), rank]))
  file.model = { ...file.model, vocab, merges: merges.map(({ pair }) => pair), ignore_merges: name !== 'gpt2' }
  writeFileSync(path, JSON.stringify({ ...file, added_tokens: [] }))
}

/** GPT-2's alphabet: a character that can be seen for each byte. */
const ALPHABET = (() => {
  let next = 256
  const isSeen = (byte: number) => (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isSeen(byte) ? byte : next++))
})()

const spell = (token: string) => Array.from(token, (byte) => ALPHABET[byte.charCodeAt(0)]).join('')
