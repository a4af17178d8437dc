/** How a trained model is found and asked, for every command that asks one. */

import { z } from 'zod'
import { common } from '../core/options.ts'
import { ENGINES } from './engines/language-models.ts'

export const modelOptions = {
  engine: z
    .enum(ENGINES, `expected ${ENGINES.join(', ')}`)
    .default('auto')
    .meta({ help: 'torch: PyTorch; jax: nothing to install; auto: torch where it is', placeholder: 'NAME' }),
  python: z.string().optional().meta({
    help: 'a Python with torch, numpy and safetensors',
    placeholder: 'PATH',
    shownDefault: 'KOPIPE_PYTHON, or what train --setup-torch made',
  }),
  tokenizer: z.string().optional().meta({ help: "the model's tokenizer.json, where it does not have it beside it", placeholder: 'FILE' }),
  workers: common.workers,
  quiet: common.quiet,
  json: common.json,
}
