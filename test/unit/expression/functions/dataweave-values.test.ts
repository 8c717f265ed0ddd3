import { describe, expect, it } from 'vitest'
import {
  concat,
  decoded,
  isEqual,
  remove,
  select,
  sizeOf,
  text,
} from '../../../../src/expression/functions/dataweave-values.ts'

class Instance {
  readonly a = 1
}

describe('two values', () => {
  it.each<[unknown, unknown]>([
    [null, undefined],
    [[], []],
    [
      [1, [2]],
      [1, [2]],
    ],
    [
      { a: 1, b: [null] },
      { b: [undefined], a: 1 },
    ],
    ['a', 'a'],
  ])('%j and %j are equal', (one, other) => {
    expect([isEqual(one, other), isEqual(other, one)]).toEqual([true, true])
  })

  it.each<[unknown, unknown]>([
    [null, 0],
    [undefined, false],
    [[1], [1, 2]],
    [
      [1, 3],
      [1, 2],
    ],
    [[1], { 0: 1 }],
    [[], {}],
    [[], ''],
    [{ a: 1 }, { a: 1, b: 2 }],
    [{ a: 1 }, { b: 1 }],
    [{ a: undefined }, { b: undefined }],
    [
      { a: 1, b: 2 },
      { a: 1, b: 3 },
    ],
    [{ a: 1 }, new Instance()],
    [1, '1'],
    ['a', {}],
  ])('%j and %j are not', (one, other) => {
    expect([isEqual(one, other), isEqual(other, one)]).toEqual([false, false])
  })
})

describe('what is selected', () => {
  it.each<[unknown, unknown, unknown]>([
    [['a', 'b'], 1, 'b'],
    [['a', 'b'], -1, 'b'],
    [['a', 'b'], 1.5, undefined],
    [['a', 'b'], 2, undefined],
    ['a😀', 1, '😀'],
    [{ 1: 'a' }, 1, undefined],
    [7, 0, undefined],
    [{ a: 1 }, 'a', 1],
    [{ a: 1 }, 'toString', undefined],
    [new Instance(), 'a', undefined],
    [[{ a: 1 }, {}, { a: null }, 'x'], 'a', [1, null]],
    [{ true: 1 }, true, undefined],
    [{ undefined: 1 }, undefined, undefined],
    ['a', 'length', undefined],
  ])('of %j by %j is %j', (value, key, selected) => {
    expect(select(value, key)).toEqual(selected)
  })
})

describe('what is joined', () => {
  it.each<[unknown, unknown, unknown]>([
    ['a', 1, 'a1'],
    [1, 'a', '1a'],
    ['a', true, 'atrue'],
    [[1], [[2]], [1, [2]]],
    ['a', null, undefined],
    [undefined, ['a'], undefined],
  ])('of %j and %j is %j', (one, other, joined) => {
    expect(concat(one, other)).toEqual(joined)
  })

  it.each<[unknown, unknown]>([
    [1, 2],
    ['a', ['b']],
    [['a'], 'b'],
    ['a', {}],
    [{}, 'a'],
    ['a', Number.NaN],
    [true, 1],
  ])('are neither %j and %j', (one, other) => {
    expect(() => concat(one, other)).toThrow('expected two texts or two arrays to join')
  })
})

describe('what is left', () => {
  it.each<[unknown, unknown, unknown]>([
    [[1, 2, 1, { a: 1 }], [1, { a: 1 }], [2]],
    [{ a: 1, b: 2 }, ['a', 'c'], { b: 2 }],
    [{ a: 1, b: 2 }, { a: 1, b: 3 }, { b: 2 }],
    [{ a: 1 }, { b: 1 }, { a: 1 }],
    [{ toString: 1 }, {}, { toString: 1 }],
    [{ a: undefined }, {}, { a: undefined }],
    [{}, 'a', {}],
  ])('of %j without %j is %j', (from, what, rest) => {
    expect(remove(from, what)).toEqual(rest)
  })

  it.each<[unknown, unknown, string]>([
    ['a', ['a'], 'expected an array or object to remove from'],
    [[1], 1, 'expected an array or object to remove from'],
    [{ a: 1 }, 'a', 'expected an array of names or an object to remove'],
  ])('is nothing of %j and %j', (from, what, message) => {
    expect(() => remove(from, what)).toThrow(expect.objectContaining({ message }))
  })
})

describe('a value that is needed as it should be', () => {
  it.each<[unknown, number]>([
    [['a', 'b'], 2],
    ['a😀', 2],
    [{ a: 1 }, 1],
    ['', 0],
  ])('has a size: %j', (value, size) => {
    expect(sizeOf(value)).toBe(size)
  })

  it('is refused otherwise, with what was expected', () => {
    expect(() => sizeOf(7)).toThrow(/^expected an array, object or text$/)
    expect(() => text(7)).toThrow(/^expected text$/)
    expect(() => decoded('YQ')).toThrow(/^expected base64 with padding$/)
    expect(() => decoded('/w==')).toThrow(/^expected UTF-8 in base64$/)
    expect([text(''), decoded('w6k=')]).toEqual(['', 'é'])
  })
})
