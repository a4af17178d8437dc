/** Under which licences the documents of files stand: as a flag says, or as their own metadata does. */

import { z } from 'zod'
import { KopipeError } from '../core/errors.ts'
import type { InputFile } from '../core/input-file.ts'
import { type Ledger, total } from '../core/ledger.ts'
import { type Batch, native } from '../native/index.ts'

/** Documents of a file that are looked at for such a key. */
const LOOKED_AT = 100

/** Of more than these, a manifest says how many there are. */
const NAMED = 8

/** What documents that do not name a licence are counted as, where others do. */
const NONE = '(none named)'

export const licenceOption = z
  .array(z.string().regex(/^.+=.+$/s, 'expected SOURCE=LICENCE'))
  .default([])
  .meta({ help: "a source's licence, where documents do not name it or otherwise", placeholder: 'SOURCE=LICENCE' })

/** The key under which the first documents of a parsed batch name a licence. */
export function licenceKey(batch: Batch): string | undefined {
  const keys = native.licenceKeys()
  for (let ordinal = batch.firstOrdinal; ordinal < batch.firstOrdinal + Math.min(batch.records, LOOKED_AT); ordinal++) {
    const line = batch.line(ordinal, 0)
    const record = line === null ? {} : (JSON.parse(line) as Record<string, unknown>)
    const key = keys.find((key) => typeof record[key] === 'string')
    if (key !== undefined) return key
  }
  return undefined
}

/** A file whose documents are counted by licence: those without one have a name of their own. */
export function byLicence(file: InputFile): InputFile {
  return { ...file, source: NONE }
}

/** Licences of a source by its name: what flags say, else what its documents name, the most frequent first. */
export function licences(flags: readonly string[]) {
  const said = new Map(flags.map((flag) => [flag.slice(0, flag.lastIndexOf('=')), flag.slice(flag.lastIndexOf('=') + 1)]))
  return {
    of(source: string, found: Ledger): string | undefined {
      const flag = said.get(source)
      if (flag !== undefined) return flag
      const documents = Object.entries(found).map(([name, counts]) => [name, total({ [name]: counts }).kept.docs] as const)
      const named = documents.filter(([, docs]) => docs > 0).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
      const names = named.slice(0, NAMED).map(([name]) => name)
      return named.length === 0 ? undefined : [...names, ...(named.length > NAMED ? [`and ${named.length - NAMED} more`] : [])].join('; ')
    },
    /** A flag for what is no source is a slip. */
    checkUsed(sources: readonly string[]): void {
      const stray = [...said.keys()].find((source) => !sources.includes(source))
      if (stray === undefined) return
      throw new KopipeError('usage', `--licence: there is no source ${JSON.stringify(stray)}`, {
        hint: `Sources: ${sources.map((source) => JSON.stringify(source)).join(', ')}.`,
      })
    },
  }
}
