import { ARITY, INPUTS } from './dialect.ts'
import { callOf, functionNamed } from './function-name.ts'
import type { Notice } from './notice.ts'
import { unexpected, unknownInput } from './parse-error.ts'
import type { Expr } from './syntax-tree.ts'
import { type Token, tokenize } from './token.ts'

/** An expression, and what its parser would have a person look at. */
export interface Parsed {
  readonly tree: Expr
  readonly notices: readonly Notice[]
}

/** Reads a DataWeave expression of the gateway's dialect. Throws DataWeaveError. */
export function parse(text: string): Parsed {
  const notices: Notice[] = []
  const tree = parseAll(tokenize(text), 0, notices)
  return { tree, notices }
}

const MAX_DEPTH = 40
const BINARY: readonly (readonly string[])[] = [
  ['or'],
  ['and'],
  ['==', '!='],
  ['<', '>', '<=', '>='],
  ['+', '-', '++', '--'],
  ['*', '/'],
]

function parseAll(tokens: readonly Token[], outer: number, notices: Notice[]): Expr {
  let at = 0
  let depth = outer
  const bracketed = new Set<Expr>()
  const peek = (ahead = 0) => tokens[Math.min(at + ahead, tokens.length - 1)] as Token
  const is = (text: string, ahead = 0) => {
    const token = peek(ahead)
    return token.text === text && (token.kind === 'sign' || token.kind === 'name')
  }
  const take = (): Token => {
    const token = peek()
    at += 1
    return token
  }
  const expect = (text: string): Token => {
    if (is(text)) return take()
    throw unexpected(peek(), `expected "${text}"`)
  }

  // `default` and functions between their arguments bind least.
  const expression = (): Expr => {
    depth += 1
    if (depth > MAX_DEPTH) {
      throw unexpected(peek(), 'expected an expression that is nested less deeply', 'split it')
    }
    let left = operation(0)
    for (;;) {
      if (is('default')) {
        take()
        const right = operation(0)
        left = { kind: 'binary', operator: 'default', left, right, ...span(left, right) }
      } else if (peek().kind === 'name' && isInfix(peek().text)) {
        const name = functionName()
        const right = operation(0)
        if (isLogical(right) && !bracketed.has(right)) notices.push(looseInfix(name))
        const args = [left, right]
        left = callOf(name, args, left.offset, right.end)
      } else break
    }
    depth -= 1
    return left
  }

  const operation = (level: number): Expr => {
    const operators = BINARY[level]
    if (operators === undefined) return unary()
    let left = operation(level + 1)
    while (operators.some((operator) => is(operator))) {
      const operator = take().text
      const right = operation(level + 1)
      left = { kind: 'binary', operator, left, right, ...span(left, right) }
    }
    return left
  }

  const unary = (): Expr => {
    const { text, offset, end } = peek()
    if (is('not')) {
      take()
      const operand = expression()
      if (isLoose(operand) && !bracketed.has(operand)) notices.push(looseNot(offset, end - offset))
      return { kind: 'unary', operator: 'not', operand, offset, end: operand.end }
    }
    if (is('if')) return conditional()
    if (!is('!') && !is('-')) return selected()
    take()
    depth += 1
    if (depth > MAX_DEPTH) throw unexpected(peek(), 'expected fewer operators in a row', 'split it')
    const operand = unary()
    depth -= 1
    const operator = text === '!' ? 'not' : '-'
    return { kind: 'unary', operator, operand, offset, end: operand.end }
  }

  const conditional = (): Expr => {
    const { offset } = take()
    expect('(')
    const condition = expression()
    expect(')')
    const then = expression()
    expect('else')
    const otherwise = expression()
    return { kind: 'if', condition, then, otherwise, offset, end: otherwise.end }
  }

  const selected = (): Expr => {
    let base = primary()
    for (;;) {
      const { offset } = base
      if (is('.')) {
        take()
        const token = peek()
        if (token.kind !== 'name' && token.kind !== 'string') {
          throw unexpected(token, 'expected the name of a member', "write .name or .'a name'")
        }
        const key = token.kind === 'name' ? literal(take(), token.text) : string(take())
        base = { kind: 'select', base, key, offset, end: key.end }
      } else if (is('[')) {
        take()
        const key = expression()
        const { end } = expect(']')
        base = { kind: 'select', base, key, offset, end }
      } else return base
    }
  }

  const primary = (): Expr => {
    const token = peek()
    if (token.kind === 'string') return string(take())
    if (token.kind === 'number') return literal(take(), Number(token.text))
    if (is('(')) {
      take()
      const inner = expression()
      const { end } = expect(')')
      const whole = { ...inner, offset: token.offset, end }
      bracketed.add(whole)
      return whole
    }
    if (is('[')) {
      const { offset } = take()
      const { items, end } = list(']')
      return { kind: 'list', items, offset, end }
    }
    if (token.kind !== 'name') throw unexpected(token, 'expected a value')
    if (is('true') || is('false')) return literal(take(), token.text === 'true')
    if (is('null')) return literal(take(), null)
    if (is('::', 1) || is('(', 1)) return call()
    if (INPUTS.includes(token.text)) {
      take()
      return { kind: 'input', name: token.text, offset: token.offset, end: token.end }
    }
    throw unknownInput(tokens, at)
  }

  const call = (): Expr => {
    const name = functionName()
    if (!is('(')) throw unexpected(peek(), `expected "(" after ${name.text}`)
    take()
    const { items: args, end } = list(')')
    return callOf(name, args, name.offset, end)
  }

  const functionName = (): Token => {
    const path = [take()]
    while (is('::')) {
      take()
      path.push(take())
    }
    return functionNamed(path)
  }

  const list = (closing: string): { items: Expr[]; end: number } => {
    const items: Expr[] = []
    while (!is(closing)) {
      if (items.length > 0) {
        if (!is(',')) throw unexpected(peek(), `expected "," or "${closing}"`)
        take()
      }
      items.push(expression())
    }
    return { items, end: take().end }
  }

  const string = ({ parts = [], offset, end }: Token): Expr => {
    const [only] = parts
    if (parts.length === 1 && typeof only === 'string') {
      return { kind: 'literal', value: only, offset, end }
    }
    const exprs = parts.map((part): Expr => {
      if (typeof part !== 'string') return parseAll(part, depth + 1, notices)
      return { kind: 'literal', value: part, offset, end }
    })
    return { kind: 'text', parts: exprs, offset, end }
  }

  // What stands where only an operator may: the start of a call that was meant infix, or something unknown.
  const isInfix = (name: string) => ARITY[name] === 2 || is('::', 1)

  const tree = expression()
  const rest = peek()
  if (rest.kind === 'end') return tree
  throw unexpected(rest, 'expected an operator or the end of the expression')
}

function literal(token: Token, value: string | number | boolean | null): Expr {
  return { kind: 'literal', value, offset: token.offset, end: token.end }
}

function span(left: Expr, right: Expr): { offset: number; end: number } {
  return { offset: left.offset, end: right.end }
}

function isLoose(operand: Expr): boolean {
  if (operand.kind === 'call') return operand.args[0]?.offset === operand.offset
  return operand.kind === 'binary' && ['and', 'or', 'default'].includes(operand.operator)
}

function isLogical(operand: Expr): boolean {
  return operand.kind === 'binary' && ['and', 'or'].includes(operand.operator)
}

function looseInfix({ text, offset, end }: Token): Notice {
  return {
    message: `"${text}" is taken to have all that follows it as its right side`,
    offset,
    length: end - offset,
    hint: `write (… ${text} …) and …, or ${text}(…, …)`,
  }
}

function looseNot(offset: number, length: number): Notice {
  return {
    message: '"not" is taken to negate all that follows it',
    offset,
    length,
    hint: 'write not (…), or ! to negate only the next value',
  }
}
