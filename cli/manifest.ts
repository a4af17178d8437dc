import { formatCount, formatSize } from '../core/sizes.ts'
import { type DescribedSource, describe, manifestOptions } from '../pipeline/manifest.ts'
import { command } from './command.ts'
import { printable } from './errors.ts'
import { damage } from './ledger.ts'
import { padded } from './width.ts'

export default command({
  name: 'manifest',
  summary: 'Files → a data manifest: their lengths, digests, documents, sources and licences; an INPUT that is verified.',
  inputs: 'INPUT...',
  options: manifestOptions,
  examples: [
    ['kopipe manifest corpus -o corpus/data.yaml', 'of all documents of a folder, written into it'],
    ['kopipe manifest corpus -o corpus/data.yaml --licence wiki=CC-BY-SA-4.0 --licence news=proprietary', 'with licences'],
    ['kopipe clean corpus/data.yaml -o clean', 'then: each file is held against its digest before it is read'],
  ],
  async run(inputs, options, session) {
    const summary = await describe(inputs, options, session)
    const lines = [...summary.sources.map(sourceLine), `→ ${options.output}`]
    return { summary: { ...summary }, lines, ...damage(summary.damaged, options, 'described') }
  },
})

function sourceLine({ name, licence, files }: DescribedSource): string {
  const sum = (key: 'documents' | 'text') => files.reduce((sum, file) => sum + (file[key] ?? 0), 0)
  const number = files.length === 1 ? '1 file' : `${formatCount(files.length)} files`
  const counted = `${formatCount(sum('documents')).padStart(14)} documents ${formatSize(sum('text')).padStart(11)} in ${number}`
  return `${padded(printable(name), 30)}${counted}${licence === undefined ? '' : `, ${printable(licence)}`}`
}
