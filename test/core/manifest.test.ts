/** A data manifest: what it may say, what it leads to, and that each of its files is what it describes. */

import assert from 'node:assert/strict'
import {
  appendFileSync,
  copyFileSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { type TestContext, test } from 'node:test'
import { parse, stringify } from 'yaml'
import { readManifest } from '../../core/manifest.ts'
import { folder, kopipe, koreanLines, tree } from '../kit.ts'

const ROOT = resolve(import.meta.dirname, '../..')

/** Two files and their manifest, made by the command. */
async function described(t: TestContext): Promise<{ at: string; manifest: string }> {
  const at = folder(t)
  mkdirSync(join(at, 'data', 'more'), { recursive: true })
  writeFileSync(join(at, 'data', 'b.jsonl'), koreanLines(300, 1))
  writeFileSync(join(at, 'data', 'more', 'a.jsonl'), koreanLines(200, 2))
  const manifest = join(at, 'data', 'data.yaml')
  const made = await kopipe(['manifest', join(at, 'data'), '-o', manifest, '--source-key', 'from', '--licence', 'a=CC0', '--json'])
  assert.equal(made.code, 0, made.stderr)
  return { at, manifest }
}

interface Written {
  title: string
  sources: { name: string; licence?: string; files: { path: string; bytes: number; sha256: string; documents: number; text: number }[] }[]
}

const readYaml = (path: string) => parse(readFileSync(path, 'utf8')) as Written

function fileOf(manifest: string) {
  const file = readYaml(manifest).sources[0]?.files[0]
  assert.ok(file)
  return file
}

function change(manifest: string, how: (written: Written) => void): void {
  const written = readYaml(manifest)
  how(written)
  writeFileSync(manifest, stringify(written))
}

const clean = (manifest: string, out: string) => kopipe(['clean', manifest, '-o', out, '--json'])

test('a manifest says what its files are, and a run from it is a run from them', async (t) => {
  const { at, manifest } = await described(t)
  const { title, sources } = readYaml(manifest)
  assert.equal(title, 'data')
  assert.deepEqual(
    sources.map(({ name, licence, files }) => [name, licence, files.map(({ path }) => path)]),
    [
      ['b', undefined, ['b.jsonl']],
      ['a', 'CC0', ['more/a.jsonl']],
    ],
  )
  assert.equal(sources[0]?.files[0]?.bytes, statSync(join(at, 'data', 'b.jsonl')).size)
  const [fromManifest, fromFiles] = [join(at, 'one'), join(at, 'two')]
  const one = await clean(manifest, fromManifest)
  const two = await kopipe(['clean', join(at, 'data'), '-o', fromFiles, '--json'])
  assert.equal(one.code, 0, one.stderr)
  assert.equal(two.code, 0, two.stderr)
  const files = sources.flatMap(({ files }) => files)
  const { read, malformed } = one.summary
  assert.equal(
    files.reduce((sum, { documents }) => sum + documents, 0),
    read.docs - malformed.docs,
  )
  assert.equal(
    files.reduce((sum, { text }) => sum + text, 0),
    read.bytes - malformed.bytes,
  )
  const [left, right] = [tree(fromManifest), tree(fromFiles)]
  for (const files of [left, right]) assert.ok(files.delete('kopipe.json'))
  assert.deepEqual(left, right)
  const record = JSON.parse(readFileSync(join(fromManifest, 'kopipe.json'), 'utf8')) as { manifests: unknown[] }
  assert.deepEqual(record.manifests, [readManifest(manifest).record])
})

test('documents that do not say their source have that of the manifest, and its licences travel', async (t) => {
  const { at, manifest } = await described(t)
  change(manifest, (written) => {
    Object.assign(written, { title: 'Zwei', datasheet: { motivation: 'a test' } })
    Object.assign(written.sources[0] as object, { name: 'novels', link: 'https://example.org' })
  })
  for (const command of ['clean', 'tokenize', 'stats']) {
    const flags = { clean: [], tokenize: ['--vocab-size', '300'], stats: [] }[command] ?? []
    const out = join(at, command === 'stats' ? 'report.html' : command)
    const run = await kopipe([command, manifest, '-o', out, '--source-key', 'from', '--json', ...flags])
    assert.equal(run.code, 0, run.stderr)
    if (command === 'stats') continue
    const record = JSON.parse(readFileSync(join(out, 'kopipe.json'), 'utf8')) as { ledger: object; manifests: { digest: string }[] }
    assert.deepEqual(Object.keys(record.ledger), ['a', 'novels'])
    const { digest, ...told } = record.manifests[0] as { digest: string }
    assert.match(digest, /^[0-9a-f]{64}$/)
    const sources = [
      { name: 'novels', link: 'https://example.org' },
      { name: 'a', licence: 'CC0' },
    ]
    assert.deepEqual(told, { path: manifest, title: 'Zwei', datasheet: { motivation: 'a test' }, sources })
  }
  const measured = JSON.parse(readFileSync(join(at, 'stats.json'), 'utf8')) as { documents: { bySource: object } }
  assert.deepEqual(Object.keys(measured.documents.bySource), ['a', 'novels'])
})

test('licences that documents name are counted', async (t) => {
  const at = folder(t)
  const documents = [
    ['CC0', 3],
    ['MIT', 5],
    [undefined, 1],
  ].flatMap(([license, n]) => Array.from({ length: Number(n) }, () => ({ text: '글', license })))
  writeFileSync(join(at, 'x.jsonl'), documents.map((document) => `${JSON.stringify(document)}\n`).join(''))
  const made = await kopipe(['manifest', join(at, 'x.jsonl'), '-o', join(at, 'm.yml')])
  assert.equal(made.code, 0, made.stderr)
  assert.equal(readYaml(join(at, 'm.yml')).sources[0]?.licence, 'MIT; CC0; (none named)')
  const again = await kopipe(['manifest', join(at, 'x.jsonl'), '-o', join(at, 'm.yml')])
  assert.equal(again.code, 2)
  const stray = await kopipe(['manifest', join(at, 'x.jsonl'), '-o', join(at, 'n.yml'), '--licence', 'y=MIT'])
  assert.equal(stray.code, 2)
  assert.match(stray.stderr, /no source "y"\nSources: "x"/)
  const outside = await kopipe(['manifest', join(at, 'x.jsonl'), '-o', join(at, 'below', 'n.yml')])
  assert.equal(outside.code, 1)
  assert.match(outside.stderr, /is not in .*below/)
})

test('every kind of change to a file is told before anything is written', async (t) => {
  const { at, manifest } = await described(t)
  const file = join(at, 'data', 'b.jsonl')
  const kept = join(at, 'kept')
  copyFileSync(file, kept)
  const { bytes, sha256 } = fileOf(manifest)
  const changed = Buffer.from(readFileSync(file))
  changed[bytes >> 1] = (changed[bytes >> 1] as number) ^ 1
  const changes: [what: string, change: () => void, told: RegExp][] = [
    [
      'a byte',
      () => writeFileSync(file, changed),
      new RegExp(`expected sha256 ${sha256} as its manifest says, got [0-9a-f]{64}\n.*Get it again`),
    ],
    ['shorter', () => truncateSync(file, bytes - 1), new RegExp(`expected ${bytes} bytes .*, got ${bytes - 1}\n.*Get the file again`)],
    ['longer', () => appendFileSync(file, '\n'), new RegExp(`expected ${bytes} bytes .*, got ${bytes + 1}`)],
    ['gone', () => rmSync(file), /"b.jsonl" is missing: .*\n.*Put the file there/],
  ]
  for (const [what, make, told] of changes) {
    make()
    for (const command of ['clean', 'stats']) {
      const out = join(at, command === 'stats' ? 'out.html' : 'out')
      const run = await kopipe([command, manifest, '-o', out])
      assert.equal(run.code, 1, `${what}: ${run.stderr}`)
      assert.match(run.stderr, told)
      assert.throws(() => statSync(out), what)
    }
    copyFileSync(kept, file)
  }
})

test('what was verified is not read again, unless it was written since', async (t) => {
  const { at, manifest } = await described(t)
  const file = join(at, 'data', 'b.jsonl')
  const out = join(at, 'out')
  // A whole second: utimes takes a double, which keeps no nanoseconds.
  const written = 1_700_000_000
  utimesSync(file, written, written)
  assert.equal((await clean(manifest, out)).code, 0)
  // Another content of the same length and time is not looked at.
  const content = readFileSync(file)
  writeFileSync(file, Buffer.from(content).reverse())
  utimesSync(file, written, written)
  assert.equal((await clean(manifest, out)).code, 0)
  utimesSync(file, written, written + 5)
  const changed = await clean(manifest, out)
  assert.equal(changed.code, 1)
  assert.match(changed.stderr, /expected sha256/)
  // The same content is the same file, whenever it was written.
  writeFileSync(file, content)
  assert.equal((await clean(manifest, out)).code, 0)
  change(manifest, ({ sources }) => Object.assign(sources[0] as object, { name: 'other' }))
  const renamed = await clean(manifest, out)
  assert.equal(renamed.code, 1)
  assert.match(renamed.stderr, /other sources: .*b\.jsonl: "b" then, "other" now/)
})

test('a path that leads out of the folder, a link that does, and what is there twice are refused', async (t) => {
  const { at, manifest } = await described(t)
  const secret = join(at, 'secret.jsonl')
  renameSync(join(at, 'data', 'b.jsonl'), secret)
  symlinkSync(secret, join(at, 'data', 'b.jsonl'))
  const link = await clean(manifest, join(at, 'out'))
  assert.equal(link.code, 1)
  assert.match(link.stderr, /"b.jsonl" is a link that leads out of its folder/)
  for (const path of ['../secret.jsonl', secret, 'more/../../secret.jsonl', '..\\secret.jsonl', 'C:\\secret.jsonl']) {
    change(manifest, ({ sources }) => Object.assign(sources[0]?.files[0] as object, { path }))
    const run = await clean(manifest, join(at, 'out'))
    assert.equal(run.code, 1, path)
    assert.match(run.stderr, /leads out of its folder/, path)
  }
  change(manifest, ({ sources }) => Object.assign(sources[0]?.files[0] as object, { ...sources[1]?.files[0], path: './more/a.jsonl' }))
  assert.match((await clean(manifest, join(at, 'out'))).stderr, /the file ".*a.jsonl" is there twice/)
  change(manifest, ({ sources }) => Object.assign(sources[0] as object, { name: 'a' }))
  assert.match((await clean(manifest, join(at, 'out'))).stderr, /the source "a" is there twice/)
})

test('unknown keys are refused with the nearest name at every level, and what is no manifest with why', async (t) => {
  const at = folder(t)
  const path = join(at, 'x.yaml')
  const file = { path: 'x', bytes: 1, sha256: '0'.repeat(64) }
  const cases: [content: string, told: RegExp][] = [
    [stringify({ title: 'x', source: [] }), /x\.yaml, source: there is no such key; did you mean "sources"\?/],
    [
      stringify({ title: 'x', sources: [{ name: 'a', license: 'MIT' }] }),
      /sources\.0\.license: there is no such key; did you mean "licence"\?/,
    ],
    [stringify({ title: 'x', sources: [{ name: 'a', files: [{ ...file, byte: 1 }] }] }), /sources\.0\.files\.0\.byte: .*"bytes"\?/],
    [stringify({ title: 'x', datasheet: { use: 'x' }, sources: [{ name: 'a' }] }), /datasheet\.use: .*"uses"\?/],
    [
      stringify({ title: 'x', sources: [{ name: 'a', files: [{ ...file, sha256: 'abc' }] }] }),
      /sha256: expected 64 hexadecimal digits.*got "abc"/,
    ],
    ['title: [', /x\.yaml is not YAML/],
    ['- a\n', /top level: /],
    [`${'['.repeat(100_000)}`, /x\.yaml is not YAML/],
    ['', /title: /],
    [`# ${'x'.repeat(32_000_000)}`, /expected a manifest of at most 32000000 bytes/],
  ]
  for (const [content, told] of cases) {
    writeFileSync(path, content)
    const run = await clean(path, join(at, 'out'))
    assert.equal(run.code, 2, run.stderr)
    assert.match(run.stderr.slice(0, 2000), told)
  }
  writeFileSync(path, stringify({ title: 'x', sources: [{ name: 'a', bytes: { after: '1GB' } }] }))
  const none = await clean(path, join(at, 'out'))
  assert.equal(none.code, 1)
  assert.match(none.stderr, /source "a" has no files: there is nothing to read\n`kopipe plan`/)
})

test('the manifests of the project are manifests', () => {
  const paths = globSync('data-manifests/*.yaml', { cwd: ROOT })
  assert.ok(paths.length > 0)
  for (const path of paths) readManifest(join(ROOT, path))
  const { manifest } = readManifest(join(ROOT, 'data-manifests/polyglot-ko.yaml'))
  assert.deepEqual(manifest.bytes, { before: 1.2e12, after: 863e9 })
  const named = manifest.sources.reduce((sum, { bytes }) => sum + (bytes?.after ?? 0), 0)
  assert.equal(Math.round(named / 1e8), 8572)
})
