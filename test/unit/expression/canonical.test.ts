import { describe, expect, it } from 'vitest'
import { canonicalJson, canonicalQuery } from '../../../src/expression/canonical.ts'

describe('canonical JSON', () => {
  it.each<[unknown, string]>([
    [{ b: 1, a: undefined, c: [] }, '{"b":1,"c":[]}'],
    [{ b: { d: 1, c: 2 }, a: [{ z: 1, y: 2 }] }, '{"a":[{"y":2,"z":1}],"b":{"c":2,"d":1}}'],
    [[], '[]'],
    [[1, [2, 'x']], '[1,[2,"x"]]'],
    [{}, '{}'],
    [null, 'null'],
    [true, 'true'],
    [-0, '0'],
    ['"', '"\\""'],
    [{ '': 1, '€': 2, '\r': 3, '1': 4 }, '{"":1,"\\r":3,"1":4,"€":2}'],
  ])('of %j is %s', (value, text) => {
    expect(canonicalJson(value)).toBe(text)
  })

  it.each<[unknown, string]>([
    ['\ud800', 'expected well-formed text'],
    [{ '\udc00': 1 }, 'expected well-formed text'],
    [[Number.NaN], 'expected finite numbers'],
    [Number.NEGATIVE_INFINITY, 'expected finite numbers'],
    [undefined, 'expected plain data'],
    [[undefined], 'expected plain data'],
    [() => 1, 'expected plain data'],
    [new Date(0), 'expected plain data'],
    [1n, 'expected plain data'],
  ])('is refused of what JSON cannot hold: %o', (value, message) => {
    expect(() => canonicalJson(value)).toThrow(
      expect.objectContaining({ code: 'expr/failed', message }),
    )
  })
})

describe('a canonical query', () => {
  it.each<[string | Record<string, unknown>, string]>([
    ['', ''],
    ['?', ''],
    ['?a', 'a='],
    ['a?=1', 'a%3F=1'],
    ['??a=1', '%3Fa=1'],
    ['a=b=c', 'a=b%3Dc'],
    ['&&b=1&&a=2&', 'a=2&b=1'],
    ['a=2&a=10&a=1', 'a=1&a=10&a=2'],
    ['a=1&a=1', 'a=1&a=1'],
    ['b=1&a+b=2', 'a%20b=2&b=1'],
    ["k=!'()*", 'k=%21%27%28%29%2A'],
    ['é=%C3%A9', '%C3%A9=%C3%A9'],
    [{ b: [2, true, 'x'], a: '' }, 'a=&b=2&b=true&b=x'],
    [{}, ''],
    [{ a: [] }, ''],
  ])('of %j is %s', (query, text) => {
    expect(canonicalQuery(query)).toBe(text)
  })

  it.each<[string | Record<string, unknown>, string]>([
    ['a=%', 'expected a query with valid percent-encoding'],
    ['%ff=1', 'expected a query with valid percent-encoding'],
    ['a=\ud800', 'expected well-formed text'],
    [{ a: null }, 'expected strings, numbers and booleans as query values'],
    [{ a: [{}] }, 'expected strings, numbers and booleans as query values'],
  ])('is refused of %j', (query, message) => {
    expect(() => canonicalQuery(query)).toThrow(
      expect.objectContaining({ code: 'expr/failed', message }),
    )
  })
})
