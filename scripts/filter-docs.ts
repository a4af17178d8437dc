/** docs/filters.md from pipeline/filters/*.ts; a test holds them together. `node scripts/filter-docs.ts` writes it. */

import { readFileSync, writeFileSync } from 'node:fs'
import type { z } from 'zod'
import type { Filter } from '../pipeline/filters/filter.ts'
import { FILTERS } from '../pipeline/filters/index.ts'

export function filterDocs(): string {
  const parts = FILTERS.map((filter) => {
    const shape = filter.schema.shape as Record<string, z.ZodType>
    const keys = Object.entries(shape).map(([key, field]) => `| \`${key}\` | ${fallback(field)} | ${field.description} |`)
    const reasons = Object.entries(filter.reasons).map(([reason, of]) => `| \`${reason}\` | ${of} |`)
    return [
      `## ${filter.id}`,
      filter.what,
      `**Why.** ${filter.why}`,
      `**Source.** ${filter.source}`,
      ['| key | default | |', '|---|---|---|', ...keys].join('\n'),
      ['| reason | its number |', '|---|---|', ...reasons].join('\n'),
      `${judgedWith(filter)}Kept:\n\n${quoted(filter.example.kept)}\n\nDropped:\n\n${quoted(filter.example.dropped)}`,
    ].join('\n\n')
  })
  const module = readFileSync(new URL('../docs/own-filter.mjs', import.meta.url), 'utf8').trimEnd()
  return `${[INTRODUCTION, ...parts, OWN, ['```js', module, '```'].join('\n')].join('\n\n')}\n`
}

const INTRODUCTION = `# Filters

<!-- Made by scripts/filter-docs.ts from pipeline/filters/*.ts. -->

What \`clean\` judges a document by, in this order; the first that trips decides, and the reject carries the reason, the number and the threshold. A recipe names the filters it wants under \`clean: filters:\` with the keys below; a key that is left out has its default, a filter that is left out does not judge. The thresholds are of normalized text, in eojeol (what stands between white space) unless something else is said, and come from quantiles of real text: [calibration](calibration.md). The examples were judged with \`min-words\` and \`min-lines\` at their least.`

const OWN = `## A filter of your own

\`kopipe clean INPUT... -o DIR --filter MODULE\` runs a JavaScript or TypeScript module behind the recipe's filters, as many as there are flags. Its default export is given each batch's documents as an [Arrow](https://arrow.apache.org/docs/js/) table with the columns \`id\`, \`text\` (normalized and cut, not masked yet), \`source\` and \`metadata\` (a JSON object as text), and returns the rows to drop: \`{ row, reason, value, threshold }\`, the numbers where there are any. \`reasons\` declares what it may say, and what the number is. The drops stand in the rejects, the ledger, \`inspect\` and \`why\` as those of any filter; the stage bears the file's name. The file's digest belongs to the configuration, so a changed module is another configuration. It runs on JavaScript's one thread: it must be cheap, or there must be few workers.`

/** What a key is where the recipe does not say it. */
function fallback(field: z.ZodType): string {
  const { success, data } = field.safeParse(undefined)
  if (!success) return 'required'
  return data === undefined ? 'none' : JSON.stringify(data)
}

function judgedWith({ files = [], example: { section = {} } }: Filter): string {
  const keys = Object.entries(section).map(([key, value]) => `\`${key}: ${files.includes(key) ? value : JSON.stringify(value)}\``)
  const toy = files.some((key) => key in section) ? ', a toy that the tests use' : ''
  return keys.length === 0 ? '' : `With ${keys.join(', ')}${toy}:\n\n`
}

function quoted(text: string): string {
  return ['```text', text, '```'].join('\n')
}

if (import.meta.main) writeFileSync(new URL('../docs/filters.md', import.meta.url), filterDocs())
