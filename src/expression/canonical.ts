import { unfit } from './failure.ts'
import { isPlain } from './result.ts'

/**
 * A value as canonical JSON (RFC 8785): members sorted by UTF-16 code units, no white space; members that
 * are undefined are left out. Throws `expr/failed` for what JSON cannot hold.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (isPlain(value)) {
    const names = Object.keys(value).filter((name) => value[name] !== undefined)
    const members = names
      .sort()
      .map((name) => `${canonicalJson(name)}:${canonicalJson(value[name])}`)
    return `{${members.join(',')}}`
  }
  if (typeof value === 'string' && !value.isWellFormed()) throw unfit('well-formed text')
  if (typeof value === 'number' && !Number.isFinite(value)) throw unfit('finite numbers')
  if (value !== null && !['string', 'number', 'boolean'].includes(typeof value)) {
    throw unfit('plain data')
  }
  return JSON.stringify(value)
}

/**
 * A query with its parameters percent-encoded (RFC 3986: only unreserved characters stand as they are) and
 * sorted by encoded name, then by encoded value. Takes a query string, in which `+` is a space, or an object
 * of names and values in which an array gives one parameter for each item.
 */
export function canonicalQuery(query: string | Readonly<Record<string, unknown>>): string {
  const pairs = typeof query === 'string' ? split(query) : members(query)
  const encoded = pairs.map(([name, value]) => [encode(name), encode(value)] as const)
  encoded.sort(([name, value], [otherName, otherValue]) => {
    return compare(name, otherName) || compare(value, otherValue)
  })
  return encoded.map(([name, value]) => `${name}=${value}`).join('&')
}

type Pair = readonly [name: string, value: string]

function split(query: string): Pair[] {
  const parts = query.replace(/^\?/, '').split('&')
  return parts.filter(Boolean).map((part) => {
    const [name = '', ...value] = part.split('=')
    return [decode(name), decode(value.join('='))]
  })
}

function members(query: Readonly<Record<string, unknown>>): Pair[] {
  return Object.entries(query).flatMap(([name, value]) => {
    return [value].flat().map((item): Pair => [name, scalar(item)])
  })
}

function scalar(value: unknown): string {
  if (['string', 'number', 'boolean'].includes(typeof value)) return String(value)
  throw unfit('strings, numbers and booleans as query values')
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw unfit('a query with valid percent-encoding')
  }
}

function encode(text: string): string {
  if (!text.isWellFormed()) throw unfit('well-formed text')
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function compare(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
