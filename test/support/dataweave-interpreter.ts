import type { Expression } from './dataweave-expression.ts'
import { FUNCTIONS, isNull, must, same } from './dataweave-library.ts'

/**
 * What an expression gives for a request context, straight from the rules and without the translation; null and
 * missing are both undefined. Throws where the dialect has no value.
 */
export function interpret(expression: Expression, context: unknown): unknown {
  const run = (part: Expression) => interpret(part, context) ?? undefined
  switch (expression.kind) {
    case 'literal':
      return expression.value
    case 'text': {
      const values = expression.parts.map((part) => (typeof part === 'string' ? part : run(part)))
      return values.reduce<unknown>(plusplus, '')
    }
    case 'list':
      return expression.items.map((item) => run(item) ?? null)
    case 'header': {
      const { headers } = (context as { attributes: { headers: Record<string, unknown> } })
        .attributes
      const lines = headers[expression.name.toLowerCase()]
      return Array.isArray(lines) ? lines[0] : lines
    }
    case 'input': {
      const value = expression.path.reduce<unknown>(dot, context) ?? undefined
      const isQuery = expression.path[1] === 'queryParams'
      return isQuery && Array.isArray(value) ? value[0] : value
    }
    case 'select': {
      const [base, key] = [run(expression.base), run(expression.key)]
      return (typeof key === 'string' ? dot(base, key) : nth(base, key)) ?? undefined
    }
    case 'call':
      return FUNCTIONS[expression.name]?.(...expression.args.map(run)) ?? undefined
    case 'not':
    case 'bang':
      return !truth(run(expression.operand))
    case 'minus':
      return number(run(expression.operand), (value) => -value)
    case 'if': {
      const [test, then, otherwise] = expression.parts as [Expression, Expression, Expression]
      return truth(run(test)) ? run(then) : run(otherwise)
    }
    case 'binary': {
      const [left, right] = expression.sides as [Expression, Expression]
      if (expression.operator === 'default') return run(left) ?? run(right)
      if (expression.operator === 'and') return truth(run(left)) && truth(run(right))
      if (expression.operator === 'or') return truth(run(left)) || truth(run(right))
      return OPERATORS[expression.operator]?.(run(left), run(right))
    }
  }
}

type Operation = (...values: unknown[]) => unknown

const OPERATORS: Readonly<Record<string, Operation>> = {
  '==': (one, other) => same(one, other),
  '!=': (one, other) => !same(one, other),
  '++': plusplus,
  '--': minusminus,
  '<': (one, other) => order(one, other, (sign) => sign < 0),
  '>': (one, other) => order(one, other, (sign) => sign > 0),
  '<=': (one, other) => order(one, other, (sign) => sign <= 0),
  '>=': (one, other) => order(one, other, (sign) => sign >= 0),
  '+': (one, other) => numbers(one, other, (a, b) => a + b),
  '-': (one, other) => numbers(one, other, (a, b) => a - b),
  '*': (one, other) => numbers(one, other, (a, b) => a * b),
  '/': (one, other) => {
    return numbers(one, other, (a, b) => {
      must(b !== 0)
      return a / b
    })
  },
}

function dot(value: unknown, name: string): unknown {
  if (Array.isArray(value)) {
    const found = value.map((item) => (Array.isArray(item) ? undefined : dot(item, name)))
    return found.filter((item) => item !== undefined)
  }
  if (typeof value !== 'object' || value === null) return undefined
  return Object.entries(value).find(([key]) => key === name)?.[1]
}

function nth(value: unknown, key: unknown): unknown {
  if (typeof key !== 'number') return undefined
  const items = typeof value === 'string' ? [...value] : value
  return Array.isArray(items) ? items[key < 0 ? items.length + key : key] : undefined
}

function plusplus(one: unknown, other: unknown): unknown {
  if (isNull(one) || isNull(other)) return undefined
  if (Array.isArray(one) || Array.isArray(other)) {
    must(Array.isArray(one) && Array.isArray(other))
    return (one as unknown[]).concat(other as unknown[])
  }
  for (const side of [one, other]) must(typeof side !== 'number' || Number.isFinite(side))
  must(typeof one !== 'object' && typeof other !== 'object')
  must(typeof one === 'string' || typeof other === 'string')
  return String(one) + String(other)
}

function minusminus(from: unknown, what: unknown): unknown {
  if (isNull(from) || isNull(what)) return from ?? undefined
  must(typeof from === 'object')
  if (Array.isArray(from) && Array.isArray(what)) {
    return from.filter((item) => what.every((unwanted) => !same(item, unwanted)))
  }
  must(!Array.isArray(from))
  const pairs = Object.entries(from as object)
  must(pairs.length === 0 || typeof what === 'object')
  const kept = pairs.filter(([name, value]) => {
    if (Array.isArray(what)) return what.every((unwanted) => unwanted !== name)
    return !Object.entries(what as object).some(([key, item]) => key === name && same(item, value))
  })
  return Object.fromEntries(kept)
}

function order(one: unknown, other: unknown, holds: (sign: number) => boolean): unknown {
  for (const side of [one, other]) must(['undefined', 'string', 'number'].includes(typeof side))
  if (isNull(one) || isNull(other)) return undefined
  must(typeof one === typeof other)
  const [a, b] = [one as string, other as string]
  return holds(a < b ? -1 : a > b ? 1 : 0)
}

function numbers(one: unknown, other: unknown, result: (a: number, b: number) => number): unknown {
  for (const side of [one, other]) must(isNull(side) || Number.isFinite(side))
  return isNull(one) || isNull(other) ? undefined : result(one as number, other as number)
}

function number(value: unknown, result: (value: number) => number): unknown {
  return numbers(value, value, result)
}

function truth(value: unknown): boolean {
  must(typeof value === 'boolean')
  return value as boolean
}
