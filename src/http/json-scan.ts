import { isUtf8 } from 'node:buffer'
import { CountersignError } from '../errors.ts'

/** Hears the structure of a JSON text in document order. Offsets are bytes; `end` is the byte after. */
export interface JsonListener {
  /** An object or array begins at its bracket. */
  open?(start: number, isObject: boolean): void
  /** An object or array has ended. */
  close?(end: number): void
  /** A member name, quotes included. */
  name?(start: number, end: number): void
  /** A string, number or literal. */
  scalar?(start: number, end: number): void
  /** A comma between members or elements. */
  comma?(start: number): void
}

/** Containers within each other that a body may have. */
const MAX_DEPTH = 64

/**
 * Reads a JSON text (RFC 8259) in UTF-8, a byte order mark allowed, in one pass without recursion.
 * Throws `body/malformed` for anything else, and for more than 64 containers within each other.
 */
export function scanJson(bytes: Buffer, listener: JsonListener): void {
  if (!isUtf8(bytes)) throw malformed()
  const objects: boolean[] = []
  let at = afterSpace(bytes, afterMark(bytes))

  for (;;) {
    const byte = bytes[at]
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      const isObject = byte === OPEN_OBJECT
      if (objects.push(isObject) > MAX_DEPTH) throw malformed()
      listener.open?.(at, isObject)
      at = afterSpace(bytes, at + 1)
      if (bytes[at] !== (isObject ? CLOSE_OBJECT : CLOSE_ARRAY)) {
        if (isObject) at = afterName(bytes, at, listener)
        continue
      }
    } else {
      const end = scalarEnd(bytes, at)
      listener.scalar?.(at, end)
      at = afterSpace(bytes, end)
    }
    at = afterClosed(bytes, at, objects, listener)
    if (objects.length === 0) break
    listener.comma?.(at)
    at = afterSpace(bytes, at + 1)
    if (objects.at(-1)) at = afterName(bytes, at, listener)
  }
  if (at !== bytes.length) throw malformed()
}

// Closes every container that ends here; gives the offset of the comma that follows, or of the end.
function afterClosed(
  bytes: Buffer,
  from: number,
  objects: boolean[],
  listener: JsonListener,
): number {
  let at = from
  while (objects.length > 0 && bytes[at] !== COMMA) {
    if (bytes[at] !== (objects.pop() ? CLOSE_OBJECT : CLOSE_ARRAY)) throw malformed()
    listener.close?.(at + 1)
    at = afterSpace(bytes, at + 1)
  }
  return at
}

function afterName(bytes: Buffer, start: number, listener: JsonListener): number {
  if (bytes[start] !== QUOTE) throw malformed()
  const end = stringEnd(bytes, start)
  listener.name?.(start, end)
  const colon = afterSpace(bytes, end)
  if (bytes[colon] !== COLON) throw malformed()
  return afterSpace(bytes, colon + 1)
}

function scalarEnd(bytes: Buffer, start: number): number {
  switch (bytes[start]) {
    case QUOTE:
      return stringEnd(bytes, start)
    case 0x74:
      return literalEnd(bytes, start, 'true')
    case 0x66:
      return literalEnd(bytes, start, 'false')
    case 0x6e:
      return literalEnd(bytes, start, 'null')
    default:
      return numberEnd(bytes, start)
  }
}

function stringEnd(bytes: Buffer, start: number): number {
  const { length } = bytes
  for (let at = start + 1; at < length; at++) {
    const byte = bytes[at] as number
    if (byte === QUOTE) return at + 1
    if (byte < 0x20) break
    if (byte === BACKSLASH) at = escapeEnd(bytes, at + 1) - 1
  }
  throw malformed()
}

function escapeEnd(bytes: Buffer, at: number): number {
  const byte = bytes[at]
  if (byte !== undefined && SIMPLE_ESCAPES.includes(byte)) return at + 1
  if (byte !== 0x75) throw malformed()
  for (let digit = at + 1; digit <= at + 4; digit++) {
    if (!isHexDigit(bytes[digit])) throw malformed()
  }
  return at + 5
}

function numberEnd(bytes: Buffer, start: number): number {
  let at = bytes[start] === 0x2d ? start + 1 : start
  at = bytes[at] === 0x30 ? at + 1 : digitsEnd(bytes, at)
  if (bytes[at] === 0x2e) at = digitsEnd(bytes, at + 1)
  if (bytes[at] === 0x65 || bytes[at] === 0x45) {
    const signed = bytes[at + 1] === 0x2b || bytes[at + 1] === 0x2d
    at = digitsEnd(bytes, signed ? at + 2 : at + 1)
  }
  return at
}

function digitsEnd(bytes: Buffer, start: number): number {
  let at = start
  while (isDigit(bytes[at])) at++
  if (at === start) throw malformed()
  return at
}

function literalEnd(bytes: Buffer, start: number, literal: string): number {
  const end = start + literal.length
  if (bytes.toString('latin1', start, end) !== literal) throw malformed()
  return end
}

function afterMark(bytes: Buffer): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
}

function afterSpace(bytes: Buffer, start: number): number {
  let at = start
  // most often there is none, which one comparison tells
  while ((bytes[at] as number) <= 0x20) {
    const byte = bytes[at]
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at
    at++
  }
  return at
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39
}

function isHexDigit(byte: number | undefined): boolean {
  if (byte === undefined) return false
  const lower = byte | 0x20
  return isDigit(byte) || (lower >= 0x61 && lower <= 0x66)
}

function malformed(): CountersignError {
  return new CountersignError(
    'body/malformed',
    `expected a JSON text in UTF-8 with at most ${MAX_DEPTH} levels`,
  )
}

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const BACKSLASH = 0x5c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const SIMPLE_ESCAPES = Buffer.from('"\\/bfnrt')
