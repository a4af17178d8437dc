import { KopipeError } from '../core/errors.ts'
import { formatCount } from '../core/sizes.ts'
import { generate, generateOptions } from '../training/model/generate.ts'
import { command } from './command.ts'
import { printable } from './errors.ts'

export default command({
  name: 'generate',
  summary: 'What a trained model says behind a prompt, as it comes.',
  inputs: 'MODEL',
  options: generateOptions,
  examples: [
    ["kopipe generate run --prompt '대한민국의 수도는'", 'the newest checkpoint of a run'],
    ['kopipe generate run --max-tokens 400 --seed 7', 'a text from its beginning; another seed, another text'],
    ["kopipe generate run --prompt '옛날 옛적에' --temperature 0", 'always the most likely token'],
    ['kopipe generate run --prompt-file question.txt --json --quiet', 'only the summary, as JSON'],
    ["kopipe generate polyglot-ko-1.3b --engine torch --prompt '한국의 봄은'", "another's GPT-NeoX"],
  ],
  async run(inputs, options, session) {
    const [model] = inputs
    if (model === undefined) throw new KopipeError('usage', 'expected a MODEL: a run of train, a checkpoint or a GPT-NeoX model')
    const write = (text: string) => !options.quiet && process.stdout.write(printable(text))
    let begun = 0
    const began = performance.now()
    const summary = await generate(model, options, session, {
      begin: (prompt) => write(`${begun++ > 0 ? '\n\n' : ''}${prompt}`),
      say: write,
    })
    write('\n')
    const rate = summary.tokens / ((performance.now() - began) / 1000)
    const said = `${formatCount(summary.tokens)} tokens by ${summary.model} on ${summary.device}, ${rate.toFixed(1)} a second with loading`
    session.progress.note(said)
    return { summary: { ...summary }, lines: [] }
  },
})
