/** Texts by the columns they take on a terminal: a syllable takes two. */

import measured from 'fast-string-truncated-width'

/** With blanks behind it, so that what follows stands in one column. */
export function padded(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - measured(text).width))
}

/** What has room; where it has not, an ellipsis ends it. */
export function fitting(text: string, columns: number): string {
  const { index, truncated } = measured(text, { limit: columns, ellipsis: '…' })
  return truncated ? `${text.slice(0, index)}…` : text
}
