import { DataWeaveError } from './dataweave-error.ts'

/** A word or sign of a DataWeave text. */
export interface Token {
  readonly kind: 'name' | 'number' | 'string' | 'sign' | 'end'
  /** The word or sign as it is written; a string's quote. */
  readonly text: string
  readonly offset: number
  /** Offset just behind it. */
  readonly end: number
  /** What a string is made of: text with its escapes resolved, and the tokens of a `$(…)` or `$name`. */
  readonly parts?: readonly (string | readonly Token[])[]
}

/** Cuts a DataWeave text into tokens, the last of which is its end. Throws DataWeaveError. */
export function tokenize(text: string): readonly Token[] {
  return read(text, 0, undefined, MAX_DEPTH)
}

const MAX_DEPTH = 16
// Longest first. Those that no rule of the grammar takes are here so that an error can name them whole.
const SIGNS = [
  ['===', '!==', '...'],
  ['++', '--', '==', '!=', '>=', '<=', '::', '~=', '->', '=>', '>>', '<<', '..', '.*', '.@', '.&'],
  ['.#', '&&', '||', '??', '?.', '+', '-', '*', '/', '<', '>', '!', '(', ')', '[', ']', '{', '}'],
  [',', '.', ':', '?', '#', '@', '&', '|', '=', '~', '^', '%', ';', '$'],
].flat()
const SPACE = /[\s\uFEFF]*/y
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y
const NUMBER = /[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' }

// Up to the end, or up to the sign that closes an expression inside a string.
function read(text: string, from: number, until: string | undefined, depth: number): Token[] {
  const tokens: Token[] = []
  let open = 0
  for (let at = skip(text, from); ; at = skip(text, at)) {
    if (at >= text.length) break
    const token = next(text, at, depth)
    if (token.text === until && token.kind === 'sign' && open === 0) break
    if (token.text === '(') open += 1
    if (token.text === ')') open -= 1
    tokens.push(token)
    at = token.end
  }
  const last = skip(text, tokens.at(-1)?.end ?? from)
  tokens.push({ kind: 'end', text: '', offset: last, end: last })
  return tokens
}

function next(text: string, at: number, depth: number): Token {
  const char = text[at] as string
  if (char === '"' || char === "'" || char === '`') return readString(text, at, depth)
  const word = match(NAME, text, at)
  if (word) return { kind: 'name', text: word, offset: at, end: at + word.length }
  const digits = match(NUMBER, text, at)
  if (digits) return { kind: 'number', text: digits, offset: at, end: at + digits.length }
  const sign = SIGNS.find((candidate) => text.startsWith(candidate, at))
  if (sign) return { kind: 'sign', text: sign, offset: at, end: at + sign.length }
  throw new DataWeaveError('unexpected character', at, 1, 'write text in quotes')
}

function readString(text: string, offset: number, depth: number): Token {
  const quote = text[offset] as string
  const parts: (string | readonly Token[])[] = []
  let literal = ''
  const add = (tokens: readonly Token[]) => {
    if (literal !== '') parts.push(literal)
    literal = ''
    parts.push(tokens)
  }
  for (let at = offset + 1; at < text.length; ) {
    const char = text[at] as string
    if (char === quote) {
      if (literal !== '' || parts.length === 0) parts.push(literal)
      return { kind: 'string', text: quote, offset, end: at + 1, parts }
    }
    const name = char === '$' ? match(NAME, text, at + 1) : undefined
    if (char === '\\') {
      const [character, end] = escaped(text, at)
      literal += character
      at = end
    } else if (text.startsWith('$(', at)) {
      if (depth === 0) throw tooDeep(at)
      const tokens = read(text, at + 2, ')', depth - 1)
      const end = tokens.at(-1)?.end ?? at
      if (text[end] !== ')') {
        throw new DataWeaveError('expected ")"', end, 1, 'close the "$(" inside the string')
      }
      add(tokens)
      at = end + 1
    } else if (name) {
      const [from, end] = [at + 1, at + 1 + name.length]
      add([
        { kind: 'name', text: name, offset: from, end },
        { kind: 'end', text: '', offset: end, end },
      ])
      at = end
    } else {
      literal += char
      at += 1
    }
  }
  throw new DataWeaveError('string has no closing quote', offset, 1, `end it with ${quote}`)
}

function escaped(text: string, at: number): readonly [character: string, end: number] {
  const char = text[at + 1] ?? ''
  if (char !== 'u') return [ESCAPES[char] ?? char, at + 2]
  const digits = text.slice(at + 2, at + 6)
  if (/^[0-9a-fA-F]{4}$/.test(digits)) {
    return [String.fromCharCode(Number.parseInt(digits, 16)), at + 6]
  }
  const hint = 'write the character itself, or \\\\u for a backslash and a "u"'
  throw new DataWeaveError('expected four hexadecimal digits after "\\u"', at, 2, hint)
}

function skip(text: string, from: number): number {
  let at = from
  for (;;) {
    at += match(SPACE, text, at)?.length ?? 0
    if (text.startsWith('//', at)) {
      const end = text.slice(at).search(/[\r\n]/)
      at = end < 0 ? text.length : at + end
    } else if (text.startsWith('/*', at)) {
      const end = text.indexOf('*/', at + 2)
      if (end < 0) throw new DataWeaveError('comment has no end', at, 2, 'end it with */')
      at = end + 2
    } else return at
  }
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] || undefined
}

function tooDeep(at: number): DataWeaveError {
  return new DataWeaveError('expected fewer strings inside each other', at, 2, 'join them with ++')
}
