/** The house: arrows run one way, rooms of one floor never import each other, and only native/index.ts knows the addon. */

import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, resolve } from 'node:path'
import { test } from 'node:test'

const ROOT = resolve(import.meta.dirname, '../..')

/** Room → rooms it may import. */
const ARROWS: Record<string, string[]> = {
  cli: ['pipeline', 'tokenizer', 'training', 'native', 'core'],
  pipeline: ['native', 'core'],
  tokenizer: ['native', 'core'],
  training: ['native', 'core'],
  native: ['core'],
  core: [],
}

function imports(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8')
  const found = text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)
  return [...found].map(([, path]) => normalize(join(dirname(file), path as string)))
}

test('arrows run cli → pipeline | tokenizer | training → native → core', () => {
  for (const [room, allowed] of Object.entries(ARROWS)) {
    for (const file of globSync(`${room}/**/*.ts`, { cwd: ROOT, exclude: (path) => path.includes('target') || path.includes('crates') })) {
      for (const target of imports(file)) {
        const other = target.split('/')[0] as string
        assert.ok(other === room || allowed.includes(other), `${file} imports ${target}`)
      }
    }
  }
})

test('native/index.ts is the only importer of the addon', () => {
  for (const file of globSync('{cli,pipeline,tokenizer,training,core,native}/**/*.ts', {
    cwd: ROOT,
    exclude: (path) => path.includes('target'),
  })) {
    const text = readFileSync(join(ROOT, file), 'utf8')
    if (file !== 'native/index.ts') assert.ok(!/kopipe\.node|binding\.d\.ts/.test(text), `${file} knows the addon`)
  }
})

test('kopipe-core knows nothing of Node.js, and the binding is the only crate that does', () => {
  const core = readFileSync(join(ROOT, 'native/crates/kopipe-core/Cargo.toml'), 'utf8')
  assert.ok(!/^napi/m.test(core))
})

test('the project speaks of itself alone: no path of a machine, no registry host in what is committed', () => {
  const files = globSync('{cli,pipeline,tokenizer,training,core,docs,bench,scripts,test}/**/*.{ts,md,py,json}', { cwd: ROOT })
  for (const file of [...files, 'README.md', 'Makefile']) {
    const text = readFileSync(join(ROOT, file), 'utf8')
    assert.ok(!/\/(?:root|home)\/\w+\/|registry\.npmjs\.org|index\.crates\.io|files\.pythonhosted/.test(text), file)
  }
})
