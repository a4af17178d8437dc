// Drops documents in which one character makes up too much of the text. Run: kopipe clean … --filter docs/own-filter.mjs

const MOST = 0.3

export const reasons = { 'one-character': 'share of the most frequent character' }

export default function (documents) {
  const texts = documents.getChild('text')
  const drops = []
  for (let row = 0; row < documents.numRows; row++) {
    const counts = new Map()
    const characters = [...texts.get(row).replaceAll(' ', '')]
    for (const character of characters) counts.set(character, (counts.get(character) ?? 0) + 1)
    const value = Math.max(...counts.values()) / characters.length
    if (value > MOST) drops.push({ row, reason: 'one-character', value, threshold: MOST })
  }
  return drops
}
