import type { Fault } from '../../kind.ts'
import { SECRET_REFERENCE } from '../../secret.ts'

/** The value of an environment variable, or undefined when it is not set. */
export type Variable = (name: string) => string | undefined

/** A scalar's text with its variables put in. */
export interface Substituted {
  readonly text: string
  /** Offset in the text as it was written, for an offset in `text`. */
  origin(offset: number): number
  /** True when a variable's value or default was put in. */
  readonly changed: boolean
  /** Faults with `offset` and `length` in the text as it was written. */
  readonly faults: readonly Fault[]
}

interface Piece {
  /** Offset in the result. */
  readonly at: number
  /** Offset in the written text. */
  readonly from: number
  /** True when the piece stands in the result as it was written. */
  readonly same: boolean
}

const REFERENCE = /\$(?:\$|\{([A-Za-z_][A-Za-z0-9_]*)(?::([-?])([^}]*))?\}|\{)/y

/**
 * Replaces `${NAME}`, `${NAME:-default}`, `${NAME:?message}` and `$$` (a dollar sign) in one parsed scalar.
 * As in a shell, the forms with a colon take an empty variable for one that is not set. The result is not
 * looked at again, so the value of a variable is never a reference. Nothing is replaced inside `#[…]`: `$`, `$$`
 * and `${` belong to the expression there. Without `quotes`, no fault repeats what is written behind `:?`,
 * nor a name that may be the secret itself. Without `escapes`, `$$` stays as it is.
 */
export function substitute(
  text: string,
  variable: Variable,
  { quotes = true, escapes = true }: { readonly quotes?: boolean; readonly escapes?: boolean } = {},
): Substituted {
  if (!text.includes('$')) {
    return { text, origin: (offset) => offset, changed: false, faults: [] }
  }
  const faults: Fault[] = []
  const pieces: Piece[] = []
  let result = ''
  let changed = false
  let at = 0
  const put = (part: string, from: number, same: boolean) => {
    pieces.push({ at: result.length, from, same })
    result += part
  }
  while (at < text.length) {
    const next = nextSpecial(text, at)
    if (next > at) put(text.slice(at, next), at, true)
    if (next >= text.length) break
    if (text[next] === '#') {
      const end = expressionEnd(text, next)
      put(text.slice(next, end), next, true)
      at = end
      continue
    }
    REFERENCE.lastIndex = next
    const found = REFERENCE.exec(text)
    const source = found?.[0] ?? '$'
    const isKept = found === null || (source === '$$' && !escapes)
    const outcome = isKept ? source : resolve(found, variable, quotes)
    if (typeof outcome === 'string') {
      put(outcome, next, outcome === source)
      changed ||= source !== '$' && source !== '$$'
    } else {
      faults.push({ ...outcome, offset: next, length: source.length })
      put(source, next, true)
    }
    at = next + source.length
  }
  return { text: result, origin: (offset) => originOf(pieces, offset), changed, faults }
}

/** The text that `substitute` reads as this one; with `references`, `${NAME}` in it is one all the same. */
export function escapeDollars(
  text: string,
  { references = false }: { readonly references?: boolean } = {},
): string {
  const special = references ? /\$(?=\$)/g : /\$(?=[${])/g
  let result = ''
  for (let at = 0; at < text.length; ) {
    const start = text.indexOf('#[', at)
    const from = start < 0 ? text.length : start
    const end = start < 0 ? text.length : expressionEnd(text, start)
    result += text.slice(at, from).replace(special, () => '$$') + text.slice(from, end)
    at = end
  }
  return result
}

function resolve(
  [source, name, operator, argument = '']: RegExpExecArray,
  variable: Variable,
  quotes: boolean,
): string | Fault {
  if (source === '$$') return '$'
  if (name === undefined) {
    return {
      severity: 'error',
      rule: 'env/syntax',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the syntax that is explained
      message: 'expected ${NAME}, ${NAME:-default} or ${NAME:?message}',
      hint: 'write $$ for a dollar sign',
    }
  }
  const value = variable(name)
  if (operator === undefined && value !== undefined) return value
  if (operator !== undefined && value !== undefined && value !== '') return value
  if (operator === '-') return argument
  const why = quotes && operator === '?' && argument !== '' ? `: ${argument}` : ''
  const isName = quotes || SECRET_REFERENCE.env.test(name)
  return {
    severity: 'error',
    rule: 'env/unset',
    message: `expected a value in ${isName ? `environment variable "${name}"` : 'an environment variable'}, which is ${value === '' ? 'empty' : 'not set'}${why}`,
    hint: isName ? `set ${name}, or write \${${name}:-default}` : 'set it, or write { env: NAME }',
  }
}

function originOf(pieces: readonly Piece[], offset: number): number {
  const piece = pieces.findLast((candidate) => candidate.at <= offset)
  if (piece === undefined) return 0
  return piece.same ? piece.from + (offset - piece.at) : piece.from
}

function nextSpecial(text: string, from: number): number {
  const dollar = text.indexOf('$', from)
  if (dollar < 0) return text.length
  const expression = text.indexOf('#[', from)
  return expression >= 0 && expression < dollar ? expression : dollar
}

// The closing bracket, not counting those in strings, back-quoted names and comments. An expression that is not
// closed runs to the end of the text; saying so is up to the expression parser.
function expressionEnd(text: string, from: number): number {
  let depth = 0
  const token = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|\/\*[\s\S]*?\*\/|[[\]]/g
  token.lastIndex = from + 1
  for (let found = token.exec(text); found !== null; found = token.exec(text)) {
    if (found[0] === '[') depth += 1
    if (found[0] === ']') depth -= 1
    if (depth === 0) return token.lastIndex
  }
  return text.length
}
