/** Machines that train together: the loop is on the one of rank 0, the others have processes only. */

import { KopipeError } from '../core/errors.ts'
import type { Session } from '../core/progress.ts'
import { type Nodes, TorchProcess } from './engines/torch-process.ts'
import { probe, pythonFor } from './engines/torch-python.ts'
import type { TrainOptions } from './options.ts'

/** What the options say of them; nothing where one trains alone. */
export function nodesOf({ nodes, nodeRank, rendezvous }: TrainOptions): Nodes | undefined {
  if (nodes === undefined && nodeRank === undefined && rendezvous === undefined) return undefined
  if (nodes === undefined || nodeRank === undefined || rendezvous === undefined) {
    throw new KopipeError('usage', '--nodes, --node-rank and --rendezvous: expected all three, or none')
  }
  if (!/.:\d+$/.test(rendezvous)) throw new KopipeError('usage', `--rendezvous: expected HOST:PORT, got ${rendezvous}`)
  if (nodeRank >= nodes) throw new KopipeError('usage', `--node-rank: expected a number below ${nodes}, got ${nodeRank}`)
  return { count: nodes, rank: nodeRank, rendezvous }
}

/** Serves the loop of rank 0 until it is done. The dataset has to lie here at the same path. */
export async function follow(
  nodes: Nodes,
  options: TrainOptions,
  { progress, signal }: Session,
): Promise<{ node: number; processes: number }> {
  const python = pythonFor('torch', options.python) as string
  const { gpus } = await probe(python)
  const processes = options.processes ?? Math.max(1, gpus.length)
  progress.note(
    `machine ${nodes.rank} of ${nodes.count}: ${processes} process${processes === 1 ? '' : 'es'}, the loop is at ${nodes.rendezvous}`,
  )
  await TorchProcess.follow(
    { python, processes, nodes, threads: gpus.length > 0 ? 1 : options.workers, deterministic: options.deterministic },
    signal,
  )
  return { node: nodes.rank, processes }
}
