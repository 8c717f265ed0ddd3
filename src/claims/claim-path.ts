import { pointerNames } from '../json-pointer.ts'
import type { Json } from '../types.ts'

/** The names that lead from the claims to one of them; a single one for a claim of the top level. */
export type ClaimPath = readonly string[]

/** An object that is put together member by member. */
export interface Assembly {
  readonly result: Record<string, Json>
  /** The objects that paths made on the way, and which others may add to; absent while there are none. */
  branches?: Set<Json>
}

/** The path that a JSON pointer (RFC 6901) writes. Undefined when it is none, and when a name in it is empty. */
export function parsePointer(text: string): ClaimPath | undefined {
  const [before, ...names] = text.split('/')
  if (before !== '' || names.length === 0) return undefined
  if (names.some((name) => name === '' || /~(?![01])/.test(name))) return undefined
  return pointerNames(text)
}

/** Sets the member at `path`; false when it, or something that it would have to stand in, is set already. */
export function put(assembly: Assembly, path: ClaimPath, value: Json): boolean {
  let target = assembly.result
  for (let depth = 0; depth < path.length - 1; depth += 1) {
    const name = path[depth] as string
    if (!Object.hasOwn(target, name)) {
      const branch = {}
      assembly.branches ??= new Set()
      assembly.branches.add(branch)
      define(target, name, branch)
    }
    const next = target[name] as Json
    // What an entry wrote whole stays as it is.
    if (!assembly.branches?.has(next)) return false
    target = next as Record<string, Json>
  }
  const last = path.at(-1) as string
  if (Object.hasOwn(target, last)) return false
  define(target, last, value)
  return true
}

// Assignment would take `__proto__` for the prototype.
function define(target: Record<string, Json>, name: string, value: Json): void {
  if (name !== '__proto__') target[name] = value
  else {
    Object.defineProperty(target, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    })
  }
}
