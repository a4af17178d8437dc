/** The only importer of the addon: loads it, and turns its errors into KopipeError. */

import { createRequire } from 'node:module'
import { type ErrorKind, KopipeError } from '../core/errors.ts'
import type { Io } from '../core/io.ts'
import type * as Binding from './binding.d.ts'

export type * from './binding.d.ts'

/** The addon; every function and method of it throws or rejects with KopipeError only. */
export const native = unwrapping(load())

/** The disk, as the rooms below this one see it. */
export const io: Io = native

function load(): typeof Binding {
  const require = createRequire(import.meta.url)
  // From the sources, and from dist/.
  const places = ['./kopipe.node', '../../native/kopipe.node']
  const tried: string[] = []
  for (const place of places) {
    try {
      return require(place) as typeof Binding
    } catch (error) {
      tried.push(`${place}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`)
    }
  }
  throw new KopipeError('internal', `the native core did not load:\n  ${tried.join('\n  ')}`, { hint: 'Run `make build`.' })
}

type Callable = (...args: unknown[]) => unknown

/** Wraps each exported function, each method of each exported class in place, and its factories in a subclass. */
function unwrapping(addon: typeof Binding): typeof Binding {
  const wrapped: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(addon as unknown as Record<string, Callable>)) {
    const methods = Object.entries(Object.getOwnPropertyDescriptors((value.prototype ?? {}) as object)).filter(
      ([key]) => key !== 'constructor',
    )
    const factories = Object.entries(Object.getOwnPropertyDescriptors(value)).filter(
      ([, { value: factory }]) => typeof factory === 'function',
    )
    for (const [key, { value: method }] of methods) {
      if (typeof method === 'function') Object.defineProperty(value.prototype, key, { value: catching(method as Callable) })
    }
    if (factories.length > 0) {
      // Factories cannot be redefined where they are.
      const Class = class extends (value as unknown as new () => object) {}
      for (const [key, { value: factory }] of factories) Object.defineProperty(Class, key, { value: catching(factory as Callable) })
      wrapped[name] = Class
    } else {
      wrapped[name] = methods.length > 0 ? value : catching(value)
    }
  }
  return wrapped as unknown as typeof Binding
}

function catching(call: Callable): Callable {
  return function (this: unknown, ...args: unknown[]) {
    try {
      const result = call.apply(this, args)
      return result instanceof Promise ? result.catch(rethrow) : result
    } catch (error) {
      return rethrow(error)
    }
  }
}

function rethrow(error: unknown): never {
  const text = error instanceof Error ? error.message : String(error)
  if (!text.startsWith('{"kind":')) throw error
  const { kind, message, path, offset } = JSON.parse(text) as {
    kind: ErrorKind | 'cancelled'
    message: string
    path?: string
    offset?: number
  }
  throw new KopipeError(kind === 'cancelled' ? 'interrupted' : kind, message, {
    ...(path && { path }),
    ...(offset !== undefined && { offset }),
    cause: error,
  })
}
