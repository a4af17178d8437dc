import { formatCount, formatSize } from '../core/sizes.ts'
import { sample, sampleOptions } from '../pipeline/sample.ts'
import { command } from './command.ts'

export default command({
  name: 'sample',
  summary: 'A synthetic Korean corpus of any size, with planted truth: duplicates, PII, spam, broken lines.',
  options: sampleOptions,
  examples: [
    ['kopipe sample -o sample --size 64MB', 'documents/, euc-kr/ and truth.jsonl, which says what is planted where'],
    ['kopipe sample -o big --size 20GB --seed 7', 'for a test of scale'],
  ],
  async run(_inputs, options, session) {
    const summary = await sample(options, session)
    const { documents, bytes, files, artifact } = summary
    return {
      summary: { ...summary },
      lines: [`${formatCount(documents)} documents, ${formatSize(bytes)} in ${files} files → ${artifact}`],
    }
  },
})
