import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LONGEST_KEY, tokenKey } from '../../../src/credentials/token-key.ts'
import type { JsonObject } from '../../../src/types.ts'

const claims = fc.dictionary(fc.string(), fc.jsonValue()) as fc.Arbitrary<JsonObject>

/** Claims whose JSON text has so many characters. */
const ofLength = (length: number, letter = 'a') => ({ sub: letter.repeat(length - 10) })

describe('the key of a token', () => {
  it('is the same for equal claims, and another for any other', () => {
    fc.assert(
      fc.property(claims, claims, (one, other) => {
        expect(tokenKey(structuredClone(one))).toBe(tokenKey(one))
        const isSame = JSON.stringify(one) === JSON.stringify(other)
        expect(tokenKey(one) === tokenKey(other)).toBe(isSame)
      }),
    )
  })

  it.each([
    ['text in place of a number', { sub: '1' }, { sub: 1 }],
    ['a claim that ends another', { sub: 'a","org":"b' }, { sub: 'a', org: 'b' }],
    ['null in place of none', { sub: null }, {}],
    ['a list', { aud: ['a'] }, { aud: 'a' }],
    ['half a character', { sub: '\ud800' }, { sub: '\ufffd' }],
    ['header and claims the other way round', [{ a: 1 }, {}, {}], [{}, {}, { a: 1 }]],
    ['the last character of a long text', ofLength(5000, 'a'), { sub: `${'a'.repeat(4989)}b` }],
  ])('tells apart %s', (_, one, other) => {
    expect(tokenKey(one)).not.toBe(tokenKey(other))
  })

  it('is no longer than its bound, however long the claims are', () => {
    expect(tokenKey(ofLength(LONGEST_KEY))).toHaveLength(LONGEST_KEY)
    for (const length of [LONGEST_KEY + 1, 100_000]) {
      expect(tokenKey(ofLength(length))).toMatch(/^[\w+/]{43}=$/)
    }
  })
})
