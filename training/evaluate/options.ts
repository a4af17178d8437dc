/** What `eval` can be told. */

import { z } from 'zod'
import { SPLITS } from '../../core/dataset.ts'
import { common, count, keys } from '../../core/options.ts'
import { modelOptions } from '../model/options.ts'
import { TASKS } from './tasks.ts'

const names = TASKS.map(({ name }) => name)

export const evalOptions = z.strictObject({
  tasks: z
    .string()
    .transform((text) => (text === 'all' ? [...names] : text.split(',').filter(Boolean)))
    .refine(
      (list) => list.length > 0 && list.every((name) => names.includes(name)),
      `expected all, or names of ${names.join(', ')} with commas between`,
    )
    .optional()
    .meta({ help: `all, or of ${names.join(', ')}`, placeholder: 'NAME,NAME' }),
  data: z.string().optional().meta({ help: 'where the tasks lie, as NAME.jsonl, .gz or .zst (docs/eval.md)', placeholder: 'FOLDER' }),
  shots: count(0).default(0).meta({ help: 'answered questions before each question', placeholder: 'N' }),
  text: z
    .array(z.string())
    .default([])
    .meta({ help: 'held-out text for bits a byte: any INPUT, or a packed dataset', placeholder: 'INPUT' }),
  split: z
    .enum(SPLITS, `expected ${SPLITS.join(', ')}`)
    .default('valid')
    .meta({ help: 'which part of a packed dataset is held out', placeholder: 'NAME' }),
  limit: count()
    .optional()
    .meta({ help: 'only the first questions of each task, and documents of each text', placeholder: 'N', shownDefault: 'all' }),
  samples: z.string().optional().meta({ help: 'writes what became of each question and document, a JSON line each', placeholder: 'FILE' }),
  ...modelOptions,
  ...keys,
  allowCorrupt: z.boolean().default(false).meta({ help: 'exit 0 where compressed input is damaged' }),
  memory: common.memory,
  maxDocument: common.maxDocument,
})

export type EvalOptions = z.output<typeof evalOptions>
