/** How a trained model is found and asked, for every command that asks one. */

import { z } from 'zod'
import { common } from '../../core/options.ts'
import { engineOptions } from '../engines/options.ts'

export const modelOptions = {
  ...engineOptions,
  tokenizer: z.string().optional().meta({ help: "the model's tokenizer.json, where it does not have it beside it", placeholder: 'FILE' }),
  workers: common.workers,
  quiet: common.quiet,
  json: common.json,
}
