import { KLUE } from './klue.ts'
import { KOBEST } from './kobest.ts'
import type { Task } from './task.ts'

/** In the order help shows them. */
export const TASKS: readonly Task[] = [...KOBEST, ...KLUE]
