import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/expression/limits.ts'
import { findEnd } from '../../../src/expression/scan.ts'

const end = (text: string, from = 0, limits = LIMITS) => findEnd(text, from, limits)

describe('the end of an expression', () => {
  // what stands behind the mark `#[`; the last `]` is the one that closes it
  it.each([
    ['a]'],
    [' a ]'],
    [']'],
    ['a[0]]'],
    ['a[b[0]][1]]'],
    ['(]'],
    ['(a[0] ]'],
    ['{"a": [1]}]'],
    ['"]"]'],
    ["']']"],
    ['"\\"]"]'],
    ['"\\\\"]'],
    ['`]`]'],
    ['`\\`]'],
    ['/\\]/]'],
    ['/[/]/]'],
    ['/(/)/]'],
    ['/{/}/]'],
    ['/[{(/)}]/]'],
    ['/\\/\\]/]'],
    ['/\\]/i]'],
    ['/\\]/im]'],
    ['a / b[0] / c]'],
    ['(a) / "]"]'],
    ['a[0] / "]" / 1]'],
    ['"a" / "]" / 1]'],
    ['`a` / "]" / 1]'],
    ['/a/ / "]" / 1]'],
    ['* / "]" / 1]'],
    ['** / "]" / 1]'],
    ['% / "]" / 1]'],
    ['a * /\\]/]'],
    ['a ** /\\]/]'],
    ['a % /\\]/]'],
    ['a + /\\]/]'],
    ['a and /\\]/]'],
    ['a or /\\]/]'],
    ['a in /\\]/]'],
    ['and / "]" / 1]'],
    ['in / "]" / 1]'],
    ['a and and / "]" / 1]'],
    ['order / "]" / 1]'],
    ['a, /\\]/]'],
    ['f(/\\]/)]'],
    ['a /* ] */ ]'],
    ['/* ] */]'],
    ['/**/ /* ] */ a]'],
    ['a/*/ ] */]'],
    ['a\t\n\r\v ]'],
    ['a ~> /\\]/]'],
    ['a := /\\]/]'],
    ['a ?: /\\]/]'],
    ['a ?? /\\]/]'],
    ['a != /\\]/]'],
    ['a..b]'],
    [')]'],
    ['a)}]'],
  ])('%s is its last character', (text) => {
    expect(end(text)).toBe(text.length - 1)
    expect(end(`#[${text} and ]`, 2)).toBe(text.length + 1)
  })

  it.each([
    ['a', 'expression has no closing "]"', -2, 2],
    ['a[0]', 'expression has no closing "]"', -2, 2],
    ['(a', 'expression has no closing "]"', -2, 2],
    ['a "b]', 'string has no closing quote', 2, 1],
    ['a "b\\"]', 'string has no closing quote', 2, 1],
    ['a \'b"]', 'string has no closing quote', 2, 1],
    ['a `b]', 'name has no closing "`"', 2, 1],
    ['a /* b]', 'comment has no closing "*/"', 2, 2],
    ['/* a */ /*/]', 'comment has no closing "*/"', 8, 2],
    ['a + /b]', 'regular expression has no closing "/"', 4, 1],
    ['a + /b(/]', 'regular expression has no closing "/"', 4, 1],
    ['a + /b\\/]', 'regular expression has no closing "/"', 4, 1],
  ])('is not in %s', (text, message, offset, length) => {
    expect(() => end(`xx${text}`, 2)).toThrow(
      expect.objectContaining({ message, offset: offset + 2, length }),
    )
  })

  it('is within the limit of characters', () => {
    const limits = { ...LIMITS, source: 10 }
    expect(end(`${'a'.repeat(9)}\n]`, 0, limits)).toBe(10)
    expect(end(`xx${'1+'.repeat(5)}]`, 2, limits)).toBe(12)
    expect(() => end(`xx${'1+'.repeat(5)}1]`, 2, limits)).toThrow(
      expect.objectContaining({ message: 'expected at most 10 characters', offset: 2 }),
    )
  })

  it('is within the limit of open brackets', () => {
    const limits = { ...LIMITS, nesting: 3 }
    expect(end('([{1}])]', 0, limits)).toBe(7)
    expect(end('((1))((1))[[1]]]', 0, limits)).toBe(15)
    expect(() => end('([{(1)}])]', 0, limits)).toThrow(
      expect.objectContaining({ message: 'expected at most 3 open brackets', offset: 3 }),
    )
  })

  it.each([
    ['a', 11],
    ['(a)', 11],
    ['a+b+c', 10],
  ])('is found with %s in as many defaults inside each other as stay small', (inner, most) => {
    const nested = (count: number) => `${'('.repeat(count)}${inner}${'?:1)'.repeat(count)}]`
    const coalesced = (count: number) => `${'('.repeat(count)}${inner}${'??1)'.repeat(count)}]`
    for (const text of [nested, coalesced]) {
      expect(end(text(most))).toBe(text(most).length - 1)
      expect(() => end(text(most + 1))).toThrow(
        expect.objectContaining({
          message: 'expected fewer "?:" and "??" inside each other',
          offset: text(most + 1).lastIndexOf(text === nested ? '?:' : '??'),
          length: 2,
        }),
      )
    }
  })

  it.each([
    ['beside each other', 'a ?: b, '.repeat(50)],
    ['in a row', 'a ?: '.repeat(500)],
    ['as conditions', 'a ? b : '.repeat(500)],
    ['in statements', 'a ?? b; '.repeat(50)],
  ])('is found with any number of defaults %s', (_, text) => {
    expect(end(`${text}1]`)).toBe(text.length + 1)
  })
})
