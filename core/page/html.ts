/** HTML by template: whatever is put in is escaped, unless it is HTML already. Text of a corpus cannot act in a page. */

export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
  toString(): string {
    return this.text
  }
}

export type Value = Html | string | number | readonly Html[]

export function html(parts: TemplateStringsArray, ...values: Value[]): Html {
  return new Html(parts.reduce((page, part, i) => page + render(values[i - 1] ?? '') + part))
}

/** What is put in, one behind the other with nothing between. */
export function joined(parts: readonly Value[]): Html {
  return new Html(parts.map(render).join(''))
}

function render(value: Value): string {
  if (value instanceof Html) return value.text
  if (typeof value === 'object') return value.map(render).join('\n')
  return escaped(String(value))
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Marks that turn the direction of what stands around them: they would reorder the page's own words. */
const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

function escaped(text: string): string {
  return harmless(text).replace(/[&<>"']/g, (c) => ENTITIES[c] ?? c)
}

/** Without control characters, which are no HTML text at all, and with turning marks by name. */
export function harmless(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '').replace(TURNING, codePoint)
}

/** `⟨U+202E⟩`, for a character that cannot be shown. */
export function codePoint(character: string): string {
  return `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`
}
