import { KopipeError } from '../../core/errors.ts'
import { split, splitOptions } from '../../pipeline/shards/split.ts'
import { command } from '../command.ts'
import { packedLines } from '../pack.ts'

export default command({
  name: 'pack split',
  summary: 'Parts the documents of a packed dataset by a hash of their tokens, as `pack --split` does.',
  inputs: 'PACKED',
  options: splitOptions,
  examples: [
    ['kopipe pack split packed -o parted --split train=.98,valid=.01,test=.01', 'to the shards that pack --split would have given'],
  ],
  async run(inputs, options, session) {
    const [packed, ...more] = inputs
    if (packed === undefined || more.length > 0) throw new KopipeError('usage', `expected one PACKED, got ${inputs.length}`)
    const summary = await split(packed, options, session)
    return { summary: { ...summary }, lines: packedLines(summary) }
  },
})
