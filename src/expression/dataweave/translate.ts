import { compile } from '../engine.ts'
import { LIMITS } from '../limits.ts'
import { split } from '../split.ts'
import { translateCall } from './calls.ts'
import { DataWeaveError } from './dataweave-error.ts'
import { call, condition, type Fragment, isText, operand, present } from './fragment.ts'
import { interpolation } from './interpolation.ts'
import type { Notice } from './notice.ts'
import { concatenation, conditional, NULL, otherwise, translateBinary } from './operators.ts'
import { parse } from './parse.ts'
import { translateSelector } from './selectors.ts'
import type { Binary, Expr, Literal, Place } from './syntax-tree.ts'

/** A DataWeave expression as JSONata. */
export interface Translation {
  readonly jsonata: string
  /** The same as a text with `#[…]` inside, when that is read without running JSONata; text is all it can give. */
  readonly template?: string
  /** The text that it gives whatever the request is; absent for anything else. */
  readonly constant?: string
  readonly notices: readonly Notice[]
}

/**
 * Translates the text inside `#[ ]`, so that missing and `null` are the same, and a value that is not there
 * makes the result missing. Offsets count from the first character inside. Throws DataWeaveError.
 */
export function translateDataWeave(text: string): Translation {
  if (text.length > LIMITS.source) {
    const message = `expected at most ${LIMITS.source} characters`
    throw new DataWeaveError(message, LIMITS.source, 1, 'split it into several claims')
  }
  if (text.trim() === '') {
    throw new DataWeaveError('expression is empty', 0, 1, "write a value, '' for an empty text")
  }
  const { tree, notices: parsed } = parse(text)
  const notices = [...parsed]

  const notice = ({ offset, end }: Place, message: string, hint?: string) => {
    notices.push({ message, offset, length: end - offset, ...(hint && { hint }) })
  }

  const translate = (expr: Expr): Fragment => {
    switch (expr.kind) {
      case 'literal':
        if (expr.value === Number.POSITIVE_INFINITY) throw tooLarge(expr)
        if (isRounded(expr, text)) notice(expr, 'a number this large is rounded to a double', TEXT)
        return literal(expr)
      case 'text': {
        const parts = expr.parts.map(translate)
        return concatenation(isText(parts[0] as Fragment) ? parts : [EMPTY, ...parts])
      }
      case 'list':
        return list(expr.items.map(translate))
      case 'input':
      case 'select':
        return translateSelector(expr, surroundings)
      case 'call': {
        if (expr.name === 'uuid') {
          notice(
            expr,
            'a new token is made for every request',
            'leave uuid() out to let tokens be reused',
          )
        }
        return translateCall(expr, expr.args.map(translate))
      }
      case 'unary':
        return unary(expr.operator, expr)
      case 'if':
        return conditional(test(expr.condition), translate(expr.then), translate(expr.otherwise))
      case 'binary':
        return binary(expr)
    }
  }

  // Text or a number that is written as a condition fails for every request that comes to it.
  const test = (expr: Expr): Fragment => {
    const { kind, offset, end } = expr
    const isFit = kind !== 'text' && (kind !== 'literal' || typeof expr.value === 'boolean')
    if (isFit) return translate(expr)
    throw new DataWeaveError('expected true or false', offset, end - offset, COMPARE)
  }

  const unary = (operator: string, expr: Expr & { kind: 'unary' }): Fragment => {
    if (operator === 'not') {
      return call('not', [condition(test(expr.operand)).text], 'boolean', 'never')
    }
    const value = translate(expr.operand)
    if (value.type !== 'number') notice(expr, CONVERTED, NUMBER)
    const text = `-${value.empty === 'null' ? present(value) : operand(value)}`
    return {
      text,
      type: 'number',
      empty: value.empty === 'never' ? 'never' : 'missing',
      atom: false,
    }
  }

  const binary = (expr: Binary): Fragment => {
    if (expr.operator === '++') return concatenation(chain(expr).map(translate))
    const isLogical = ['and', 'or'].includes(expr.operator)
    const [left, right] = [expr.left, expr.right].map(isLogical ? test : translate) as [
      Fragment,
      Fragment,
    ]
    if (expr.operator === 'default') return otherwise(left, right)
    const isNumeric = ['+', '-', '*', '/'].includes(expr.operator)
    const isOrder = ['<', '>', '<=', '>='].includes(expr.operator)
    const isKnown =
      left.type === right.type && (left.type === 'number' || (isOrder && left.type === 'text'))
    if ((isNumeric || isOrder) && !isKnown) {
      notice(expr, CONVERTED, isNumeric ? NUMBER : 'compare values of one type')
    }
    return translateBinary(expr.operator, left, right)
  }

  const surroundings = { translate, notice }
  const { text: jsonata, type, parts, value } = translate(tree)
  if (type === 'binary') {
    notice(
      tree,
      'the gateway refuses bytes as a result',
      "write dw::util::Coercions::toString(…, 'UTF-8')",
    )
  }
  check(jsonata, text)
  const template = parts && interpolation(parts)
  notices.sort((one, other) => one.offset - other.offset)
  return {
    jsonata,
    ...(template !== undefined && { template }),
    ...(typeof value === 'string' && { constant: value }),
    notices,
  }
}

const EMPTY: Fragment = {
  text: '""',
  type: 'text',
  empty: 'never',
  atom: true,
  calm: true,
  value: '',
}
const TEXT = 'write it in quotes'
const CONVERTED = 'the gateway may convert a value of another type; here it fails'
const COMPARE = 'compare with a value, and put brackets around what belongs together'
const NUMBER = 'see that the values are numbers'

function literal({ value }: Literal): Fragment {
  if (value === null) return { text: NULL, type: 'any', empty: 'missing', atom: true, calm: true }
  const type = typeof value === 'string' ? 'text' : (typeof value as 'number' | 'boolean')
  return { text: JSON.stringify(value), type, empty: 'never', atom: true, calm: true, value }
}

// JSONata flattens arrays in an array, and leaves out what is missing.
function list(items: readonly Fragment[]): Fragment {
  const texts = items.map(({ text }) => text)
  const isFlat = ({ type, empty }: Fragment) => {
    return empty === 'never' && ['text', 'number', 'boolean'].includes(type)
  }
  if (!items.every(isFlat)) return call('dwArray', texts, 'array', 'never')
  const calm = items.every((item) => item.calm)
  return { text: `[${texts.join(', ')}]`, type: 'array', empty: 'never', atom: true, calm }
}

function chain(expr: Expr): Expr[] {
  const parts: Expr[] = []
  let left = expr
  while (left.kind === 'binary' && left.operator === '++') {
    parts.unshift(left.right)
    left = left.left
  }
  return [left, ...parts]
}

function isRounded({ value, offset, end }: Literal, text: string): boolean {
  return (
    typeof value === 'number' &&
    /^[0-9]+$/.test(text.slice(offset, end)) &&
    !Number.isSafeInteger(value)
  )
}

function tooLarge({ offset, end }: Literal): DataWeaveError {
  const message = 'expected a number that a double can hold'
  return new DataWeaveError(message, offset, end - offset, TEXT)
}

// What is translated is longer than what was written, and must stand where the same limits hold.
function check(jsonata: string, { length }: string): void {
  try {
    split(`#[${jsonata}]`, LIMITS)
    compile(jsonata, LIMITS)
  } catch {
    const message = 'expected an expression that is shorter or nested less deeply'
    throw new DataWeaveError(message, 0, length, 'split it into several claims')
  }
}
