import { isForged } from '../callable.ts'
import type { PlainPath } from '../classify.ts'
import { BEYOND, isScalar, type Operand } from './operand.ts'

/** Reads a plain path through objects; what it finds is a scalar, or an object or array that nothing is computed from. */
export function readMember({ names, first }: PlainPath): Operand {
  return (input) => {
    let value = input
    for (const name of names) {
      if (typeof value !== 'object' || value === null) return undefined
      // an array stands for its items
      if (Array.isArray(value) || isForged(value)) throw BEYOND
      if (!Object.hasOwn(value, name)) return undefined
      value = (value as Record<string, unknown>)[name]
    }
    return known(first && Array.isArray(value) ? value[0] : value)
  }
}

function known(value: unknown): unknown {
  const isKnown =
    value === undefined ||
    isScalar(value) ||
    (typeof value === 'object' && !isForged(value as object))
  if (isKnown) return value
  throw BEYOND
}
