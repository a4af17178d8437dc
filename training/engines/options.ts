/** Which engine computes, for every command that has one. */

import { z } from 'zod'

const ENGINES = ['auto', 'torch', 'jax'] as const

export type EngineName = (typeof ENGINES)[number]

export const engineOptions = {
  engine: z
    .enum(ENGINES, `expected ${ENGINES.join(', ')}`)
    .default('auto')
    .meta({
      help: 'torch: PyTorch; jax: jax-js on the CPU, with nothing to install; auto: torch where it is installed',
      placeholder: 'NAME',
    }),
  python: z.string().optional().meta({
    help: 'a Python with torch, numpy and safetensors',
    placeholder: 'PATH',
    shownDefault: 'KOPIPE_PYTHON, or what train --setup-torch made',
  }),
}
