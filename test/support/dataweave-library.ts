type Operation = (...values: unknown[]) => unknown

/** What the functions of the dialect give, by name. Throw where there is no value. */
export const FUNCTIONS: Readonly<Record<string, Operation>> = {
  contains(whole, part) {
    if (isNull(whole)) return false
    if (Array.isArray(whole)) return whole.filter((item) => same(item, part)).length > 0
    if (isNull(part)) return must(typeof whole === 'string') && false
    const [text, piece] = texts(whole, part) as [string, string]
    return piece === '' || text.split(piece).length > 1
  },
  fromBase64: (text) => {
    if (isNull(text)) return undefined
    const [given] = texts(text) as string[]
    must(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(given!))
    const binary = Buffer.from(given!, 'base64')
    must(binary.toString('base64') === given)
    must(Buffer.from(binary.toString('utf8')).equals(binary))
    return binary.toString('utf8')
  },
  toString: (given: unknown) => given,
  isEmpty: (value) => isNull(value) || size(value) === 0,
  sizeOf: (value) => (isNull(value) ? undefined : size(value)),
  lower: (text) => on(text, (given) => given.toLowerCase()),
  upper: (text) => on(text, (given) => given.toUpperCase()),
  trim: (text) => on(text, (given) => given.replace(/^\s+|\s+$/g, '')),
  toBase64: (text) => on(text, (given) => Buffer.from(given).toString('base64')),
  splitBy: (text, separator) =>
    cut(text, separator, (whole, by) => (by ? whole.split(by) : [...whole])),
  substringBefore: (text, separator) =>
    cut(text, separator, (whole, by) => {
      const pieces = whole.split(by)
      return by === '' || pieces.length < 2 ? '' : pieces[0]
    }),
  substringAfter: (text, separator) =>
    cut(text, separator, (whole, by) => {
      return by === '' ? [...whole].slice(1).join('') : whole.split(by).slice(1).join(by)
    }),
  substringBeforeLast: (text, separator) =>
    cut(text, separator, (whole, by) => {
      const cutAt = (pieces: string[]) => pieces.slice(0, -1).join(by)
      return by === '' ? cutAt([...whole]) : cutAt(overlapping(whole, by))
    }),
  substringAfterLast: (text, separator) =>
    cut(text, separator, (whole, by) => {
      if (by === '') return undefined
      const pieces = overlapping(whole, by)
      return pieces.length < 2 ? '' : pieces.at(-1)
    }),
}

// Two pieces around the last occurrence: of `aa` in `aaa`, the second.
function overlapping(whole: string, by: string): string[] {
  for (let at = whole.length - by.length; at >= 0; at -= 1) {
    if (whole.startsWith(by, at)) return [whole.slice(0, at), whole.slice(at + by.length)]
  }
  return [whole]
}

/** Strict equality of JSON, in which null and missing are one. */
export function same(one: unknown, other: unknown): boolean {
  const normal = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(normal)
    if (typeof value !== 'object' || value === null) return value ?? null
    return Object.entries(value)
      .map(([name, item]) => [name, normal(item)])
      .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
      .concat([['{}', true]])
  }
  return JSON.stringify(normal(one)) === JSON.stringify(normal(other))
}

function size(value: unknown): number {
  must(typeof value === 'string' || typeof value === 'object')
  return typeof value === 'string' ? [...value].length : Object.keys(value as object).length
}

function on(value: unknown, result: (text: string) => unknown): unknown {
  return isNull(value) ? undefined : result((texts(value) as string[])[0]!)
}

function cut(value: unknown, by: unknown, result: (text: string, by: string) => unknown): unknown {
  if (isNull(value) || isNull(by)) return undefined
  const [text, separator] = texts(value, by) as [string, string]
  return result(text, separator)
}

function texts(...values: unknown[]): unknown[] {
  for (const value of values) must(typeof value === 'string')
  return values
}

/** True for null and missing. */
export function isNull(value: unknown): value is null | undefined {
  return value === undefined || value === null
}

/** Throws unless it holds. */
export function must(holds: boolean): true {
  if (!holds) throw new Error('no value')
  return true
}
