/** Schema → flags, and back: what commander collected, validated by the schema it came from. */

import { Option, type Command as Program } from 'commander'
import { z } from 'zod'
import { KopipeError } from '../core/errors.ts'
import { kebab, type OptionMeta, unwrap, validate } from '../core/options.ts'

/** An option as it stands on the command line: help, completions and docs/commands.md are made of these. */
export interface Flag {
  /** With dashes, the short one first. */
  written: string[]
  help: string
  /** What it takes, as it is shown; nothing where it stands alone. */
  placeholder?: string
  /** It is given once for each value. */
  repeated: boolean
  /** What it is where it is not given, as it is shown. */
  fallback?: string
  /** What it may be, where these are few. */
  values: string[]
}

export function flagsOf(schema: z.ZodObject<z.ZodRawShape>): Flag[] {
  return Object.entries(schema.shape).map(([key, field]) => flagOf(key, field as z.ZodType))
}

function flagOf(key: string, field: z.ZodType): Flag {
  const { help, placeholder = 'VALUE', short, shownDefault } = metaOf(key, field)
  const inner = unwrap(field)
  const [alone, repeated] = [inner instanceof z.ZodBoolean, inner instanceof z.ZodArray]
  const fallback = shownDefault ?? (field instanceof z.ZodDefault && !alone && !repeated ? String(field.def.defaultValue) : undefined)
  return {
    written: [...(short ? [`-${short}`] : []), `--${kebab(key)}`],
    help,
    ...(!alone && { placeholder }),
    repeated,
    ...(fallback !== undefined && { fallback }),
    values: inner instanceof z.ZodEnum ? inner.options.map(String) : [],
  }
}

export function addFlags(program: Program, schema: z.ZodObject<z.ZodRawShape>): void {
  for (const { written, help, placeholder, repeated, fallback } of flagsOf(schema)) {
    const name = written.join(', ')
    const text = [help, repeated ? '(may be repeated)' : '', fallback === undefined ? '' : `(default: ${fallback})`]
    const option = new Option(placeholder === undefined ? name : `${name} <${placeholder}>`, text.filter(Boolean).join(' '))
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
