/**
 * After tsc: packages of many small files are one file each in dist/packages/. To find, read and link zod's 95 files and yaml's 72
 * took a third of the processor time of a command that has little to do.
 */

import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { build } from 'esbuild'

const ROOT = resolve(import.meta.dirname, '..')
const DIST = join(ROOT, 'dist')
const PACKAGES = ['yaml', 'zod']

for (const name of PACKAGES) {
  const license = readFileSync(join(ROOT, 'node_modules', name, 'LICENSE'), 'utf8')
  await build({
    stdin: { contents: `export * from '${name}'`, resolveDir: ROOT },
    bundle: true,
    format: 'esm',
    // yaml's modules for Node are CommonJS, whose names cannot be exported; those for browsers are the same otherwise.
    platform: 'browser',
    banner: { js: `/* ${name}\n\n${license}*/` },
    outfile: join(DIST, 'packages', `${name}.js`),
    logLevel: 'warning',
  })
}

const imported = new RegExp(`(?<= from )'(${PACKAGES.join('|')})'`, 'g')
for (const file of globSync('**/*.js', { cwd: DIST, exclude: ['packages/**', '.compiled/**'] })) {
  const path = join(DIST, file)
  const code = readFileSync(path, 'utf8')
  const joined = code.replace(imported, (_, name: string) => {
    const place = relative(dirname(path), join(DIST, 'packages', `${name}.js`))
    return `'${place.startsWith('.') ? place : `./${place}`}'`
  })
  if (joined !== code) writeFileSync(path, joined)
}
