/**
 * After tsc: packages of many small files are one file each in dist/packages/, with the licenses of all that is in it. To find,
 * read and link zod's 95 files and yaml's 72 took a third of the processor time of a command that has little to do; Plot's 118
 * and linkedom's 202 took .19 s of each command that writes a report.
 */

import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { build } from 'esbuild'

const ROOT = resolve(import.meta.dirname, '..')
const DIST = join(ROOT, 'dist')
const PACKAGES = ['@observablehq/plot', 'linkedom', 'yaml', 'zod']

/** The file that a package becomes. */
const fileOf = (name: string) => join(DIST, 'packages', `${name.replace('@', '').replace('/', '-')}.js`)

for (const name of PACKAGES) {
  const { metafile, outputFiles } = await build({
    stdin: { contents: `export * from '${name}'`, resolveDir: ROOT },
    absWorkingDir: ROOT,
    bundle: true,
    format: 'esm',
    // yaml's modules for Node are CommonJS, whose names cannot be exported; those for browsers are the same otherwise.
    platform: 'browser',
    // linkedom's, which may be missing.
    external: ['canvas'],
    outfile: fileOf(name),
    metafile: true,
    write: false,
    logLevel: 'warning',
  })
  const [joined] = outputFiles
  if (!joined) throw new Error(`nothing came of ${name}`)
  mkdirSync(join(DIST, 'packages'), { recursive: true })
  writeFileSync(fileOf(name), `/*\n${licenses(Object.keys(metafile.inputs))}*/\n${joined.text}`)
}

/** Of the packages that files belong to, each text once. */
function licenses(files: readonly string[]): string {
  const folders = new Set(files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []))
  const byText = new Map<string, string[]>()
  for (const folder of folders) {
    const text = readFileSync(join(ROOT, folder, 'LICENSE'), 'utf8')
    byText.set(text, [...(byText.get(text) ?? []), folder.replace(/^.*node_modules\//, '')])
  }
  return [...byText].map(([text, names]) => `${names.join(', ')}\n\n${text}\n`).join('\n')
}

const imported = new RegExp(`(?<= from )'(${PACKAGES.join('|')})'`, 'g')
for (const file of globSync('**/*.js', { cwd: DIST, exclude: ['packages/**', '.compiled/**'] })) {
  const path = join(DIST, file)
  const code = readFileSync(path, 'utf8')
  const joined = code.replace(imported, (_, name: string) => {
    const place = relative(dirname(path), fileOf(name))
    return `'${place.startsWith('.') ? place : `./${place}`}'`
  })
  if (joined !== code) writeFileSync(path, joined)
}
