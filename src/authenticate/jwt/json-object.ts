import { parsePayload, scanJson } from '../../http/index.ts'
import { isMap } from '../../is-map.ts'
import type { JsonObject } from '../../types.ts'

/**
 * The JSON object that the bytes hold, undefined for anything that two readers may read differently: other than
 * UTF-8, a byte order mark, a member name twice in one object however it is spelled, half a surrogate pair, deep
 * nesting. A number that a double would round is an `InexactNumber`.
 */
export function parseJsonObject(bytes: Buffer): JsonObject | undefined {
  if (bytes[0] === BYTE_ORDER_MARK) return undefined
  try {
    checkTexts(bytes)
    const value = parsePayload(bytes, 'application/json')
    return isMap(value) ? (value as JsonObject) : undefined
  } catch {
    return undefined
  }
}

/** Its first byte, with which no object begins. */
const BYTE_ORDER_MARK = 0xef

function checkTexts(bytes: Buffer): void {
  // only an escape spells a name in another way, or writes half a surrogate pair
  const isPlain = !bytes.includes(BACKSLASH)
  const objects: Set<string>[] = []
  scanJson(bytes, {
    open: () => objects.push(new Set()),
    close: () => objects.pop(),
    name(start, end) {
      const name = isPlain ? bytes.toString('latin1', start, end) : textOf(bytes, start, end)
      const names = objects.at(-1) as Set<string>
      if (names.has(name)) throw new TypeError('expected each member once')
      names.add(name)
    },
    scalar(start, end) {
      if (!isPlain && bytes[start] === QUOTE) textOf(bytes, start, end)
    },
  })
}

const QUOTE = 0x22
const BACKSLASH = 0x5c

function textOf(bytes: Buffer, start: number, end: number): string {
  const text: string = JSON.parse(bytes.toString('utf8', start, end))
  if (!text.isWellFormed()) throw new TypeError('expected whole Unicode characters')
  return text
}
