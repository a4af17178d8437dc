/**
 * docs/formats.md and the pages of docs/formats/ read as law. A section `## NAME` has tables of two kinds: `| file | … |`, patterns of the files that are left,
 * and `| key | type | … |` under a heading `### \`FILE\``, `### \`--json\`` or, in the section Types, the name of a type.
 *
 * In patterns NNNNN is a number of five digits or more, STEP of six, TIME any, EXT a format of documents, SPLIT a split; `/` at the
 * end is all below. In keys `?` may be missing, `{name}` is any key, `[]` what an array holds, and the key `…` all keys of a type
 */

export interface Section {
  files: string[]
  /** Keys by what the heading names. */
  keys: Map<string, Node>
}

/** What stands at a place of a JSON value. */
interface Node {
  type?: string
  optional: boolean
  /** A value was held against it. */
  met: boolean
  keys: Map<string, Node>
  any?: Node
  items?: Node
  /** Types whose keys stand here, too. */
  spread: string[]
}

export interface Law {
  sections: Map<string, Section>
  types: Map<string, Node>
}

const node = (): Node => ({ optional: false, met: false, keys: new Map(), spread: [] })

export function lawOf(page: string): Law {
  const law: Law = { sections: new Map(), types: new Map() }
  let section: Section | undefined
  let subjects: string[] = []
  let root: Node | undefined
  let [kind, isTypes] = ['', false]
  for (const line of page.split('\n')) {
    const [, level, title = ''] = /^(##|###) (.*)/.exec(line) ?? []
    if (level === '##') {
      section = { files: [], keys: new Map() }
      isTypes = title === 'Types'
      law.sections.set(title, section)
    }
    if (level !== undefined) {
      root = undefined
      subjects = [...title.matchAll(/`([^`]+)`/g)].map(([, name]) => name as string)
    }
    if (title === '' && !line.startsWith('|')) kind = ''
    const cells = line.startsWith('|')
      ? line
          .slice(1, -1)
          .split(' | ')
          .map((cell) => cell.trim())
      : []
    if (cells[0] === 'file' || cells[0] === 'key') kind = cells[0]
    const names = [...(cells[0] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name as string)
    if (kind === 'file') section?.files.push(...names)
    if (kind !== 'key') continue
    root ??= node()
    for (const subject of subjects) (isTypes ? law.types : (section as Section).keys).set(subject, root)
    for (const name of names) put(root, name, cells[1] ?? '')
  }
  return law
}

function put(root: Node, path: string, type: string): void {
  let at = root
  for (const step of path.split('.')) {
    if (step === '…') {
      at.spread.push(type)
      return
    }
    const [, name = '', items = ''] = /^(.+?)((?:\[\])*)\??$/.exec(step) ?? []
    const before = at
    at = name.startsWith('{') ? (at.any ?? node()) : (at.keys.get(name) ?? node())
    if (name.startsWith('{')) before.any = at
    else before.keys.set(name, at)
    for (let i = 0; i < items.length; i += 2) at = at.items ??= node()
  }
  at.type = type
  at.optional = path.endsWith('?')
}

const PARTS: Record<string, string> = {
  NNNNN: '\\d{5,}',
  STEP: '\\d{6,}',
  TIME: '\\d+',
  EXT: '(jsonl|jsonl\\.zst|jsonl\\.gz|parquet|arrow)',
  SPLIT: '(train|valid|test)',
}

export function matches(pattern: string, path: string): boolean {
  const literal = pattern.split(/(NNNNN|STEP|TIME|EXT|SPLIT)/).map((part) => PARTS[part] ?? part.replace(/[.*+]/g, '\\$&'))
  return new RegExp(`^${literal.join('')}${pattern.endsWith('/') ? '.*' : '$'}`).test(path)
}

/** The keys of a file: what the section says, and what it says of every artifact. */
export function keysOf({ sections }: Law, names: readonly string[], file: string): Node | undefined {
  const found = names.flatMap((name) => [...(sections.get(name)?.keys ?? [])]).filter(([pattern]) => matches(pattern, file))
  if (found.length === 0) return undefined
  const all = node()
  for (const [, { keys, any, spread }] of found) {
    for (const [key, inner] of keys) all.keys.set(key, inner)
    if (any) all.any = any
    all.spread.push(...spread)
  }
  return all
}

/** Where a value is not what the law says. */
export function faults(value: unknown, law: Law, node: Node, path = ''): string[] {
  node.met = true
  const here = node.type === undefined ? [] : typeFaults(value, law, node.type, path)
  if (here.length > 0) return here
  if (Array.isArray(value)) return node.items ? value.flatMap((item) => faults(item, law, node.items as Node, `${path}[]`)) : []
  if (value === null || typeof value !== 'object' || isLeaf(node)) return []
  const { keys, any } = spreadOut(node, law)
  const missing = [...keys]
    .filter(([key, inner]) => !inner.optional && !Object.hasOwn(value, key))
    .map(([key]) => `${path}.${key} is missing`)
  const inside = Object.entries(value).flatMap(([key, inner]) => {
    const known = keys.get(key) ?? any
    return known ? faults(inner, law, known, `${path}.${key}`) : [`${path}.${key} is not described`]
  })
  return [...missing, ...inside]
}

function isLeaf({ keys, any, spread }: Node): boolean {
  return keys.size === 0 && any === undefined && spread.length === 0
}

function spreadOut(node: Node, law: Law): Node {
  const all: Node = { ...node, keys: new Map(node.keys) }
  for (const name of node.spread) {
    const { keys, any } = spreadOut(law.types.get(name) as Node, law)
    for (const [key, inner] of keys) if (!all.keys.has(key)) all.keys.set(key, inner)
    if (any && !all.any) all.any = any
  }
  return all
}

const PLAIN: Record<string, (value: unknown) => boolean> = {
  any: () => true,
  null: (value) => value === null,
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  integer: Number.isSafeInteger,
  number: (value) => typeof value === 'number',
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
}

/** `integer`, `Count`, `Count[]`, `string or null`. */
function typeFaults(value: unknown, law: Law, type: string, path: string): string[] {
  const all = type.split(' or ').map((one) => oneTypeFaults(value, law, one, path))
  return all.some((found) => found.length === 0) ? [] : (all[0] as string[])
}

function oneTypeFaults(value: unknown, law: Law, type: string, path: string): string[] {
  if (type.endsWith('[]')) {
    if (!Array.isArray(value)) return [`${path}: expected ${type}, got ${JSON.stringify(value).slice(0, 80)}`]
    return value.flatMap((item) => oneTypeFaults(item, law, type.slice(0, -2), `${path}[]`))
  }
  const plain = PLAIN[type]
  if (plain) return plain(value) ? [] : [`${path}: expected ${type}, got ${JSON.stringify(value).slice(0, 80)}`]
  const named = law.types.get(type)
  if (!named) return [`${path}: there is no type ${type}`]
  return PLAIN.object?.(value) ? faults(value, law, named, path) : [`${path}: expected ${type}, got ${JSON.stringify(value).slice(0, 80)}`]
}

/** Keys that no value had, by section or type: what the page describes and nothing leaves. */
export function unmet({ sections, types }: Law): string[] {
  const below = (node: Node, path: string): string[] => {
    const inner = [...node.keys].map(([key, inner]) => [`${path}.${key}`, inner] as const)
    const all = [
      ...inner,
      ...(node.any ? [[`${path}.{}`, node.any] as const] : []),
      ...(node.items ? [[`${path}[]`, node.items] as const] : []),
    ]
    return all.flatMap(([at, inner]) => (inner.met ? below(inner, at) : [at, ...below(inner, at)]))
  }
  const roots = [...sections.values()].flatMap(({ keys }) => [...keys])
  return [...new Set([...roots, ...types].flatMap(([name, node]) => below(node, name)))]
}
