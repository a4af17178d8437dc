/** What the tests of packed datasets share: packing, reading by the format's table, faults at random moments. */

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Dataset } from '../../core/dataset.ts'
import { campaign, kopipe, random, tree } from '../kit.ts'

export const TOKENIZER = join(import.meta.dirname, '..', 'golden', 'tokenizer', 'korean.json')

/** Records that could be packed, as texts. */
export function texts(lines: string): string[] {
  return lines.split('\n').flatMap((line) => {
    try {
      const { text } = JSON.parse(line) as { text?: unknown }
      return typeof text === 'string' && text !== '' ? [text] : []
    } catch {
      return []
    }
  })
}

/** Packs JSON lines, each text an input of its own, in this order; gives the folder. */
export async function packed(dir: string, name: string, inputs: readonly string[], ...more: string[]): Promise<string> {
  const paths = inputs.map((lines, i) => {
    const path = join(dir, `${name}-${i}.jsonl`)
    writeFileSync(path, lines)
    return path
  })
  const out = join(dir, name)
  const run = await kopipe(['pack', ...paths, '--tokenizer', TOKENIZER, '-o', out, '--quiet', ...more])
  assert.equal(run.code, 0, run.stderr)
  return out
}

/**
 * What others read: shards and what stands beside them. Names of sources are left out, which are those of input files, and counts
 * of tokens, which stand where the documents were packed.
 */
export function dataset(artifact: string): Map<string, string> {
  const files = new Map([...tree(artifact)].filter(([path]) => !/^(kopipe\.json$|parts\/|rejects\/|statistics\/)/.test(path)))
  const { sources = {}, tokenCounts, ...rest } = manifest(artifact)
  const sum = Object.values(sources).reduce((sum, { tokens }) => sum + tokens, 0)
  return files.set('dataset.json', JSON.stringify({ ...rest, sourced: sum }))
}

export function manifest(artifact: string): Dataset {
  return JSON.parse(readFileSync(join(artifact, 'dataset.json'), 'utf8')) as Dataset
}

/** Documents of a shard of u16, as text of their ids. */
export function documentsOf(prefix: string): string[] {
  const [bin, idx] = [readFileSync(`${prefix}.bin`), readFileSync(`${prefix}.idx`)]
  const [sequences, entries] = [Number(idx.readBigUInt64LE(18)), Number(idx.readBigUInt64LE(26))]
  const start = (document: number) => {
    const sequence = Number(idx.readBigInt64LE(34 + 12 * sequences + 8 * document))
    return sequence === sequences ? bin.length : Number(idx.readBigInt64LE(34 + 4 * sequences + 8 * sequence))
  }
  return Array.from({ length: entries - 1 }, (_, i) => bin.toString('hex', start(i), start(i + 1)))
}

/** Runs a command that a fault ends at random operations, then the same one again: it must end with the same bytes. */
export async function resumesAnywhere(command: (out: string) => string[], dir: string, operations: number, rounds: number): Promise<void> {
  const whole = join(dir, 'whole')
  const reference = await kopipe(command(whole))
  assert.equal(reference.code, 0, reference.stderr)
  const next = random(7)
  const each = campaign(3, rounds)
  let failed = 0
  for (const fault of ['crash', 'eio', 'enospc']) {
    for (let round = 0; round < each; round++) {
      const [out, at] = [join(dir, `${fault}-${round}`), 1 + Math.floor(next() * operations)]
      const broken = await kopipe(command(out), { env: { KOPIPE_FAULT: `${fault}@${at}` } })
      if (broken.code === 0) continue
      failed += 1
      const again = await kopipe(command(out))
      assert.equal(again.code, 0, `${fault}@${at}: ${again.stderr}`)
      assert.deepEqual(tree(out), tree(whole), `${fault}@${at}`)
      assert.deepEqual({ ...again.summary, seconds: 0, artifact: '' }, { ...reference.summary, seconds: 0, artifact: '' })
    }
  }
  assert.ok(failed >= 2 * each, `${failed} of ${3 * each} faults were met`)
}
