/**
 * A run as a configuration that GPT-NeoX trains by: `deepy.py train.py neox.yml`. Keys were compared with gpt-neox at
 * ea7aefd8, and `train --neox` reads it back as the same run.
 *
 * Its learning rate is a step behind kopipe's own (GPT-NeoX's warm-up begins at 0), and it shuffles several shards apart.
 */

import { type NeoxShard, neoxData } from '../../core/neox.ts'
import { native } from '../../native/index.ts'
import { NEOX, type OpenDataset, type Packing } from '../dataset.ts'
import type { AdamW } from '../engines/engine.ts'
import type { ModelShape } from '../presets.ts'
import { FLOOR, type Schedule, WARM_UP } from '../schedule.ts'

export interface ExportedRun {
  readonly shape: ModelShape
  readonly steps: number
  readonly seed: number
  readonly batchSize: number
  readonly sequenceLength: number
  readonly lr: number
  readonly optimizer: AdamW
  readonly schedule: Schedule | null
  readonly vocabularyMultiple: number
  readonly precision: 'bf16' | 'fp32'
}

/** The configuration; null where GPT-NeoX cannot do the same: blends by weight, and samples that keep inside documents. */
export async function neoxOf(run: ExportedRun, dataset: OpenDataset, packing: Packing): Promise<string | null> {
  if (dataset.blend.length > 0 || packing !== NEOX) return null
  const data = neoxData(await shardsOf(dataset))
  const { shape, optimizer, schedule, lr, steps } = run
  const keys = {
    num_layers: shape.layers,
    hidden_size: shape.width,
    num_attention_heads: shape.heads,
    intermediate_size: shape.feedForward,
    rotary_pct: (shape.rotary * shape.heads) / shape.width,
    gpt_j_residual: !shape.sequential,
    seq_length: run.sequenceLength,
    max_position_embeddings: run.sequenceLength,
    norm: 'layernorm',
    layernorm_epsilon: 1e-5,
    pos_emb: 'rotary',
    activation: 'gelu',
    no_weight_tying: true,
    init_method: 'small_init',
    output_layer_init_method: 'wang_init',
    hidden_dropout: 0,
    attention_dropout: 0,
    make_vocab_size_divisible_by: run.vocabularyMultiple,
    pipe_parallel_size: 0,
    model_parallel_size: 1,
    train_iters: steps,
    train_batch_size: run.batchSize,
    seed: run.seed,
    optimizer: { type: 'Adam', params: { lr, betas: [optimizer.beta1, optimizer.beta2], eps: optimizer.epsilon } },
    weight_decay: optimizer.weightDecay,
    gradient_clipping: optimizer.clip,
    warmup: schedule?.warmUp ?? WARM_UP,
    lr_decay_style: schedule?.style ?? 'cosine',
    lr_decay_iters: schedule?.end ?? steps,
    min_lr: schedule?.floor ?? lr * FLOOR,
    precision: run.precision === 'bf16' ? 'bfloat16' : 'fp32',
    data_impl: 'mmap',
    tokenizer_type: 'HFTokenizer',
    ...(dataset.tokenizerFile !== null && { vocab_file: dataset.tokenizerFile }),
  }
  return `${[
    '# This run for GPT-NeoX: deepy.py train.py neox.yml. The batch is that of all devices together.',
    ...data,
    ...Object.entries(keys).map(([key, value]) => `${key}: ${JSON.stringify(value)}`),
  ].join('\n')}\n`
}

async function shardsOf({ prefixes, splits }: OpenDataset): Promise<NeoxShard[]> {
  const splitOf = (prefix: string) => (['train', 'valid', 'test'] as const).find((split) => splits?.[split].includes(prefix))
  return Promise.all(
    prefixes.map(async (prefix) => ({ prefix, tokens: (await native.Dataset.open([prefix])).tokens, split: splitOf(prefix) })),
  )
}
