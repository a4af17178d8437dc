/**
 * An artifact: a folder that says in `kopipe.json` what it is, from which configuration and inputs it was made, and
 * whether it is finished. The same command on it resumes; another configuration or other inputs are refused.
 */

import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'
import { KopipeError } from './errors.ts'
import { checkUnchanged, type InputFile } from './input-file.ts'
import type { Io } from './io.ts'
import type { ManifestRecord } from './manifest.ts'
import type { Session } from './progress.ts'
import { verifyInputs } from './verify.ts'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined }
export type Configuration = { readonly [key: string]: Json | undefined }

const FORMAT = 1

/** Folders of artifacts of any kind that a killed run may have been writing to. */
const FOLDERS = ['documents', 'rejects', 'duplicates', 'contamination', 'index', 'parts', 'scratch', 'shards', 'statistics', 'checkpoints']

export interface ArtifactRecord {
  kind: string
  version: number
  status: 'running' | 'done'
  configuration: Configuration
  /** sha256 of the configuration. */
  digest: string
  inputs: readonly InputFile[]
  /** Data manifests among the inputs: where the data is from, and under which licence. */
  manifests?: readonly ManifestRecord[]
  /** What the command is about: totals, ledger, digests of what it wrote. */
  [more: string]: unknown
}

export interface ArtifactPlan {
  kind: string
  configuration: Configuration
  inputs: readonly InputFile[]
  manifests?: readonly ManifestRecord[]
  /** Other files that are read. */
  reads?: readonly string[]
  overwrite: boolean
}

/** Holds what manifests name against their digests, but for what the artifact in the folder was begun with. */
export async function verifyFor(
  folder: string,
  inputs: readonly InputFile[],
  options: { workers: number },
  io: Io,
  session: Session,
): Promise<void> {
  if (inputs.some(({ sha256 }) => sha256 !== undefined))
    await verifyInputs(inputs, (await read(folder, io))?.inputs ?? [], options, session)
}

export class Artifact {
  readonly folder: string
  readonly #io: Io
  #record: ArtifactRecord

  private constructor(folder: string, io: Io, record: ArtifactRecord) {
    this.folder = folder
    this.#io = io
    this.#record = record
  }

  /** Begins an artifact, or takes up the one that stands there. */
  static async open(folder: string, plan: ArtifactPlan, io: Io): Promise<Artifact> {
    refuseOwn(folder, [...plan.inputs.map(({ path }) => path), ...(plan.reads ?? [])])
    const found = await read(folder, io)
    if (found && !(plan.overwrite && found.kind === plan.kind)) {
      refuseDifferent(folder, found, plan)
      const artifact = new Artifact(folder, io, found)
      await artifact.#removeUnfinished()
      return artifact
    }
    if (found) await io.removeFolder(folder)
    else await refuseForeign(folder, io)
    await io.createFolder(folder)
    const digest = digestOf(plan.configuration)
    const record: ArtifactRecord = {
      kind: plan.kind,
      version: FORMAT,
      status: 'running',
      configuration: plan.configuration,
      digest,
      inputs: plan.inputs,
      ...(plan.manifests && plan.manifests.length > 0 && { manifests: plan.manifests }),
    }
    const artifact = new Artifact(folder, io, record)
    await artifact.#write()
    return artifact
  }

  /** An artifact of this kind that is done; anything else is refused. */
  static async finished(folder: string, kind: string, io: Io): Promise<Artifact> {
    const found = await read(folder, io)
    if (found?.kind === kind && found.status === 'done') return new Artifact(folder, io, found)
    const came = found ? `${found.status === 'done' ? 'one' : 'an unfinished one'} of \`${found.kind}\`` : 'no kopipe.json'
    throw new KopipeError(
      found || existsSync(folder) ? 'invalid' : 'not-found',
      `${folder}: expected an artifact of \`${kind}\`, got ${came}`,
      {
        path: folder,
        hint:
          found?.kind === kind
            ? 'Run the command that makes it again; it resumes.'
            : `An artifact is the folder that \`kopipe ${kind} -o\` wrote.`,
      },
    )
  }

  /** The configuration of what was begun there as this kind; undefined where nothing was. */
  static async configurationOf(folder: string, kind: string, io: Io): Promise<Configuration | undefined> {
    const found = await read(folder, io)
    return found?.kind === kind ? found.configuration : undefined
  }

  get record(): Readonly<ArtifactRecord> {
    return this.#record
  }

  get done(): boolean {
    return this.#record.status === 'done'
  }

  path(...names: string[]): string {
    return join(this.folder, ...names)
  }

  /** Seals a part: its record is written last, by rename. */
  async seal(path: string, record: object): Promise<void> {
    await this.#io.commitFile(path, json(record))
  }

  /** The sealed records of a folder by name (`NNNNN` of `NNNNN.done.json`). */
  async sealed<T>(folder: string): Promise<Map<string, T>> {
    const records = new Map<string, T>()
    for (const name of await this.#io.listFolder(this.path(folder))) {
      if (!name.endsWith('.done.json')) continue
      const content = await this.#io.readFile(this.path(folder, name))
      records.set(name.slice(0, -'.done.json'.length), JSON.parse(content.toString()) as T)
    }
    return records
  }

