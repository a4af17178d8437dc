/** The documents name what is there: every command, every room, every link. */

import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { commandDocs } from '../../scripts/command-docs.ts'
import { comparedPage } from '../../scripts/compare-docs.ts'
import { readPages } from '../../scripts/format-docs.ts'
import { kopipe } from '../kit.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')

test('the README lists every command that help lists', async () => {
  const { stdout } = await kopipe(['--help'])
  const commands = [...stdout.matchAll(/^ {2}([a-z]+) {2,}/gm)].map(([, name]) => name)
  assert.ok(commands.length >= 6)
  for (const name of commands) assert.ok(readme.includes(`\`kopipe ${name} `), name)
})

test('the flags the README shows exist', async () => {
  for (const [, name, rest] of readme.matchAll(/^ *\$ \.\/kopipe (\w+) (.*)$/gm)) {
    const { stdout } = await kopipe([name as string, '--help'])
    for (const [flag] of (rest as string).matchAll(/--[a-z-]+/g)) assert.ok(stdout.includes(`${flag} `), `${name} ${flag}`)
  }
})

test('links and rooms of the documents exist', () => {
  for (const file of ['README.md', ...globSync('docs/**/*.md', { cwd: ROOT })]) {
    const text = readFileSync(join(ROOT, file), 'utf8')
    for (const [, link] of text.matchAll(/\]\((?!https?:)([^)#]+)/g))
      assert.ok(existsSync(join(ROOT, file, '..', link as string)), `${file}: ${link}`)
  }
  const architecture = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8')
  for (const [, room] of architecture.matchAll(/^\| `(\w+)\/?`/gm)) assert.ok(existsSync(join(ROOT, room as string)), room)
})

test('docs/commands.md is what the commands say', async () => {
  assert.equal(readFileSync(join(ROOT, 'docs/commands.md'), 'utf8'), await commandDocs(), 'node scripts/command-docs.ts writes it')
})

test('docs/compare.md has the table of docs/benchmarks.md', () => {
  assert.equal(readFileSync(join(ROOT, 'docs/compare.md'), 'utf8'), comparedPage(), 'node scripts/compare-docs.ts writes it')
})

test('each concept is told where it is: names of files and keys that docs/formats.md has, and a page that reads on', () => {
  const described = [...readPages().values()].flatMap((page) =>
    [...page.matchAll(/^\| ((?:`[^`]+` ?)+)/gm)].map(([, names]) => names as string),
  )
  const names = new Set(
    described.flatMap((cell) => [...cell.matchAll(/`([^`]+?)\??`/g)].map(([, name]) => (name as string).replaceAll('[]', ''))),
  )
  const paragraphs = readFileSync(join(ROOT, 'docs/concepts.md'), 'utf8').split('\n\n')
  const concepts = paragraphs.filter((paragraph) => paragraph.startsWith('**')).map((paragraph) => paragraph.trim().replaceAll('\n', ' '))
  assert.ok(concepts.length > 20)
  for (const concept of concepts) {
    assert.match(concept, /Read on: \[[\w/-]+\.md\]\([\w/-]+\.md\)\.$/, concept)
    const [, files = ''] = /In the files: (.*?)\. Read on/.exec(concept) ?? []
    for (const [, name] of files.matchAll(/`([^`]+)`/g)) assert.ok(names.has(name as string), `${name}, of: ${concept}`)
  }
})
