/**
 * `tokenize --verify`: the ids of the kept sample, by kopipe and by HF's own tokenizers. Special strings are read as
 * HF reads them by default on both sides, and by Python's also as text, as kopipe reads them.
 */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { interrupted, KopipeError } from '../core/errors.ts'
import type { Session } from '../core/progress.ts'
import { native, type Tokenizer } from '../native/index.ts'
import { javascript } from './peers/javascript.ts'
import type { Missing, Peer, Reading } from './peers/peer.ts'
import { python } from './peers/python.ts'
import { readSample, SAMPLE, type SampledDocument } from './sample.ts'

/** Differences that are told of a peer; all documents that differ are counted. */
const SHOWN = 5
/** Characters around a difference, and ids from there on. */
const AROUND = 20
const IDS = 8

export interface Difference {
  id: unknown
  source: string
  /** How special strings were read. */
  reading: Reading
  /** Character of the document at which the first token begins that differs. */
  character: number
  /** The text around it. */
  around: string
  /** Ids from there on. */
  ours: number[]
  theirs: number[]
}

export interface Compared {
  name: string
  version: string
  docs: number
  /** What kopipe makes of them where special strings are tokens. */
  tokens: number
  /** Documents whose ids differ. */
  differ: number
  differences: Difference[]
}

export interface Verified {
  javascript: Compared
  python: Compared | Missing
}

/** Compares on the sample of a finished artifact. */
export async function verify(artifact: string, session: Session): Promise<Verified> {
  const [path, sampled] = [join(artifact, 'tokenizer.json'), join(artifact, SAMPLE)]
  if (!existsSync(sampled)) {
    throw new KopipeError('not-found', `${artifact} holds no ${SAMPLE} to compare on`, {
      path: sampled,
      hint: 'It was made by an earlier kopipe; begin anew with --overwrite.',
    })
  }
  const sample = await readSample(sampled)
  const tokenizer = await native.loadTokenizer(path)
  session.progress.stage('verifying', 2 * sample.length)
  return {
    javascript: await compare(tokenizer, sample, await javascript(path), session),
    python: await orMissing(await python(path), (peer) => compare(tokenizer, sample, peer, session)),
  }
}

function orMissing(peer: Peer | Missing, run: (peer: Peer) => Promise<Compared>): Promise<Compared> | Missing {
  return 'missing' in peer ? peer : run(peer)
}

async function compare(tokenizer: Tokenizer, sample: readonly SampledDocument[], peer: Peer, session: Session): Promise<Compared> {
  const { name, version, readings } = peer
  const compared: Compared = { name, version, docs: 0, tokens: 0, differ: 0, differences: [] }
  try {
    for (const { id, source, text } of sample) {
      if (session.signal.aborted) throw interrupted('the tokenizer is finished, comparing it is not')
      const theirs = await peer.encode(text).catch((error: unknown) => Promise.reject(failing(name, id, error)))
      const found = readings.flatMap((reading): Difference[] => {
        const ours = tokenizer.encode(text, reading === 'parsed')
        if (reading === 'parsed') compared.tokens += ours.length
        const difference = differing(tokenizer, ours, theirs[reading] ?? [])
        return difference ? [{ id, source, reading, ...difference }] : []
      })
      compared.docs += 1
      compared.differ += found.length > 0 ? 1 : 0
      compared.differences.push(...found.slice(0, SHOWN - compared.differences.length))
      session.progress.advance({ of: 1, docs: 1 })
    }
    return compared
  } finally {
    peer.close()
  }
}

/** A peer that cannot encode a document at all. */
function failing(peer: string, id: unknown, error: unknown): unknown {
  if (error instanceof KopipeError) return error
  return new KopipeError('invalid', `${peer} fails at document ${JSON.stringify(id)}: ${(error as Error).message}`, { cause: error })
}

/** Where two encodings part: by the text that kopipe's ids stand for, which a normalizer may have changed. */
function differing(
  tokenizer: Tokenizer,
  ours: readonly number[],
  theirs: readonly number[],
): Omit<Difference, 'id' | 'source' | 'reading'> | undefined {
  if (ours.length === theirs.length && ours.every((id, i) => id === theirs[i])) return undefined
  const from = ours.findIndex((id, i) => id !== theirs[i])
  const at = from < 0 ? ours.length : from
  const text = [...tokenizer.decode([...ours])]
  // A token may begin inside a character: what stands before it ends there, with a replacement character.
  const before = [...tokenizer.decode(ours.slice(0, at)).replace(/\ufffd+$/, '')].length
  return {
    character: before,
    around: text.slice(Math.max(0, before - AROUND), before + AROUND).join(''),
    ours: ours.slice(at, at + IDS),
    theirs: theirs.slice(at, at + IDS),
  }
}

/** What is said where a peer gives other ids; undefined where none does. */
export function disagreement({ javascript, python }: Verified): string | undefined {
  const peers = [javascript, python].filter((peer): peer is Compared => 'differ' in peer && peer.differ > 0)
  if (peers.length === 0) return undefined
  return peers
    .flatMap(({ name, version, docs, differ, differences }) => [
      `${name} ${version} gives other ids for ${differ} of ${docs} documents:`,
      ...differences.flatMap(told),
    ])
    .join('\n')
}

function told({ id, source, reading, character, around, ours, theirs }: Difference): string[] {
  const specials = reading === 'parsed' ? 'special tokens read' : 'special tokens as text'
  return [
    `  ${typeof id === 'string' ? id : JSON.stringify(id)} [${source}], character ${character}, ${specials}: …${around.replace(/\s+/g, ' ')}…`,
    `    kopipe ${ours.join(' ')} …  it ${theirs.join(' ')} …`,
  ]
}
