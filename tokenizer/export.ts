/**
 * The files beside a `tokenizer.json` that other tools want: `vocab.json` and `merges.txt` as HF's `model.save` writes
 * them (GPT-2's own format, which converters and older code read), and `tokenizer_config.json` with
 * `special_tokens_map.json`, by which transformers' AutoTokenizer finds end of text and padding.
 */

interface TokenizerFile {
  added_tokens: { id: number; content: string; special: boolean }[]
  model: { vocab: Record<string, number>; merges: [string, string][] }
}

/** Roles that models need, by the token that has them. */
const ROLES = { bos_token: '<|endoftext|>', eos_token: '<|endoftext|>', pad_token: '<|padding|>' }

/** Name → content. */
export function exported(tokenizer: string): Record<string, string> {
  const { added_tokens, model } = JSON.parse(tokenizer) as TokenizerFile
  const specials = added_tokens.filter(({ special }) => special).map(({ content }) => content)
  const roles = Object.fromEntries(Object.entries(ROLES).filter(([, token]) => specials.includes(token)))
  const others = specials.filter((token) => !Object.values(roles).includes(token))
  const map = { ...roles, ...(others.length > 0 && { additional_special_tokens: others }) }
  const flags = { lstrip: false, normalized: false, rstrip: false, single_word: false, special: true }
  const config = {
    added_tokens_decoder: Object.fromEntries(added_tokens.map(({ id, content }) => [id, { content, ...flags }])),
    ...map,
    clean_up_tokenization_spaces: false,
    // transformers' own number for a tokenizer that knows no limit.
    model_max_length: 1e30,
    tokenizer_class: 'PreTrainedTokenizerFast',
  }
  // By id: as an object's keys, tokens that are digits would come first.
  const tokens = Object.entries(model.vocab).sort(([, a], [, b]) => a - b)
  return {
    'vocab.json': `{${tokens.map(([token, id]) => `${JSON.stringify(token)}:${id}`).join(',')}}`,
    'merges.txt': `#version: 0.2\n${model.merges.map((pair) => `${pair.join(' ')}\n`).join('')}`,
    'tokenizer_config.json': `${JSON.stringify(config, null, 2)}\n`,
    'special_tokens_map.json': `${JSON.stringify(map, null, 2)}\n`,
  }
}
