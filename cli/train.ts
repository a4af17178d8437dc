import { formatCount } from '../core/sizes.ts'
import { type Found, setUpTorch } from '../training/engines/torch-python.ts'
import { follow, nodesOf } from '../training/follow.ts'
import { trainOptions } from '../training/options.ts'
import { type TrainSummary, train } from '../training/train.ts'
import { command } from './command.ts'
import { printable } from './errors.ts'

export default command({
  name: 'train',
  summary: 'Shards → a GPT-NeoX model, its loss beside that of a model that knows token frequencies only.',
  inputs: 'DATASET...',
  options: trainOptions,
  needsNoInput: ({ neox, setupTorch, nodeRank }) => neox.length > 0 || setupTorch || Boolean(nodeRank),
  examples: [
    ['kopipe train packed -o model', 'the tiny preset, 200 steps'],
    ['kopipe train packed -o model --steps 1000 --batch-size 16', 'longer; interrupt it, and the same command goes on'],
    ['kopipe train --neox 125M.yml --neox neox.yml -o model', 'by configurations of GPT-NeoX: model, data and training'],
    ['kopipe train news web -o model --weights 1,3', 'a blend: three samples of the second for each of the first'],
    ['kopipe train packed -o model --packing best-fit', 'samples that keep inside documents'],
    ['kopipe train --setup-torch', 'brings PyTorch into your cache folder, for GPUs and faster CPUs; later runs use it'],
    ['kopipe train packed -o model --preset 1.3B', 'on all GPUs there are, as their memory allows'],
    ['kopipe train shards/00000 shards/00001 -o model', 'bare shards of GPT-NeoX or Megatron, by their prefixes'],
    ['kopipe train packed -o model --save-every 1000 --keep 5', 'seldomer checkpoints, more of them; watch: tensorboard --logdir model'],
    ['kopipe train packed -o model --rollbacks 0', 'stops where the loss is no number, in place of going back and past it'],
  ],
  async run(inputs, given, session) {
    const made = given.setupTorch ? await setUpTorch(given.python, session.progress) : null
    if (made && inputs.length === 0 && given.neox.length === 0) return setUp(made)
    // A Python that was named is what the new one was made from; it need not have torch.
    const options = made ? { ...given, python: made.path } : given
    const nodes = nodesOf(options)
    if (nodes && nodes.rank > 0) {
      const helped = await follow(nodes, options, session)
      return { summary: helped, lines: [`helped as machine ${helped.node} with ${helped.processes} processes`] }
    }
    const summary = await train(inputs, options, session)
    return { summary: { ...summary }, lines: table(summary) }
  },
})

function setUp({ path, torch, gpus }: Found) {
  const names = gpus.length === 0 ? 'no GPU' : gpus.map(({ name }) => printable(name)).join(', ')
  return { summary: { python: path, torch, gpus }, lines: [`torch ${torch}, ${names}`, `→ ${path}`] }
}

function table(summary: TrainSummary): string[] {
  const { steps, loss, val_loss, unigram_loss, tokens, packed, rollbacks, saving, engine, parameters, artifact, neox = [] } = summary
  const nats = (value: number | null) => (value === null ? 'no sample' : `${value.toFixed(4)} nats a token`)
  const rows: [string, string][] = [
    ['model', `${formatCount(parameters)} parameters`],
    ...(engine ? [['computed', printable(`by ${engine.name} on ${engine.device}, ${engine.precision}`)] as [string, string]] : []),
    ['trained', `${formatCount(steps)} steps, ${formatCount(tokens)} tokens`],
    ...(packed ?? []).map((part): [string, string] => ['packed', described(part)]),
    ['loss', nats(loss)],
    ['validation', nats(val_loss)],
    ['unigram', nats(unigram_loss)],
    ...(typeof saving?.seconds === 'number' ? [['checkpoint', `${saving.seconds.toFixed(2)} s to save`] as [string, string]] : []),
    ...(rollbacks ? [['went back', `${formatCount(rollbacks)} times; report.html tells when and why`] as [string, string]] : []),
  ]
  return [...neox.map(printable), ...rows.map(([name, value]) => `${name.padEnd(12)}${value}`), `→ ${artifact}`]
}

function described({ epochs, documents, cut, utilisation }: TrainSummary['packed'][number]): string {
  const share = (part: number) => `${(100 * part).toFixed(2)} %`
  return `${formatCount(documents)} documents, ${epochs} epoch${epochs === 1 ? '' : 's'}, ${share(cut / documents)} of them cut, ${share(utilisation)} of places used`
}
