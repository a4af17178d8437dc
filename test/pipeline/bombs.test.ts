/** Inputs that unpack to gigabytes: what becomes of them, and the memory it takes, measured. */

import assert from 'node:assert/strict'
import { createReadStream, createWriteStream, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type TestContext, test } from 'node:test'
import { createGunzip, createGzip, createZstdCompress } from 'node:zlib'
import { folder, kopipe, lines, peer, type Run } from '../kit.ts'

const GB = 1e9

/** Runs `clean` with one worker; gives the run and its peak resident memory in bytes. */
async function clean(input: string, out: string): Promise<Run & { peak: number }> {
  let peak = 0
  let watch: NodeJS.Timeout | undefined
  const run = await kopipe(['clean', input, '-o', out, '--workers', '1', '--json', '--quiet'], {
    started: (child) => {
      watch = setInterval(() => {
        try {
          const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
          peak = Math.max(peak, 1024 * Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0))
        } catch {
          // It has ended between two looks, or there is no /proc.
        }
      }, 10)
    },
  })
  clearInterval(watch)
  return { ...run, peak }
}

async function* repeated(piece: string, bytes: number): AsyncGenerator<Buffer> {
  const block = Buffer.from(piece.repeat(Math.ceil(2 ** 20 / piece.length)))
  for (let written = 0; written < bytes; written += block.length) yield block
}

function bounded(t: TestContext, what: string, peak: number): void {
  t.diagnostic(`${what}: ${Math.round(peak / 1e6)} MB at the most`)
  assert.ok(peak < GB, `${what}: ${Math.round(peak / 1e6)} MB`)
}

test('a line of 4 GB is dropped as too-long, in less than 1 GB of memory', async (t) => {
  const dir = folder(t)
  const input = join(dir, 'line.jsonl.zst')
  await pipeline(Readable.from(repeated('a', 4 * GB)), createZstdCompress(), createWriteStream(input))
  const run = await clean(input, join(dir, 'out'))
  assert.equal(run.code, 0, run.stderr)
  assert.equal(run.summary.dropped['too-long']?.docs, 1)
  assert.ok((run.summary.dropped['too-long']?.bytes ?? 0) >= 4 * GB)
  bounded(t, '4 GB line', run.peak)
})

test('a zip bomb is read to its end and its documents are judged', async (t) => {
  const dir = folder(t)
  // Gzip of gzip-friendly text in every container that is held as a whole.
  for (const [name, piece] of [
    ['blank.txt.gz', ' '],
    ['open.json.gz', '['],
    ['open.csv.gz', '"'],
    ['page.html.gz', '<div>'],
  ] as const) {
    const input = join(dir, name)
    await pipeline(Readable.from(repeated(piece, GB)), createGzip({ level: 1 }), createWriteStream(input))
    const run = await clean(input, join(dir, `out-${name}`))
    assert.equal(run.code, 0, run.stderr)
    assert.ok(run.summary.read.docs <= 1, name)
    bounded(t, name, run.peak)
  }
  await assert.doesNotReject(pipeline(createReadStream(join(dir, 'blank.txt.gz')), createGunzip(), createWriteStream('/dev/null')))
})

test('a WARC whose page unpacks to gigabytes is malformed, with why', async (t) => {
  const dir = folder(t)
  const bomb = join(dir, 'bomb.gz')
  await pipeline(Readable.from(repeated('<p>', GB)), createGzip({ level: 1 }), createWriteStream(bomb))
  const body = Buffer.concat([
    Buffer.from('HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n'),
    readFileSync(bomb),
  ])
  const head = `WARC/1.0\r\nWARC-Type: response\r\nContent-Length: ${body.length}\r\n\r\n`
  const input = join(dir, 'in.warc')
  await pipeline(Readable.from([Buffer.from(head), body, Buffer.from('\r\n\r\n')]), createWriteStream(input))
  const run = await clean(input, join(dir, 'out'))
  assert.equal(run.summary.malformed.docs, 1)
  const [reject] = lines(join(dir, 'out'), 'rejects') as { kopipe: { why: string } }[]
  assert.match(reject?.kopipe.why ?? '', /the body unpacks to more than \d+ bytes/)
  bounded(t, 'page of a WARC', run.peak)
})

test('pages of Parquet and batches of Arrow that unpack to gigabytes are damage, told before they are unpacked', async (t) => {
  const dir = folder(t)
  if (!(await peer(t, ['bombs', dir], 'formats.py'))) return
  for (const name of ['page.parquet', 'batch.arrow', 'stream.arrow']) {
    const run = await clean(join(dir, name), join(dir, `out-${name}`))
    assert.equal(run.code, 1)
    assert.match(run.stderr, /bytes(?: unpacked)?, over the \d+ that are read/)
    bounded(t, name, run.peak)
  }
})
