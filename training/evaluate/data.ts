/** The rows of a task: `NAME.jsonl` of a folder, plain, gzip or zstd, each with the split it belongs to. */

import { join } from 'node:path'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { z } from 'zod'
import { KopipeError } from '../../core/errors.ts'
import { io } from '../../native/index.ts'
import type { Question, Task } from './task.ts'

export interface TaskData {
  /** The questions to score. */
  readonly scored: readonly Question[]
  /** Those that shots are drawn from. */
  readonly shots: readonly Question[]
}

/** A task's file is some megabytes; nothing larger is unpacked. */
const LARGEST = 2 ** 28

const UNPACK: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  '': (bytes) => bytes,
  '.gz': (bytes) => gunzipSync(bytes, { maxOutputLength: LARGEST }),
  '.zst': unzstd,
}

/** `shots`: how many the pool must hold. */
export async function readTask(task: Task, folder: string, shots: number): Promise<TaskData> {
  const names = await io.listFolder(folder)
  const ending = Object.keys(UNPACK).find((suffix) => names.includes(`${task.name}.jsonl${suffix}`))
  if (ending === undefined) {
    throw new KopipeError('not-found', `there is no ${task.name}.jsonl in ${folder}, nor one with .gz or .zst`, {
      path: folder,
      hint: 'docs/eval.md says where the data comes from and how it is laid out.',
    })
  }
  const path = join(folder, `${task.name}.jsonl${ending}`)
  const lines = unpacked(await io.readFile(path), ending, path).split('\n')
  const splits = new Map<string, Question[]>()
  for (const [number, line] of lines.entries()) {
    if (line.trim() === '') continue
    const { split, question } = rowOf(task, line, `${path}, line ${number + 1}`)
    const questions = splits.get(split) ?? []
    questions.push(question)
    splits.set(split, questions)
  }
  const scored = splits.get(task.scored)
  if (!scored) throw new KopipeError('invalid', `${path} has no row of the split ${task.scored}`, { path })
  const pool = splits.get(task.shots) ?? []
  const needed = shots + (pool === scored ? 1 : 0)
  if (pool.length < needed) {
    throw new KopipeError(
      'usage',
      `--shots ${shots}: ${path} has ${pool.length} rows of the split ${task.shots}, which they are drawn from`,
    )
  }
  return { scored, shots: pool }
}

const Row = z.looseObject({ split: z.string() })

function rowOf(task: Task, line: string, where: string): { split: string; question: Question } {
  try {
    const { split, ...row } = Row.parse(JSON.parse(line))
    return { split, question: task.question.parse(row) }
  } catch (error) {
    const what =
      error instanceof z.ZodError ? error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; ') : 'not JSON'
    throw new KopipeError('invalid', `${where}: no row of ${task.name}: ${what}`, { cause: error })
  }
}

function unpacked(bytes: Buffer, ending: string, path: string): string {
  try {
    return (UNPACK[ending] as (bytes: Buffer) => Buffer)(bytes).toString()
  } catch (error) {
    throw new KopipeError('corrupt', `${path} cannot be unpacked: ${(error as Error).message}`, { path, cause: error })
  }
}

/** All frames: Node.js decodes the first and says nothing of the others. */
function unzstd(bytes: Buffer): Buffer {
  const frames: Buffer[] = []
  for (let rest = bytes; rest.length > 0; ) {
    const { buffer, engine } = zstdDecompressSync(rest, { info: true, maxOutputLength: LARGEST }) as unknown as {
      buffer: Buffer
      engine: { bytesWritten: number }
    }
    frames.push(buffer)
    rest = rest.subarray(engine.bytesWritten)
  }
  return Buffer.concat(frames)
}
