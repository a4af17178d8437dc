/**
 * Near-duplicates at scale: `node bench/scale.ts FOLDER [SIZE...]` makes samples with planted truth (2GB and 20GB by default),
 * removes their near-duplicates with two workers and 1 GB of memory, and tells time, peak memory, how many of the planted
 * pairs over .9 were found and how many under .5 went. What is there already is not made again.
 */

import { createReadStream, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { unzstd } from '../test/kit.ts'
import { measure } from './measure.ts'

const [folder = 'bench/made/scale', ...sizes] = process.argv.slice(2)
const KOPIPE = resolve(import.meta.dirname, '../kopipe')

interface Truth {
  kind: string
  id: string
  of?: string
  jaccard?: number
}

const kopipe = (...args: string[]) => measure(KOPIPE, [...args, '--json', '--quiet'])

for (const size of sizes.length > 0 ? sizes : ['2GB', '20GB']) {
  const [sample, out] = [join(folder, `sample-${size}`), join(folder, `clean-${size}`)]
  if (!existsSync(join(sample, 'truth.jsonl'))) await kopipe('sample', '-o', sample, '--size', size, '--seed', '5', '--workers', '2')
  rmSync(out, { recursive: true, force: true })
  const {
    said,
    wall: seconds,
    peak,
  } = await kopipe('clean', sample, '-o', out, '--recipe', 'none', '--memory', '1GB', '--max-document', '16MB', '--workers', '2')
  const gone = new Set<string>()
  for (const name of readdirSync(join(out, 'rejects'))) {
    for (const line of unzstd(readFileSync(join(out, 'rejects', name)))
      .toString()
      .split('\n')) {
      // The reason stands behind the text.
      const at = line.lastIndexOf('"kopipe":{')
      if (!line.includes('-duplicate"', at)) continue
      gone.add(String((JSON.parse(line) as { id: string }).id))
    }
  }
  const counts = { over: 0, found: 0, under: 0, wrong: 0 }
  for await (const line of createInterface({ input: createReadStream(join(sample, 'truth.jsonl')) })) {
    const { kind, id, of = '', jaccard = 0 } = JSON.parse(line) as Truth
    if (kind !== 'near-duplicate') continue
    if (jaccard > 0.9) {
      counts.over += 1
      counts.found += Number(gone.has(id) || gone.has(of))
    } else if (jaccard < 0.5) {
      counts.under += 1
      counts.wrong += Number(gone.has(id))
    }
  }
  const { read, dropped, funnel } = said as {
    read: { docs: number; bytes: number }
    dropped: Record<string, { docs: number }>
    funnel: { total: { stage: string; seconds: number }[] }
  }
  const took = funnel.total.filter(({ seconds }) => seconds > 1).map(({ stage, seconds }) => `${stage} ${seconds.toFixed(0)}`)
  console.log(
    `${size}: ${read.docs} documents, ${(read.bytes / 1e9).toFixed(2)} GB of text, ${seconds.toFixed(1)} s, ${(read.bytes / seconds / 1e6).toFixed(1)} MB/s, peak ${(peak / 1e6).toFixed(0)} MB; ` +
      `went: ${Object.entries(dropped).map(([reason, { docs }]) => `${docs} ${reason}`)}; ` +
      `planted over .9: ${counts.found} of ${counts.over} found; under .5: ${counts.wrong} of ${counts.under} went; seconds of workers: ${took.join(', ')}`,
  )
}