  /** Writes the totals; from here on the artifact is finished. */
  async finish(more: Record<string, unknown>): Promise<void> {
    this.#record = { ...this.#record, status: 'done', ...more }
    await this.#write()
  }

  async #write(): Promise<void> {
    await this.#io.commitFile(this.path('kopipe.json'), json(this.#record))
  }

  /** What a killed run left under a temporary name. */
  async #removeUnfinished(): Promise<void> {
    for (const folder of ['.', ...FOLDERS]) {
      for (const name of await this.#io.listFolder(this.path(folder))) {
        if (name.endsWith('.unfinished')) await this.#io.removeFile(this.path(folder, name))
      }
    }
  }
}

/** The record of a finished or unfinished artifact; undefined where the folder is none. */
async function read(folder: string, io: Io): Promise<ArtifactRecord | undefined> {
  const path = join(folder, 'kopipe.json')
  if (!existsSync(path)) return undefined
  try {
    const record = JSON.parse((await io.readFile(path)).toString()) as ArtifactRecord
    if (record.version === FORMAT && typeof record.kind === 'string') return record
    throw new Error(`expected version ${FORMAT}, got ${record.version}`)
  } catch (error) {
    throw new KopipeError('corrupt', `${path} is not a record this kopipe can read: ${(error as Error).message}`, { path, cause: error })
  }
}

/** Refuses to write where something is that is read: `--overwrite` would take it away. */
function refuseOwn(folder: string, read: readonly string[]): void {
  const inside = read.find((path) => resolve(path).startsWith(`${resolve(folder)}${sep}`))
  if (inside === undefined) return
  throw new KopipeError('usage', `-o ${folder} is where ${inside} is read from`, { hint: 'Choose another folder with -o.' })
}

function refuseDifferent(folder: string, found: ArtifactRecord, plan: ArtifactPlan): void {
  if (found.kind !== plan.kind) {
    throw new KopipeError('changed', `${folder} holds an artifact of \`${found.kind}\`, not of \`${plan.kind}\``, {
      path: folder,
      hint: 'Choose another folder with -o.',
    })
  }
  const hint = 'Choose another folder with -o, or begin anew with --overwrite.'
  if (found.digest !== digestOf(plan.configuration)) {
    const differences = differing(found.configuration, plan.configuration)
    throw new KopipeError('changed', `${folder} was begun with another configuration:\n${differences.join('\n')}`, { path: folder, hint })
  }
  const then = found.inputs.map((input) => input.path)
  const now = plan.inputs.map((input) => input.path)
  if (then.length !== now.length || then.some((path, i) => path !== now[i])) {
    const gone = then.filter((path) => !now.includes(path)).map((path) => `  - ${path}`)
    const fresh = now.filter((path) => !then.includes(path)).map((path) => `  + ${path}`)
    const lines = gone.length + fresh.length > 0 ? [...gone, ...fresh].slice(0, 20) : ['  the same files in another order']
    throw new KopipeError('changed', `${folder} was begun with other inputs:\n${lines.join('\n')}`, { path: folder, hint })
  }
  for (const [i, input] of found.inputs.entries()) {
    const { path, source, sha256 } = plan.inputs[i] as InputFile
    if (input.source !== source) {
      const names = `${JSON.stringify(input.source ?? null)} then, ${JSON.stringify(source ?? null)} now`
      throw new KopipeError('changed', `${folder} was begun with other sources: ${path}: ${names}`, { path: folder, hint })
    }
    // A file of the digest it had is the same file, whenever it was written.
    if (sha256 === undefined || sha256 !== input.sha256) checkUnchanged(input)
  }
}

async function refuseForeign(folder: string, io: Io): Promise<void> {
  const foreign = (await io.listFolder(folder)).filter((name) => !name.endsWith('.unfinished'))
  if (foreign.length > 0) {
    throw new KopipeError('invalid', `${folder} is not empty and not an artifact of kopipe (it holds ${foreign.slice(0, 3).join(', ')})`, {
      path: folder,
      hint: 'Choose an empty or a new folder with -o.',
    })
  }
}

function differing(then: Json | undefined, now: Json | undefined, path = ''): string[] {
  if (isObject(then) && isObject(now)) {
    const keys = [...new Set([...Object.keys(then), ...Object.keys(now)])].sort()
    return keys.flatMap((key) => differing(then[key], now[key], path ? `${path}.${key}` : key))
  }
  const [before, after] = [JSON.stringify(then), JSON.stringify(now)]
  return before === after ? [] : [`  ${path}: ${before ?? 'unset'} then, ${after ?? 'unset'} now`]
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function digestOf(configuration: Configuration): string {
  return createHash('sha256')
    .update(JSON.stringify(canonical(configuration)))
    .digest('hex')
}

/** Keys sorted at every level, so that equal configurations have equal JSON. */
function canonical(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return value.map((item: Json) => canonical(item) ?? null)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, canonical(value[key])]),
  )
}

function json(value: object): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`)
}
