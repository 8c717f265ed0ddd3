import { decodeUtf8 } from '../../utf8.ts'
import { unfit } from '../failure.ts'
import { isPlain } from '../result.ts'

/** What `key` selects: an unknown member or index is missing, and so is any of a value that has none. */
export function select(value: unknown, key: unknown): unknown {
  if (typeof key === 'number' && Number.isInteger(key)) {
    if (Array.isArray(value)) return value.at(key)
    return typeof value === 'string' ? Array.from(value).at(key) : undefined
  }
  if (typeof key !== 'string') return undefined
  if (!Array.isArray(value)) return member(value, key)
  return value.map((item) => member(item, key)).filter((found) => found !== undefined)
}

function member(value: unknown, name: string): unknown {
  return isPlain(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

/** Two texts or two arrays joined; numbers and booleans join a text. Undefined when one is missing. Throws otherwise. */
export function concat(one: unknown, other: unknown): unknown {
  if (isNull(one) || isNull(other)) return undefined
  if (Array.isArray(one) && Array.isArray(other)) return [...one, ...other]
  if (isScalar(one) && isScalar(other) && (typeof one === 'string' || typeof other === 'string')) {
    return `${one}${other}`
  }
  throw unfit('two texts or two arrays to join')
}

/** An array without the items of another, an object without names or members. Throws for other values. */
export function remove(from: unknown, what: unknown): unknown {
  if (Array.isArray(from) && Array.isArray(what)) {
    return from.filter((item) => !what.some((unwanted) => isEqual(item, unwanted)))
  }
  if (!isPlain(from)) throw unfit('an array or object to remove from')
  const isUnwanted = (name: string, value: unknown) => {
    if (Array.isArray(what)) return what.includes(name)
    if (isPlain(what)) return Object.hasOwn(what, name) && isEqual(what[name], value)
    throw unfit('an array of names or an object to remove')
  }
  return Object.fromEntries(
    Object.entries(from).filter(([name, value]) => !isUnwanted(name, value)),
  )
}

/** How many items, characters or members. Throws for other values. */
export function sizeOf(value: unknown): number {
  if (Array.isArray(value)) return value.length
  if (typeof value === 'string') return Array.from(value).length
  if (isPlain(value)) return Object.keys(value).length
  throw unfit('an array, object or text')
}

/** Strict equality of plain data; missing equals null. */
export function isEqual(one: unknown, other: unknown): boolean {
  if (isNull(one) || isNull(other)) return isNull(one) && isNull(other)
  if (Array.isArray(one)) {
    if (!Array.isArray(other) || one.length !== other.length) return false
    return one.every((item, index) => isEqual(item, other[index]))
  }
  if (!isPlain(one) || !isPlain(other)) return one === other
  const names = Object.keys(one)
  if (names.length !== Object.keys(other).length) return false
  return names.every((name) => Object.hasOwn(other, name) && isEqual(one[name], other[name]))
}

/** The UTF-8 text in base64. Throws for anything else: it is never passed on in another form. */
export function decoded(value: string): string {
  const bytes = Buffer.from(value, 'base64')
  if (bytes.toString('base64') !== value) throw unfit('base64 with padding')
  const text = decodeUtf8(bytes)
  if (text === undefined) throw unfit('UTF-8 in base64')
  return text
}

/** The value as a text. Throws when it is none. */
export function text(value: unknown): string {
  if (typeof value === 'string') return value
  throw unfit('text')
}

/** True for null and for what is missing, which are one here. */
export function isNull(value: unknown): value is null | undefined {
  return value === undefined || value === null
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
}
