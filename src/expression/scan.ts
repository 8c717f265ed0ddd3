import type { Limits } from './limits.ts'
import { ExpressionSyntaxError } from './syntax-error.ts'

/** The end of an expression that begins at `from`: the offset of the `]` that closes its `#[`. */
export function findEnd(text: string, from: number, limits: Limits): number {
  const open: Group[] = [{ bracket: '', done: 0, operand: 0 }]
  let operand = false
  for (let at = skipSpace(text, from); at < text.length; at = skipSpace(text, at)) {
    const char = text[at] as string
    const group = open[open.length - 1] as Group
    group.operand += 1
    if (at - from > limits.source) throw tooLong(from, limits)
    if (char === ']' && !open.some(({ bracket }) => bracket === '[')) return at
    if ('([{'.includes(char)) {
      if (open.length > limits.nesting) throw tooDeep(at, limits)
      open.push({ bracket: char, done: 0, operand: 0 })
      operand = false
      at += 1
    } else if (')]}'.includes(char)) {
      close(open, char)
      operand = true
      at += 1
    } else if (char === '"' || char === "'") {
      at = endOfString(text, at)
      operand = true
    } else if (char === '`') {
      at = endOfName(text, at)
      operand = true
    } else if (char === '/' && !operand) {
      at = endOfRegex(text, at)
      operand = true
    } else if (OPERATOR.includes(char)) {
      const double = DOUBLE.includes(text.slice(at, at + 2)) ? text.slice(at, at + 2) : char
      if (double === '?:' || double === '??') duplicate(group, at)
      else if (',;:?'.includes(double)) separate(group)
      // A wildcard or parent is an operand where an operand may stand, and an operator elsewhere.
      operand = !operand && ['*', '**', '%'].includes(double)
      at += double.length
    } else {
      const end = endOfWord(text, at)
      operand = !(operand && ['and', 'or', 'in'].includes(text.slice(at, end)))
      at = end
    }
  }
  throw new ExpressionSyntaxError('expression has no closing "]"', from - 2, 2)
}

interface Group {
  readonly bracket: string
  /** Nodes of the operands that are complete. */
  done: number
  /** Nodes of the operand being read. */
  operand: number
}

const OPERATOR = '.[]{}(),@#;:?+-*/%|=<>^!~&'
const DOUBLE = ['..', ':=', '!=', '>=', '<=', '**', '~>', '?:', '??']
const SPACE = ' \t\n\r\v'
const CLOSES: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }
const MAX_DUPLICATED = 20_000

function close(open: Group[], char: string): void {
  const opened = open.findLastIndex(({ bracket }) => bracket === CLOSES[char])
  // A stray bracket is for the parser to report; "]" may skip over what was left open.
  if (opened < 1 || (char !== ']' && opened !== open.length - 1)) return
  const groups = open.splice(opened)
  const outer = open[open.length - 1] as Group
  for (const { done, operand } of groups) outer.operand += done + operand
}

function separate(group: Group): void {
  group.done += group.operand
  group.operand = 0
}

// JSONata copies the left side of `?:` and `??` into the syntax tree, so nesting them doubles it each time.
function duplicate(group: Group, at: number): void {
  group.operand *= 2
  if (group.operand > MAX_DUPLICATED) {
    throw new ExpressionSyntaxError('expected fewer "?:" and "??" inside each other', at, 2)
  }
  separate(group)
}

function tooLong(from: number, limits: Limits): ExpressionSyntaxError {
  return new ExpressionSyntaxError(`expected at most ${limits.source} characters`, from)
}

function tooDeep(at: number, limits: Limits): ExpressionSyntaxError {
  return new ExpressionSyntaxError(`expected at most ${limits.nesting} open brackets`, at)
}

function skipSpace(text: string, from: number): number {
  let at = from
  for (;;) {
    while (at < text.length && SPACE.includes(text[at] as string)) at += 1
    if (!text.startsWith('/*', at)) return at
    const end = text.indexOf('*/', at + 2)
    if (end < 0) throw new ExpressionSyntaxError('comment has no closing "*/"', at, 2)
    at = end + 2
  }
}

function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === text[from]) return at + 1
  }
  throw new ExpressionSyntaxError('string has no closing quote', from)
}

function endOfName(text: string, from: number): number {
  const end = text.indexOf('`', from + 1)
  if (end < 0) throw new ExpressionSyntaxError('name has no closing "`"', from)
  return end + 1
}

// As JSONata scans it: a slash ends it outside all brackets, classes or groups, unless it is escaped.
function endOfRegex(text: string, from: number): number {
  let depth = 0
  for (let at = from + 1; at < text.length; at += 1) {
    const char = text[at] as string
    if (char === '\\') at += 1
    else if ('([{'.includes(char)) depth += 1
    else if (')]}'.includes(char)) depth -= 1
    else if (char === '/' && depth === 0) {
      let end = at + 1
      while ('im'.includes(text[end] ?? ' ')) end += 1
      return end
    }
  }
  throw new ExpressionSyntaxError('regular expression has no closing "/"', from)
}

function endOfWord(text: string, from: number): number {
  let at = from + 1
  while (
    at < text.length &&
    !SPACE.includes(text[at] as string) &&
    !OPERATOR.includes(text[at] as string)
  ) {
    at += 1
  }
  return at
}
