/** The records of an artifact's parts, in order. */

import type { Artifact } from '../../core/artifact.ts'
import { KopipeError } from '../../core/errors.ts'

/** Those that are named so, from the first to the last sealed one. */
export async function sealedParts<T>(artifact: Artifact, name: (part: number) => string): Promise<T[]> {
  const sealed = await artifact.sealed<T>('parts')
  const kind = (name: string) => name.replace(/[0-9]+$/, '')
  const own = [...sealed.keys()].filter((found) => kind(found) === kind(name(0)))
  return own.map((_, part) => {
    const record = sealed.get(name(part))
    if (!record) throw new KopipeError('corrupt', `${artifact.path('parts')} lacks the record of part ${name(part)}`)
    return record
  })
}
