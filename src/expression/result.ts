import { CountersignError } from '../errors.ts'
import type { Json } from '../types.ts'
import { isCallable, isForged } from './callable.ts'
import { exceeded } from './meter.ts'

/**
 * A copy of an evaluation's result as plain JSON, without the marks JSONata puts on its arrays; undefined
 * members are left out and `-0` is 0. Throws `claim/type` for what JSON cannot hold (a function, a regular
 * expression, NaN, an instance of a class) and `expr/limit` above `bytes` of UTF-8.
 */
export function toPlain(value: unknown, bytes: number): Json | undefined {
  // Most results are short texts, of at most three bytes a character.
  if (typeof value === 'string' && value.length * 3 + 2 <= bytes) return value
  let left = bytes
  const spend = (count: number) => {
    left -= count
    if (left < 0) throw exceeded(`${bytes} bytes of result`)
  }

  const copy = (item: unknown, depth: number): Json => {
    switch (typeof item) {
      case 'string':
        spend(size(item, left))
        return item
      case 'number':
        if (!Number.isFinite(item)) throw notJson('a finite number')
        spend(8)
        return item + 0
      case 'boolean':
        spend(5)
        return item
    }
    if (item === null) {
      spend(4)
      return null
    }
    if (depth === 0) throw exceeded(`${MAX_DEPTH} levels of result`)
    spend(2)
    if (Array.isArray(item)) {
      return Array.from(
        item.filter((member) => member !== undefined),
        (member) => copy(member, depth - 1),
      )
    }
    if (!isPlain(item)) throw notJson('plain data')
    const members: Record<string, Json> = {}
    for (const [name, member] of Object.entries(item)) {
      if (member === undefined) continue
      spend(size(name, left))
      define(members, name, copy(member, depth - 1))
    }
    return members
  }
  return value === undefined ? undefined : copy(value, MAX_DEPTH)
}

/** True for an object that is data: made by a literal, by `JSON.parse` or without a prototype. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== null && prototype !== Object.prototype) return false
  return !isCallable(value) && !isForged(value)
}

const MAX_DEPTH = 64

function size(text: string, left: number): number {
  return text.length > left ? text.length : Buffer.byteLength(text) + 2
}

// Assignment would take `__proto__` for the prototype.
function define(members: Record<string, Json>, name: string, value: Json): void {
  if (name !== '__proto__') members[name] = value
  else
    Object.defineProperty(members, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    })
}

function notJson(expected: string): CountersignError {
  return new CountersignError('claim/type', `expected ${expected} as the result of an expression`)
}
