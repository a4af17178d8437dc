/**
 * Python's `tokenizers`, the Rust library that everyone trains with, where a Python has it: `$KOPIPE_PYTHON`, the virtual
 * environment that is active, or `python3` of the PATH. A small script reads texts from stdin and writes ids to stdout,
 * a line each.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { KopipeError } from '../../core/errors.ts'
import type { Missing, Peer, Reading } from './peer.ts'

const NAME = 'tokenizers (Python)'

/** Nothing of the current folder is imported; a module called `tokenizers` may lie there. */
const SCRIPT = `
import sys
sys.path = [path for path in sys.path if path]
import json
try:
    import tokenizers
except ImportError as error:
    print(json.dumps({"missing": str(error)}), flush=True)
    sys.exit(0)
parsed, text = (tokenizers.Tokenizer.from_file(sys.argv[1]) for _ in range(2))
text.encode_special_tokens = True
print(json.dumps({"version": tokenizers.__version__}), flush=True)
for line in sys.stdin.buffer:
    document = json.loads(line)
    ids = {"parsed": parsed, "text": text}
    print(json.dumps({name: t.encode(document, add_special_tokens=False).ids for name, t in ids.items()}), flush=True)
`

export function pythonOf(env: NodeJS.ProcessEnv = process.env): string {
  if (env.KOPIPE_PYTHON) return env.KOPIPE_PYTHON
  const bin = process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python3']
  return env.VIRTUAL_ENV ? join(env.VIRTUAL_ENV, ...bin) : 'python3'
}

export async function python(path: string, program = pythonOf()): Promise<Peer | Missing> {
  const child = spawn(program, ['-c', SCRIPT, path], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, PYTHONIOENCODING: 'utf-8' },
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4000)
  })
  // The end of the process is told by its output: there is no further line.
  child.stdin.on('error', () => {})
  const ended = once(child, 'close').catch((error: NodeJS.ErrnoException) => error)
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async (): Promise<Record<string, unknown> | undefined> => {
    const { value, done } = await answers.next()
    if (done) return undefined
    try {
      return JSON.parse(value as string) as Record<string, unknown>
    } catch (error) {
      throw new KopipeError('invalid', `${program} is no Python 3: it answered ${JSON.stringify(value)}`, { cause: error })
    }
  }
  const first = await answer()
  if (first === undefined) {
    const error = await ended
    if (error instanceof Error)
      return { missing: `there is no ${program}`, hint: `Install Python 3, then: ${program} -m pip install tokenizers` }
    throw failed(program, path, said)
  }
  if (typeof first.missing === 'string') {
    return { missing: `${program} has no tokenizers: ${first.missing}`, hint: `${program} -m pip install tokenizers` }
  }
  return {
    name: NAME,
    version: String(first.version),
    readings: ['parsed', 'text'],
    encode: async (text) => {
      child.stdin.write(`${JSON.stringify(text)}\n`)
      const ids = await answer()
      if (ids === undefined) {
        await ended
        throw failed(program, path, said)
      }
      return ids as Record<Reading, number[]>
    },
    close: () => child.stdin.end(),
  }
}

function failed(program: string, path: string, said: string): KopipeError {
  return new KopipeError('invalid', `${program} failed at comparing ${path}: ${said.trim().split('\n').at(-1) ?? 'it said nothing'}`, {
    path,
  })
}
