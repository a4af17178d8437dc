import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { datasetAt } from '../core/dataset.ts'
import { KopipeError } from '../core/errors.ts'
import { count, kebab } from '../core/options.ts'
import { inspectOptions } from '../pipeline/explain/inspect.ts'
import { command } from './command.ts'
import { inspectClean } from './inspect/clean.ts'
import { inspectTrained } from './inspect/model.ts'
import { inspectPacked, packedOptions } from './inspect/packed.ts'
import { inspectTokenizer } from './inspect/tokenizer.ts'

/** What may be inspected, and the options of each. */
const SUBJECTS = {
  'an artifact of clean': ['reason', 'source', 'list', 'search', 'id', 'offset', 'count', 'drops', 'seed'],
  'a packed dataset': [...Object.keys(packedOptions), 'seed'],
  'a tokenizer': [],
  'a trained model': ['checkpoint', 'tensor'],
} as const satisfies Record<string, readonly string[]>

type Subject = keyof typeof SUBJECTS

export default command({
  name: 'inspect',
  summary: 'What a run of clean did, on both sides of a threshold; what is packed, as tokens; what training left; or the tokens of a text.',
  inputs: 'ARTIFACT|PACKED|MODEL|TOKENIZER TEXT',
  options: z.strictObject({
    ...inspectOptions.shape,
    ...packedOptions,
    checkpoint: count(0)
      .optional()
      .meta({ help: 'of a run of train: the one of this step', placeholder: 'STEP', shownDefault: 'the newest' }),
    tensor: z.string().optional().meta({ help: 'of a trained model: the numbers of this tensor', placeholder: 'NAME' }),
    seed: inspectOptions.shape.seed.meta({
      help: 'of the random sample of drops; of the order of training samples',
      placeholder: 'N',
      shownDefault: '1; 1234',
    }),
  }),
  examples: [
    ['kopipe inspect clean', 'documents, bytes and time stage by stage, sources and reasons'],
    ['kopipe inspect clean --source news', 'the same of one source'],
    ['kopipe inspect clean --reason spam-dense', 'ten drops, and the ten kept documents that came nearest to the threshold'],
    ['kopipe inspect clean --reason length-short --drops nearest', 'both sides of the threshold'],
    ['kopipe inspect clean --reason near-duplicate', 'documents beside those that stay for them, and what differs'],
    ['kopipe inspect clean --list rejects --reason spam-dense --offset 20', 'all drops of a reason, page by page'],
    ['kopipe inspect clean --search 대한민국', 'documents with this in their text or id'],
    ['kopipe inspect clean --list clusters', 'the largest clusters of duplicates'],
    ['kopipe inspect packed', 'shards, splits, the longest and the shortest document'],
    ['kopipe inspect packed --document 812', 'a document, token by token, and where it lies'],
    ['kopipe inspect packed --sample 5 --sequence-length 2048', 'what training is given there, and of which documents'],
    ['kopipe inspect old.idx --tokenizer tokenizer.json --document 3', 'of a bare shard of GPT-NeoX or Megatron'],
    ['kopipe inspect model', 'checkpoints of a run of train, and the tensors of the newest'],
    ['kopipe inspect model --tensor gpt_neox.embed_in.weight', 'mean, deviation, range and first numbers of a tensor'],
    ["kopipe inspect tokenizer/tokenizer.json '서울은 대한민국의 수도이다'", 'the tokens of a text, one by one'],
  ],
  async run(inputs, options, session) {
    const [input, ...more] = inputs
    if (input === undefined) throw new KopipeError('usage', 'expected one ARTIFACT, PACKED, MODEL or TOKENIZER, got none')
    const subject = subjectOf(input)
    refuseOthers(subject, input, options)
    if (subject === 'a tokenizer') return inspectTokenizer(input, more)
    if (more.length > 0) throw new KopipeError('usage', `expected one ARTIFACT, PACKED or MODEL, got ${inputs.length}`)
    if (subject === 'a trained model') return inspectTrained(input, options)
    return subject === 'a packed dataset' ? inspectPacked(input, options) : inspectClean(input, options, session)
  },
})

function subjectOf(input: string): Subject {
  if (input.endsWith('.json')) return 'a tokenizer'
  if (datasetAt(input)) return 'a packed dataset'
  const isTrained = existsSync(join(input, 'checkpoints')) || existsSync(join(input, 'config.json'))
  return isTrained ? 'a trained model' : 'an artifact of clean'
}

/** An option that means nothing here was meant for something else. */
function refuseOthers(subject: Subject, input: string, options: Record<string, unknown>): void {
  const own: readonly string[] = SUBJECTS[subject]
  const given = Object.values(SUBJECTS)
    .flat()
    .find((key) => options[key] !== undefined && !own.includes(key))
  if (given === undefined) return
  const [of] = Object.entries(SUBJECTS).find(([, keys]) => (keys as readonly string[]).includes(given)) ?? []
  throw new KopipeError('usage', `--${kebab(given)} is for ${of}; ${input} is ${subject}`)
}
