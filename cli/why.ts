import { KopipeError } from '../core/errors.ts'
import { type Fate, type Step, why, whyOptions } from '../pipeline/explain/why.ts'
import { command } from './command.ts'
import { printable } from './errors.ts'

/** Characters of a text that a person sees; `--json` has all. */
const EXCERPT = 400

export default command({
  name: 'why',
  summary: 'What happened to a document of clean, and by which number.',
  inputs: 'ARTIFACT ID',
  options: whyOptions,
  examples: [
    ['kopipe why clean 12345', 'the document with this id, stage by stage, and every number it was judged by'],
    ['kopipe why clean news.jsonl:102400', 'a document without an id of its own, by its file and byte'],
    ['kopipe why clean 12345 --json --quiet', 'the same, whole, as JSON'],
  ],
  async run(inputs, options, session) {
    const [artifact, id, ...more] = inputs
    if (artifact === undefined || id === undefined || more.length > 0) {
      throw new KopipeError('usage', `expected ARTIFACT and ID, got ${inputs.length} arguments`)
    }
    const documents = await why(artifact, id, options, session)
    return { summary: { artifact, documents }, lines: documents.flatMap(told) }
  },
})

function told(fate: Fate): string[] {
  const { id, file, part, ordinal, offset, written, steps, numbers } = fate
  const place = [
    ordinal === undefined ? '' : `record ${ordinal} of part ${part}`,
    offset === undefined ? '' : `byte ${offset} of what it decodes to`,
  ]
  const lines = [
    `${printable(String(id))}: ${verdict(fate)}`,
    `  from      ${[printable(file), ...place.filter(Boolean)].join(', ')}`,
    `  written   ${printable(written.path)}, line ${written.line}`,
    ...steps.map((step, i) => `  ${step.stage.padEnd(9)} ${happened(step, steps[i - 1])}`),
  ]
  if (steps.length === 0) lines.push('  The input is gone or has changed, so the stages cannot be gone through again.')
  if (numbers.length > 0) {
    const side = (number: Fate['numbers'][number]) => (number.reason === fate.reason ? ' ←' : '')
    lines.push('  number      threshold')
    for (const number of numbers) {
      const { reason, value, threshold, is } = number
      lines.push(`  ${round(value).padEnd(12)}${round(threshold).padEnd(12)}${reason}: ${is}${side(number)}`)
    }
  }
  const { text, raw } = fate.record as { text?: string; raw?: string }
  lines.push(`  text      ${excerpt(text ?? raw ?? '')}`)
  return lines
}

function verdict({ kept, reason, value, threshold, is, of, against, record }: Fate): string {
  if (kept) return 'kept'
  if (against)
    return `dropped, ${reason}: ${is} ${round(value ?? 0)}, that of ${printable(String(against.id))} in ${printable(against.file)}`
  if (of) {
    const which = of.id === undefined ? '' : ` ${printable(String(of.id))},`
    const alike = value === undefined ? 'the same text as' : `${round(value)} like`
    return `dropped, ${reason}: ${reason === 'near-duplicate' && value === undefined ? 'shares a band with' : alike}${which} record ${of.ordinal} of part ${of.unit}${of.artifact === undefined ? '' : ` of ${printable(of.artifact)}`}`
  }
  const { why } = (record.kopipe ?? {}) as { why?: string }
  if (why !== undefined) return `not a document: ${printable(why)}`
  return `dropped, ${reason}: ${is || 'number'} ${round(value ?? 0)}, threshold ${round(threshold ?? 0)}`
}

function happened({ stage, text, said }: Step, before: Step | undefined): string {
  const { reason, value, threshold } = said as { reason?: string; value?: number; threshold?: number }
  const bytes = Buffer.byteLength(text)
  // Bylines are told where they were cut.
  const { cut } = said as { cut?: { line?: number } }
  if (stage === 'lines' && reason === undefined && cut?.line === undefined) return 'changes nothing'
  const fresh = Object.entries(said).filter(([key]) => !(key in (before?.said ?? {})) && !PLACE.includes(key))
  const notes = fresh.map(([key, value]) => `${key} ${printable(typeof value === 'string' ? value : JSON.stringify(value))}`)
  if (stage === 'read' && reason !== undefined) return `drops it: ${reason}`
  if (reason !== undefined) {
    if (before?.said.reason !== undefined) return 'not reached'
    return `drops it: ${reason}, number ${round(value ?? 0)}, threshold ${round(threshold ?? 0)}`
  }
  if (stage === 'read') return [`${bytes} bytes of text`, ...notes].join(', ')
  if (stage === 'filter') return ['passes', ...notes].join(', ')
  if (stage === 'lines') return [`${Buffer.byteLength(before?.text ?? '')} → ${bytes} bytes`, `cut line ${cut?.line}`].join(', ')
  if (text === before?.text) return ['changes nothing', ...notes].join(', ')
  return [`${Buffer.byteLength(before?.text ?? '')} → ${bytes} bytes`, ...notes, difference(before?.text ?? '', text)].join(', ')
}

/** What a reject says beside its reason. */
const PLACE = ['reason', 'value', 'threshold', 'file', 'offset', 'bytes', 'unit', 'ordinal']

/** The first place where two texts differ. */
function difference(before: string, after: string): string {
  const [a, b] = [[...before], [...after]]
  const at = a.findIndex((character, i) => character !== b[i])
  const first = at === -1 ? a.length : at
  const around = (text: string[]) => JSON.stringify(text.slice(Math.max(0, first - 8), first + 16).join(''))
  return `first at character ${first}: ${printable(around(a))} → ${printable(around(b))}`
}

function excerpt(text: string): string {
  const characters = [...text]
  const cut = characters.length > EXCERPT ? `${characters.slice(0, EXCERPT).join('')} … (${characters.length} characters)` : text
  return printable(cut.replace(/\s+/g, ' '))
}

function round(value: number): string {
  return String(Math.round(1e4 * value) / 1e4)
}
