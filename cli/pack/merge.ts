import { merge, mergeOptions } from '../../pipeline/shards/merge.ts'
import { command } from '../command.ts'
import { packedLines } from '../pack.ts'

export default command({
  name: 'pack merge',
  summary: 'Several packed datasets become one, as if their inputs had been packed together; nothing is encoded anew.',
  inputs: 'PACKED...',
  options: mergeOptions,
  examples: [
    ['kopipe pack merge packed-1 packed-2 -o packed', 'documents in the order of the inputs'],
    ['kopipe pack merge packed old_text_document --tokenizer tokenizer.json -o all', 'with a shard of GPT-NeoX or Megatron'],
  ],
  async run(inputs, options, session) {
    const summary = await merge(inputs, options, session)
    return { summary: { ...summary }, lines: packedLines(summary) }
  },
})
