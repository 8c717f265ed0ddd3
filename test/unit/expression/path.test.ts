import fc from 'fast-check'
import jsonata from 'jsonata'
import { describe, expect, it } from 'vitest'
import { readPath } from '../../../src/expression/path.ts'

const NAMES = ['a', 'b', '__proto__', 'constructor', 'x-y']

// Few names and shallow nesting, so that most paths meet something; arrays in arrays, holes in rows.
const data = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom(1, 'text', null, false, 0, ''),
    fc.array(tie('value'), { maxLength: 3 }),
    fc
      .array(fc.tuple(fc.constantFrom(...NAMES), tie('value')), { maxLength: 3 })
      .map((entries) => Object.fromEntries(entries)),
  ),
})).value

const names = fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 4 })

describe('reading a path directly', () => {
  it('gives what JSONata gives, on any data', async () => {
    const root = fc.dictionary(fc.constantFrom(...NAMES), data, { noNullPrototype: true })
    const property = fc.asyncProperty(root, names, fc.boolean(), async (input, path, first) => {
      const source = path.map((name) => `\`${name}\``).join('.') + (first ? '[0]' : '')
      const expected = await jsonata(source).evaluate(structuredClone(input))
      const found = readPath(input, path, 1000, first)
      expect(JSON.stringify(found)).toBe(JSON.stringify(expected))
      expect(Array.isArray(found)).toBe(Array.isArray(expected))
    })
    await fc.assert(property, { numRuns: 3000 })
  })

  it.each([
    ['a member', { a: { b: 1 } }, 1],
    ['a missing member', { a: {} }, undefined],
    ['a member of null', { a: null }, undefined],
    ['a member of text', { a: 'b' }, undefined],
    ['null', { a: { b: null } }, null],
    ['an array at the end as it is', { a: { b: [1] } }, [1]],
    ['an empty array at the end', { a: { b: [] } }, []],
    ['one item as itself', { a: [{ b: 1 }] }, 1],
    ['several items as an array', { a: [{ b: 1 }, { c: 2 }, { b: 3 }] }, [1, 3]],
    ['arrays of items flattened once', { a: [{ b: [1, [2]] }, { b: [3] }] }, [1, [2], 3]],
    ['nothing of an array without it', { a: [{ c: 1 }] }, undefined],
    ['a member of the prototype as missing', { a: Object.create({ b: 1 }) }, undefined],
  ])('gives %s', (_, input, expected) => {
    expect(readPath(input, ['a', 'b'], 1000)).toStrictEqual(expected)
  })

  it.each([
    ['the first of several', { a: { b: ['x', 'y'] } }, 'x'],
    ['the first of one', { a: { b: ['x'] } }, 'x'],
    ['text as it is', { a: { b: 'xy' } }, 'xy'],
    ['nothing of no item', { a: { b: [] } }, undefined],
    ['nothing of a missing member', { a: {} }, undefined],
    ['the first of every array', { a: [{ b: ['x', 'y'] }, {}, { b: 'z' }] }, ['x', 'z']],
  ])('gives with [0] %s', (_, input, expected) => {
    expect(readPath(input, ['a', 'b'], 1000, true)).toStrictEqual(expected)
  })

  it('refuses to map a longer array than the limit', () => {
    const input = { a: Array.from({ length: 11 }, () => ({ b: 1 })) }
    expect(() => readPath(input, ['a', 'b'], 10)).toThrow('expected an expression within 10 items')
    expect(readPath(input, ['a', 'b'], 11)).toHaveLength(11)
  })
})
