import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { editParameters, parseParameters } from '../../../src/http/parameters.ts'
import { Secret } from '../../../src/secret.ts'
import { corpus } from '../../support/corpus.ts'

describe('parseParameters', () => {
  it.each([
    ['a=1&b=2', { a: '1', b: '2' }],
    ['a=1&b=2&a=3&a=', { a: ['1', '3', ''], b: '2' }],
    ['a', { a: '' }],
    ['a=b=c', { a: 'b=c' }],
    ['&&a=1&', { a: '1' }],
    ['', {}],
    ['a+b=c+d', { 'a b': 'c d' }],
    ['a%2Bb=%26%3D', { 'a+b': '&=' }],
    ['%C3%A9=%e6%bc%a2', { é: '漢' }],
    ['x=%zz', { x: '%zz' }],
    ['x=%', { x: '%' }],
    ['x=%ff%41', { x: '%ffA' }],
    ['x%5B%FF%5D=1', { 'x[%FF]': '1' }],
    ['x=%41%', { x: 'A%' }],
    ['a;b=1', { 'a;b': '1' }],
  ])('reads %s', (text, expected) => {
    expect(parseParameters(text)).toEqual(expected)
  })

  it.each(['__proto__', 'constructor', 'toString', '__defineGetter__'])(
    'takes %s for a name like any other',
    (name) => {
      expect(Object.entries(parseParameters(`${name}=1&${name}=2`))).toEqual([[name, ['1', '2']]])
      expect(({} as Record<string, unknown>)['1']).toBeUndefined()
    },
  )
})

describe('editParameters', () => {
  it.each([
    ['', 'token=OURS'],
    ['a=1', 'a=1&token=OURS'],
    ['token=C', 'token=OURS'],
    ['TOKEN=C', 'token=OURS'],
    ['%74oken=C', 'token=OURS'],
    ['token[]=C&token%5B0%5D=C&token[x][y]=C', 'token=OURS'],
    ['token.=C&token.x=C', 'token=OURS'],
    ['a=1&token=C&token=D', 'a=1&token=OURS'],
    ['token', 'token=OURS'],
    ['a=1;token=C', 'a=1&token=OURS'],
    ['a=1&token;token=C', 'a=1&token=OURS'],
    ['a=1;token=C;b=2', 'a=1;b=2&token=OURS'],
    ['token%00=C&token%00x=C', 'token=OURS'],
    ['+token=C&token%20=C', 'token=OURS'],
    ['a=+%20&&b=&c&A=%zz&a=1', 'a=+%20&&b=&c&A=%zz&a=1&token=OURS'],
    ['tokens=1&mytoken=2&token_id=3&to%ken=4', 'tokens=1&mytoken=2&token_id=3&to%ken=4&token=OURS'],
    ['a=token=C&b=%26token=C', 'a=token=C&b=%26token=C&token=OURS'],
  ])('leaves one token in %j', (text, expected) => {
    expect(editParameters(text, [], { token: new Secret('OURS') })).toBe(expected)
  })

  it('leaves the text as it is when there is nothing to do', () => {
    expect(editParameters('a=%zz&&b', [], {})).toBe('a=%zz&&b')
  })

  it('only removes when there is nothing to set', () => {
    expect(editParameters('a=1&token=C&b=2', ['token'], {})).toBe('a=1&b=2')
    expect(editParameters('token=C', ['token'], {})).toBe('')
    expect(editParameters('a=1&', ['token'], {})).toBe('a=1&')
  })

  it('encodes what it sets', () => {
    expect(editParameters('', [], { 'a b&[]': new Secret('x=1&y#é') })).toBe(
      'a%20b%26%5B%5D=x%3D1%26y%23%C3%A9',
    )
  })

  it('matches a name that has brackets itself', () => {
    expect(editParameters('auth[token]=C&auth[x]=1', [], { 'auth[token]': new Secret('V') })).toBe(
      'auth[x]=1&auth%5Btoken%5D=V',
    )
  })
})

const naughty = corpus('naughty-strings.json')

describe.skipIf(naughty === undefined)('parameters that hold naughty strings', () => {
  const strings: string[] = naughty === undefined ? [] : JSON.parse(readFileSync(naughty, 'utf8'))

  it('pass through byte for byte, and read back', () => {
    expect(strings.length).toBe(515)
    for (const text of strings.filter((text) => text.isWellFormed())) {
      const pair = `v=${encodeURIComponent(text)}`
      expect(editParameters(`${pair}&token=C`, [], { token: new Secret('T') })).toBe(
        `${pair}&token=T`,
      )
      expect(parseParameters(pair).v).toBe(text)
    }
  })
})

it('gives the parameters of nothing as an object that holds nothing and cannot be filled', () => {
  const none = parseParameters('')
  expect(Object.keys(none)).toEqual([])
  expect(Object.getPrototypeOf(none)).toBe(null)
  expect(Object.isFrozen(none)).toBe(true)
})
