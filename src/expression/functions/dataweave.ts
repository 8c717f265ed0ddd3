import { evaluationOf } from '../evaluation.ts'
import type { ExpressionFunction } from '../expression-function.ts'
import { unfit } from '../failure.ts'
import {
  concat,
  decoded,
  isEqual,
  isNull,
  remove,
  select,
  sizeOf,
  text,
} from './dataweave-values.ts'

/**
 * What translated DataWeave needs because JSONata means something else. `null` counts as missing, a needed
 * argument that is missing makes the result missing, arrays stay arrays, and a character is a code point.
 */
export const DATAWEAVE = {
  dwAt: {
    call(value?: unknown, ...keys: unknown[]) {
      return keys.reduce(select, value) ?? undefined
    },
  },
  dwArray: {
    call(...items: unknown[]) {
      return items.map((item) => item ?? null)
    },
  },
  dwPresent: {
    call(value?: unknown) {
      return value ?? undefined
    },
  },
  dwIsNull: {
    call(value?: unknown) {
      return value === undefined || value === null
    },
  },
  dwDefault: {
    call(value?: unknown, otherwise?: unknown) {
      return value ?? otherwise ?? undefined
    },
  },
  dwBoolean: {
    call(value?: unknown) {
      if (typeof value === 'boolean') return value
      throw unfit('true or false as a condition')
    },
  },
  dwEquals: {
    call(one?: unknown, other?: unknown) {
      return isEqual(one, other)
    },
  },
  dwContains: {
    call(whole?: unknown, part?: unknown) {
      if (Array.isArray(whole)) return whole.some((item) => isEqual(item, part))
      if (isNull(whole)) return false
      if (typeof whole !== 'string') throw unfit('an array or text to look into')
      if (isNull(part)) return false
      return whole.includes(text(part))
    },
  },
  dwConcat: {
    call(...parts: unknown[]) {
      const { meter } = evaluationOf(this)
      return parts.reduce((one, other) => {
        const joined = concat(one, other)
        if (typeof joined === 'string') meter.text(joined.length)
        meter.touch(joined)
        return joined
      })
    },
  },
  dwRemove: {
    call(from?: unknown, what?: unknown) {
      if (isNull(from)) return undefined
      if (isNull(what)) return from
      const size = (value: unknown) => (Array.isArray(value) ? value.length : 1)
      evaluationOf(this).meter.charge((size(from) * size(what)) / 50)
      return remove(from, what)
    },
  },
  dwDivide: {
    call(dividend?: unknown, divisor?: unknown) {
      for (const side of [dividend, divisor]) {
        if (!isNull(side) && !Number.isFinite(side)) throw unfit('numbers to divide')
      }
      if (isNull(dividend) || isNull(divisor)) return undefined
      if (divisor === 0) throw unfit('a divisor other than 0')
      return (dividend as number) / (divisor as number)
    },
  },
  dwSizeOf: {
    call(value?: unknown) {
      return isNull(value) ? undefined : sizeOf(value)
    },
  },
  dwIsEmpty: {
    call(value?: unknown) {
      return isNull(value) || sizeOf(value) === 0
    },
  },
  dwTrim: {
    call(value?: unknown) {
      return isNull(value) ? undefined : text(value).trim()
    },
  },
  dwSplitBy: {
    call(value?: unknown, separator?: unknown) {
      if (isNull(value) || isNull(separator)) return undefined
      const [whole, between] = [text(value), text(separator)]
      evaluationOf(this).meter.charge(whole.length / 10)
      return between === '' ? Array.from(whole) : whole.split(between)
    },
  },
  dwSubstringBefore: substring((whole, separator) => {
    return separator === '' ? '' : whole.slice(0, Math.max(0, whole.indexOf(separator)))
  }),
  dwSubstringAfter: substring((whole, separator) => {
    if (separator === '') return Array.from(whole).slice(1).join('')
    const at = whole.indexOf(separator)
    return at < 0 ? '' : whole.slice(at + separator.length)
  }),
  dwSubstringBeforeLast: substring((whole, separator) => {
    if (separator === '') return Array.from(whole).slice(0, -1).join('')
    return whole.slice(0, Math.max(0, whole.lastIndexOf(separator)))
  }),
  dwSubstringAfterLast: substring((whole, separator) => {
    if (separator === '') return undefined
    const at = whole.lastIndexOf(separator)
    return at < 0 ? '' : whole.slice(at + separator.length)
  }),
  dwFromBase64: {
    call(value?: unknown) {
      return isNull(value) ? undefined : decoded(text(value))
    },
  },
} satisfies Readonly<Record<string, ExpressionFunction>>

function substring(
  cut: (whole: string, separator: string) => string | undefined,
): ExpressionFunction {
  return {
    call(value?: unknown, separator?: unknown) {
      if (isNull(value) || isNull(separator)) return undefined
      return cut(text(value), text(separator))
    },
  }
}
