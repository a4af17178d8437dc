/** Which engine computes a run: the one that was asked for, or PyTorch where it is installed and jax-js where not. */

import { totalmem } from 'node:os'
import { KopipeError } from '../../core/errors.ts'
import { kebab } from '../../core/options.ts'
import type { ModelShape } from '../presets.ts'
import type { Engine } from './engine.ts'
import type { EngineName } from './options.ts'
import { type Batch, planTorch, type TorchWishes } from './torch-plan.ts'
import { probe, pythonFor } from './torch-python.ts'

export interface EngineWishes extends TorchWishes {
  readonly engine: EngineName
  readonly python?: string | undefined
}

export interface ChosenEngine {
  readonly name: 'torch' | 'jax'
  readonly precision: 'bf16' | 'fp32'
  /** What of it decides results, for the configuration; nothing for jax, which was there first. */
  readonly pinned: { engine?: 'torch'; precision?: 'bf16' | 'fp32' }
  /** How the work is laid out, for people. */
  readonly told: string | null
  open(): Promise<Engine>
}

export async function chooseEngine(wishes: EngineWishes, shape: ModelShape, batch: Batch): Promise<ChosenEngine> {
  const python = pythonFor(wishes.engine, wishes.python)
  if (!python) return jax(wishes)
  const { layout, told } = planTorch(await probe(python, 'quick'), shape, batch, wishes, machineMemory())
  return {
    name: 'torch',
    precision: layout.precision,
    pinned: { engine: 'torch', precision: layout.precision },
    told,
    open: async () => {
      const { TorchEngine } = await import('./torch.ts')
      return new TorchEngine(layout)
    },
  }
}

/** Bytes that this process and its children may have: the machine's, or what a container is given of it. */
function machineMemory(): number {
  return Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY)
}

function jax(wishes: EngineWishes): ChosenEngine {
  const { precision, processes, microBatch, recompute, shardModel, compile, deterministic, nodes, workers } = wishes
  const asked = Object.entries({
    precision: precision === 'bf16',
    processes,
    microBatch,
    recompute,
    shardModel,
    compile,
    deterministic,
    nodes,
  })
  const [wish] = asked.find(([, value]) => value) ?? []
  if (wish) {
    throw new KopipeError('usage', `--${kebab(wish)} is for the torch engine; this run is computed by jax-js, on the CPU in fp32`, {
      hint: 'Install torch: kopipe train --setup-torch',
    })
  }
  return {
    name: 'jax',
    precision: 'fp32',
    pinned: {},
    told: null,
    open: async () => {
      // Imported only when a run begins: jax-js takes a quarter of a second to load.
      const { limitThreads } = await import('./jax-threads.ts')
      limitThreads(workers)
      const { JaxEngine } = await import('./jax.ts')
      return new JaxEngine()
    },
  }
}
