/** A machine that helps: several train together, the loop is on the one of rank 0, and the others have processes only. */

import { KopipeError } from '../core/errors.ts'
import type { Session } from '../core/progress.ts'
import { type Nodes, TorchProcess } from './engines/torch-process.ts'
import { namedPython, probe } from './engines/torch-python.ts'
import type { TrainOptions } from './options.ts'

/** Serves the loop of rank 0 until it is done. The dataset has to lie here at the same path. */
export async function follow(
  nodes: Nodes,
  options: TrainOptions,
  { progress, signal }: Session,
): Promise<{ node: number; processes: number }> {
  const python = namedPython(options.python)
  if (!python) throw new KopipeError('engine', 'there is no torch on this machine', { hint: 'Install it: kopipe train --setup-torch' })
  const { gpus } = await probe(python)
  const processes = options.processes ?? Math.max(1, gpus.length)
  progress.note(
    `machine ${nodes.rank} of ${nodes.count}: ${processes} process${processes === 1 ? '' : 'es'}, the loop is at ${nodes.rendezvous}`,
  )
  await TorchProcess.follow({ python, processes, nodes, threads: gpus.length > 0 ? 1 : options.workers }, signal)
  return { node: nodes.rank, processes }
}
