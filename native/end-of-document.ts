/** The token that ends every document, by its name in a tokenizer. */

import type { Tokenizer } from './index.ts'

export interface EndOfDocument {
  text: string
  id: number
}

/** GPT-NeoX's and most others'; Llama 3's, where a tokenizer has no other. */
export const ENDS = ['<|endoftext|>', '<|end_of_text|>']

export function endOfDocument(tokenizer: Tokenizer): EndOfDocument | null {
  for (const text of ENDS) {
    const id = tokenizer.special(text)
    if (id !== null) return { text, id }
  }
  return null
}
