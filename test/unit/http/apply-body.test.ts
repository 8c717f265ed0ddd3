import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyBody } from '../../../src/http/apply-body.ts'
import { Secret } from '../../../src/secret.ts'
import type { BodyPlace } from '../../../src/types.ts'
import { errorCode } from '../../support/error-code.ts'

const pointer: BodyPlace = { kind: 'pointer', segments: ['token'] }
const field: BodyPlace = { kind: 'field', name: 'token' }
const FORM = 'application/x-www-form-urlencoded'

const set = (place: BodyPlace) => ({
  removeBody: [place],
  setBody: [{ place, value: new Secret('OURS') }],
})
const clear = (place: BodyPlace) => ({ removeBody: [place], setBody: [] })

describe('applyBody', () => {
  it.each([
    'application/json',
    'APPLICATION/JSON',
    ' application/json;charset=utf-8',
    'text/json',
    'application/vnd.x+json',
  ])('puts a pointer into %s', (type) => {
    const body = applyBody(Buffer.from('{"a":1}'), type, set(pointer))
    expect(body.toString()).toBe('{"a":1,"token":"OURS"}')
  })

  it('puts a field into a form', () => {
    expect(applyBody(Buffer.from('a=1'), FORM, set(field)).toString()).toBe('a=1&token=OURS')
  })

  it.each([
    ['a pointer into a form', pointer, FORM, 'body/media-type'],
    ['a field into JSON', field, 'application/json', 'body/media-type'],
    ['a pointer into text', pointer, 'text/plain', 'body/media-type'],
    ['a field into multipart', field, 'multipart/form-data; boundary=x', 'body/media-type'],
    ['a pointer into a body without a type', pointer, undefined, 'body/media-type'],
    ['a pointer under two types', pointer, ['application/json', 'text/json'], 'body/media-type'],
    ['a pointer into UTF-16', pointer, 'application/json; charset=utf-16', 'body/media-type'],
    ['a field into Latin-1', field, `${FORM}; charset=ISO-8859-1`, 'body/media-type'],
    ['a pointer into what is not JSON', pointer, 'application/json', 'body/malformed'],
  ])('refuses to put %s', async (_case, place, type, code) => {
    expect(await errorCode(() => applyBody(Buffer.from('a=1'), type, set(place)))).toBe(code)
  })

  it.each(['application/json', FORM])(
    'refuses to put both kinds of place into %s',
    async (type) => {
      const setBody = [pointer, field].map((place) => ({ place, value: new Secret('OURS') }))
      const apply = () => applyBody(Buffer.from('{"a":1}'), type, { removeBody: [], setBody })
      expect(await errorCode(apply)).toBe('body/media-type')
    },
  )

  it('gives every body back that it has nothing to do with', () => {
    const body = Buffer.from('a')
    expect(applyBody(body, undefined, { removeBody: [], setBody: [] })).toBe(body)
  })

  it.each([[undefined], ['application/json'], [FORM]])(
    'finds no place in an empty body of type %s',
    async (type) => {
      const code = await errorCode(() => applyBody(Buffer.alloc(0), type, set(pointer)))
      expect(code).toBe('body/shape')
    },
  )

  it.each([
    ['no type', undefined, pointer],
    ['text', 'text/plain', pointer],
    ['a form, for a pointer', FORM, pointer],
    ['multipart, for a field', 'multipart/form-data; boundary=x', field],
    ['JSON, for a field', 'application/json', field],
  ])('refuses %s, in which it cannot remove', async (_case, type, place) => {
    const body = Buffer.from('{"token":"C"}')
    expect(await errorCode(() => applyBody(body, type, clear(place)))).toBe('body/media-type')
  })

  it.each([
    ['an empty body without a type', '', undefined],
    ['an empty body of another type', '', 'text/plain'],
    ['white space', ' \n', 'application/json'],
    ['an array', '[{"token":"C"}]', 'application/json'],
    ['a scalar', '"token"', 'application/json'],
  ])('leaves %s as it is when it only removes', (_case, text, type) => {
    const body = Buffer.from(text)
    expect(applyBody(body, type, clear(pointer))).toBe(body)
  })

  it('removes what the client sent', () => {
    const removed = applyBody(Buffer.from('{"token":"C"}'), 'application/json', clear(pointer))
    expect(removed.toString()).toBe('{}')
  })
})

describe('a form', () => {
  const inject = (body: string) => applyBody(Buffer.from(body), FORM, set(field)).toString()

  it('has one token and every other pair byte for byte', () => {
    expect(inject('a=1&token=C&token=D&a%5Bb%5D=2&x=%zz&t%6Fken=E')).toBe(
      'a=1&a%5Bb%5D=2&x=%zz&token=OURS',
    )
  })

  it.each(['', ' ', '\r\n'])('of %j has no place', async (body) => {
    expect(await errorCode(() => inject(body))).toBe('body/shape')
  })

  it.each(['a=1', ' '])('of %j that has no token is left as it is', (text) => {
    const body = Buffer.from(text)
    expect(applyBody(body, FORM, clear(field))).toBe(body)
  })

  it('refuses bytes that are not UTF-8', async () => {
    const body = Buffer.from('a=\xff', 'latin1')
    expect(await errorCode(() => applyBody(body, FORM, clear(field)))).toBe('body/malformed')
  })

  it('has the same bytes again when what was put in is removed', () => {
    const pair = fc.stringMatching(/^[a-su-z%+=;é]{1,8}$/)
    fc.assert(
      fc.property(fc.array(pair, { minLength: 1 }), (pairs) => {
        const body = Buffer.from(pairs.join('&'))
        const edited = Buffer.from(inject(pairs.join('&')))
        expect(applyBody(edited, FORM, clear(field))).toEqual(body)
      }),
    )
  })
})
