/** Schema → flags, and back: what commander collected, validated by the schema it came from. */

import { Option, type Command as Program } from 'commander'
import { z } from 'zod'
import { KopipeError } from '../core/errors.ts'
import { kebab, type OptionMeta, unwrap, validate } from '../core/options.ts'

export function addFlags(program: Program, schema: z.ZodObject<z.ZodRawShape>): void {
  for (const [key, field] of Object.entries(schema.shape) as [string, z.ZodType][]) {
    const { help, placeholder, short, shownDefault } = metaOf(key, field)
    const inner = unwrap(field)
    const name = `${short ? `-${short}, ` : ''}--${kebab(key)}`
    if (inner instanceof z.ZodBoolean) {
      program.addOption(new Option(name, help))
      continue
    }
    const fallback =
      shownDefault ?? (field instanceof z.ZodDefault && !(inner instanceof z.ZodArray) ? String(field.def.defaultValue) : undefined)
    const repeated = inner instanceof z.ZodArray
    const text = [help, repeated ? '(may be repeated)' : '', fallback === undefined ? '' : `(default: ${fallback})`]
      .filter(Boolean)
      .join(' ')
    const option = new Option(`${name} <${placeholder ?? 'VALUE'}>`, text)
    // A repeated flag takes one value each time, so it never swallows an INPUT.
    if (repeated) option.argParser((value: string, before: string[] | undefined) => [...(before ?? []), value])
    program.addOption(option)
  }
}

export function readFlags(program: Program, schema: z.ZodObject<z.ZodRawShape>): Record<string, unknown> {
  return validate(schema, program.opts(), (key) => (key === 'output' ? '-o' : `--${kebab(key)}`))
}

function metaOf(key: string, field: z.ZodType): OptionMeta {
  const meta = field.meta() as OptionMeta | undefined
  if (!meta?.help) throw new KopipeError('internal', `option ${key} has no help`)
  return meta
}
