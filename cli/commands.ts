/** Every command, once: help, the command line and completions are made of this list. */

import type { z } from 'zod'
import type { Command, Outcome } from './command.ts'

export type AnyCommand = Omit<Command, 'options' | 'run' | 'needsNoInput'> & {
  options: z.ZodObject<z.ZodRawShape>
  needsNoInput?(options: never): boolean
  run(inputs: string[], options: never, session: Parameters<Command['run']>[2]): Promise<Outcome>
}

export interface Entry {
  name: string
  summary: string
  load: () => Promise<{ default: AnyCommand }>
}

/** In the order help shows them; the modules behind are imported only when called. */
export const COMMANDS: (Entry & { group: string })[] = [
  { name: 'clean', summary: 'raw text → clean, deduplicated documents', group: 'Commands:', load: () => import('./clean.ts') },
  { name: 'tokenize', summary: 'documents → a BPE tokenizer', group: 'Commands:', load: () => import('./tokenize.ts') },
  { name: 'pack', summary: 'documents → token shards that GPT-NeoX trains on', group: 'Commands:', load: () => import('./pack.ts') },
  { name: 'train', summary: 'shards → a model and its loss', group: 'Commands:', load: () => import('./train.ts') },
  { name: 'stats', summary: 'an artifact or files → report.html and stats.json', group: 'Commands:', load: () => import('./stats.ts') },
  { name: 'run', summary: 'a recipe → all of the above, what changed is done again', group: 'More:', load: () => import('./run.ts') },
  { name: 'init', summary: 'a few questions → a recipe for run', group: 'More:', load: () => import('./init.ts') },
  {
    name: 'inspect',
    summary: 'documents, rejects, clusters, shards, checkpoints, page by page',
    group: 'More:',
    load: () => import('./inspect.ts'),
  },
  { name: 'why', summary: 'what happened to a document, and by which number', group: 'More:', load: () => import('./why.ts') },
  {
    name: 'train-filter',
    summary: 'good and bad documents → a model for the filter quality',
    group: 'More:',
    load: () => import('./train-filter.ts'),
  },
  { name: 'generate', summary: 'a model → what it says behind a prompt', group: 'More:', load: () => import('./generate.ts') },
  { name: 'eval', summary: 'a model → its scores on Korean tasks and held-out text', group: 'More:', load: () => import('./eval.ts') },
  { name: 'plan', summary: 'a run before it is begun: time, memory, disk', group: 'More:', load: () => import('./plan.ts') },
  {
    name: 'manifest',
    summary: 'files → a data manifest, which is verified before it is read',
    group: 'More:',
    load: () => import('./manifest.ts'),
  },
  { name: 'sample', summary: 'a synthetic corpus with planted truth', group: 'More:', load: () => import('./sample.ts') },
  { name: 'doctor', summary: 'what this machine has for kopipe, and what it lacks', group: 'More:', load: () => import('./doctor.ts') },
  {
    name: 'completion',
    summary: 'what completes commands and flags in bash, zsh and fish',
    group: 'More:',
    load: () => import('./completion.ts'),
  },
]

/** What stands behind a command's name. An input called so is reached as `./NAME`. */
export const SUBCOMMANDS: Record<string, Entry[]> = {
  pack: [
    { name: 'merge', summary: 'several packed datasets → one', load: () => import('./pack/merge.ts') },
    { name: 'split', summary: 'a packed dataset → its train, valid and test', load: () => import('./pack/split.ts') },
    { name: 'verify', summary: 'hold packed datasets against all that is promised of them', load: () => import('./pack/verify.ts') },
  ],
}
