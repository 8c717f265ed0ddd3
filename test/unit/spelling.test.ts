import { describe, expect, it } from 'vitest'
import { foldMember, hasSpelling, isSpellingOf } from '../../src/spelling.ts'

describe('a spelling of a parameter', () => {
  it.each(['token', 'TOKEN', ' token ', 'token[]', 'token[a]', 'token.x', 'token\0y', 'Token ['])(
    'is %j',
    (candidate) => {
      expect(isSpellingOf(candidate, 'Token')).toBe(true)
    },
  )

  it.each(['api_key', 'api.key', 'api key', 'api[key', 'API.KEY[]'])(
    'of PHP is %j for a name with a _',
    (candidate) => {
      expect(isSpellingOf(candidate, 'api_key')).toBe(true)
    },
  )

  it.each(['tokens', 'a.token', 'tok', 'token-x', 'token_', ''])('is not %j', (candidate) => {
    expect(isSpellingOf(candidate, 'token')).toBe(false)
  })

  it.each([
    [{ a: '1', TOKEN: '' }],
    [{ a: ['1', '2;token=3'] }],
    [{ 'a; token': '1' }],
    [{ a: ';token[]' }],
  ])('is found in %j', (parameters) => {
    expect(hasSpelling(parameters, 'token')).toBe(true)
  })

  it.each([[{}], [{ a: 'token', tokens: ['1', ';b=token'] }]])(
    'is not found in %j',
    (parameters) => {
      expect(hasSpelling(parameters, 'token')).toBe(false)
    },
  )
})

describe('a member of JSON', () => {
  it.each([
    ['token', 'TOKEN'],
    ['key', '\u212aey'],
    ['access', 'acce\u017f\u017f'],
    ['\u03c3', '\u03c2'],
    ['é', 'É'],
  ])('%s has the other spelling %s', (name, other) => {
    expect(foldMember(other)).toBe(foldMember(name))
  })

  it.each([
    ['token', 'tokens'],
    ['a-b', 'a_b'],
    ['é', 'e'],
  ])('%s is another than %s', (name, other) => {
    expect(foldMember(other)).not.toBe(foldMember(name))
  })
})
