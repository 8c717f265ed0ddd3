import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { editJson } from '../../../src/http/json-splice.ts'
import { Secret } from '../../../src/secret.ts'
import { errorCode } from '../../support/error-code.ts'

function inject(text: string, pointer: string, value = 'OURS'): string {
  const segments = pointer.slice(1).split('/')
  return editJson(Buffer.from(text), {
    remove: [],
    set: [{ segments, value: new Secret(value) }],
  }).toString()
}

function remove(text: string, ...pointers: string[]): string {
  const segments = pointers.map((pointer) => pointer.slice(1).split('/'))
  return editJson(Buffer.from(text), { remove: segments, set: [] }).toString()
}

describe('editJson', () => {
  it.each([
    ['an empty object', '{}', '/token', '{"token":"OURS"}'],
    ['an empty object with white space', ' { \n} ', '/token', ' {"token":"OURS" \n} '],
    ['an object with members', '{"a":1}', '/token', '{"a":1,"token":"OURS"}'],
    ['space around the last member', '{ "a" : 1 }', '/token', '{ "a" : 1,"token":"OURS" }'],
    ['a parent', '{"auth":{"x":[]}}', '/auth/token', '{"auth":{"x":[],"token":"OURS"}}'],
    ['missing parents', '{"a":1}', '/b/c/d', '{"a":1,"b":{"c":{"d":"OURS"}}}'],
    ['a document with a byte order mark', '\ufeff{}', '/token', '\ufeff{"token":"OURS"}'],
    ['a name that needs escapes', '{}', '/a"\\\n', '{"a\\"\\\\\\n":"OURS"}'],
    ['an empty name', '{}', '/', '{"":"OURS"}'],
    ['__proto__', '{"a":{}}', '/__proto__/token', '{"a":{},"__proto__":{"token":"OURS"}}'],
  ])('puts a member into %s', (_case, text, pointer, expected) => {
    expect(inject(text, pointer)).toBe(expected)
  })

  it.each([
    ['{"token":"C1","a":1,"token":"C2"}', '/token', '{"a":1,"token":"OURS"}'],
    ['{"\\u0074oken":"C"}', '/token', '{"token":"OURS"}'],
    ['{"tok\\u0065n":{"deep":[1,{"token":2}]},"b":2}', '/token', '{"b":2,"token":"OURS"}'],
    ['{"auth":{"token":"C"}}', '/auth/token', '{"auth":{"token":"OURS"}}'],
    ['{"auth":{"a":1,"token":"C","b":2}}', '/auth/token', '{"auth":{"a":1,"b":2,"token":"OURS"}}'],
    ['{"token":1,"token":2 , "token":3}', '/token', '{"token":"OURS"}'],
    ['{"a":{"token":"kept"},"token":5}', '/token', '{"a":{"token":"kept"},"token":"OURS"}'],
    ['{"Token":"C","a":1,"TOKEN":{"x":[2]}}', '/token', '{"a":1,"token":"OURS"}'],
    ['{"\\u212aey":"C","tokens":1}', '/key', '{"tokens":1,"key":"OURS"}'],
    ['{"acce\u017fs":"C"}', '/access', '{"access":"OURS"}'],
    ['{"auth":{"TOKEN":"C","x": 1.0}}', '/auth/token', '{"auth":{"x": 1.0,"token":"OURS"}}'],
  ])('replaces what the client sent in %s', (text, pointer, expected) => {
    expect(inject(text, pointer)).toBe(expected)
  })

  it.each([
    ['a number as parent', '{"auth":5}'],
    ['null as parent', '{"auth":null}'],
    ['text as parent', '{"auth":"x"}'],
    ['an array as parent', '{"auth":[{}]}'],
    ['the parent twice', '{"auth":{},"auth":{}}'],
    ['the parent twice, escaped', '{"auth":{"token":"C"},"\\u0061uth":{}}'],
    ['another spelling of the parent', '{"Auth":{"token":"C"}}'],
    ['another spelling beside the parent', '{"auth":{"x":1},"Auth":{"token":"C"}}'],
    ['another spelling before the parent', '{"AUTH":null,"auth":{}}'],
    ['an array as document', '[1]'],
    ['text as document', '"x"'],
    ['a number as document', '1'],
    ['no body', ''],
    ['white space only', ' \r\n\t'],
  ])('refuses %s as the wrong shape', async (_case, text) => {
    expect(await errorCode(() => inject(text, '/auth/token'))).toBe('body/shape')
  })

  it.each([
    ['a member in the middle', '{"a":1, "token":"C", "b":2}', '{"a":1, "b":2}'],
    ['the first member', '{ "token":"C", "b":2 }', '{ "b":2 }'],
    ['the last member', '{\n  "b": 2,\n  "token": "C"\n}', '{\n  "b": 2\n}'],
    ['the only member', '{ "token" : "C" }', '{  }'],
    ['every duplicate', '{"token":1,"token":2,"x":0,"token":3,"token":4}', '{"x":0}'],
    ['every spelling', '{"Token":1,"x":0,"TOKEN":[{}] }', '{"x":0 }'],
    ['nothing that is not there', '{"a":1,"tokens":2}', '{"a":1,"tokens":2}'],
    ['nothing from an array', '[{"token":"C"}]', '[{"token":"C"}]'],
    ['nothing from an empty body', '', ''],
  ])('removes %s', (_case, text, expected) => {
    expect(remove(text, '/token')).toBe(expected)
  })

  it('removes a place from every duplicate of its parent', () => {
    const text = '{"auth":{"token":1},"auth":{"a":2,"token":3},"auth":5}'
    expect(remove(text, '/auth/token')).toBe('{"auth":{},"auth":{"a":2},"auth":5}')
  })

  it('removes a place through every spelling of its parent', () => {
    const text = '{"Auth":{"TOKEN":1,"a":2},"auth":{"token":3},"AUTH":5}'
    expect(remove(text, '/auth/token')).toBe('{"Auth":{"a":2},"auth":{},"AUTH":5}')
  })

  it('writes names as the place to set has them, whatever else is removed', () => {
    const edits = {
      remove: [['AUTH', 'x']],
      set: [{ segments: ['auth', 'Token'], value: new Secret('V') }],
    }
    const edited = editJson(Buffer.from('{"auth":{"X":1,"token":"C"}}'), edits).toString()
    expect(edited).toBe('{"auth":{"Token":"V"}}')
  })

  it('refuses two places to set whose parents are spelled differently', async () => {
    const set = [
      { segments: ['auth', 'a'], value: new Secret('1') },
      { segments: ['Auth', 'b'], value: new Secret('2') },
    ]
    expect(await errorCode(() => editJson(Buffer.from('{}'), { remove: [], set }))).toBe(
      'body/shape',
    )
  })

  it('refuses to remove what an array may hold', async () => {
    expect(await errorCode(() => remove('{"list":[{"token":"C"}]}', '/list/0/token'))).toBe(
      'body/shape',
    )
    expect(remove('{"list":[{"token":"C"}]}', '/list/token')).toBe('{"list":[{"token":"C"}]}')
  })

  it.each(['0', '7', '10', '123'])('takes %s for the place of an element', async (segment) => {
    const code = await errorCode(() => remove('{"list":[]}', '/list/a', `/list/${segment}/token`))
    expect(code).toBe('body/shape')
  })

  it.each(['', '-', '00', '01', 'a0', '0a', '1a', '-1', '1.0'])(
    'takes %j for no place of an element',
    (segment) => {
      const text = '{"list":[{"token":"C"}]}'
      expect(remove(text, `/list/${segment}/token`)).toBe(text)
    },
  )

  it('gives the same bytes back when it has found nothing', () => {
    const body = Buffer.from('{"a":[1]}')
    expect(editJson(body, { remove: [['token']], set: [] })).toBe(body)
  })

  it('does several edits at once', () => {
    const edits = {
      remove: [['gone'], ['a', 'x']],
      set: [
        { segments: ['a', 't'], value: new Secret('1') },
        { segments: ['a', 'u'], value: new Secret('2') },
        { segments: ['b', 'c', 'd'], value: new Secret('3') },
        { segments: ['b', 'c', 'e'], value: new Secret('4') },
      ],
    }
    const edited = editJson(Buffer.from('{"gone":0,"a":{"x":1},"z":9}'), edits).toString()
    expect(edited).toBe('{"a":{"t":"1","u":"2"},"z":9,"b":{"c":{"d":"3","e":"4"}}}')
  })

  it('puts a member into an object that takes the place of a removed one', () => {
    const edits = { remove: [['a']], set: [{ segments: ['a', 't'], value: new Secret('V') }] }
    expect(editJson(Buffer.from('{"a":{"t":"C","x":1}}'), edits).toString()).toBe('{"a":{"t":"V"}}')
  })

  it('refuses a place below another that is set', async () => {
    const set = [
      { segments: ['a'], value: new Secret('1') },
      { segments: ['a', 'b'], value: new Secret('2') },
    ]
    expect(await errorCode(() => editJson(Buffer.from('{}'), { remove: [], set }))).toBe(
      'body/shape',
    )
  })

  it('writes a value that needs escapes as one JSON string', () => {
    const value = '"},{"\\\n\u2028é\ud800'
    expect(JSON.parse(inject('{}', '/token', value))).toEqual({ token: value })
  })

  it.each([
    '12345678901234567890',
    '1.0',
    '1E400',
    '-0',
    '{"d":1,"d":2}',
    '"\\u00e9\\/\\ud800"',
    '[ 1 ,\t2 ]',
  ])('T046 leaves %s as it was written', (value) => {
    expect(inject(`{"b": ${value} , "a":1}`, '/token')).toBe(
      `{"b": ${value} , "a":1,"token":"OURS"}`,
    )
  })

  it('T046 gives back the same bytes when what it put in is removed', () => {
    fc.assert(
      fc.property(objectText, fc.boolean(), (object, nested) => {
        const pointer = nested ? '/auth/token' : '/token'
        const clean = remove(nested ? `{"x":[],"auth":${object} }` : object, pointer)
        expect(remove(inject(clean, pointer), pointer)).toBe(clean)
      }),
      { numRuns: 500 },
    )
  })

  it('changes no member but the one at the place', () => {
    fc.assert(
      fc.property(fc.dictionary(name, fc.jsonValue()), (object) => {
        const before = JSON.parse(JSON.stringify(object))
        const after = JSON.parse(inject(JSON.stringify(object), '/token'))
        expect(after).toEqual({ ...before, token: 'OURS' })
      }),
    )
  })
})

const name = fc.constantFrom('a', 'b', 'c', 'tok', 'é')
const space = fc.constantFrom('', ' ', '\n  ', '\t')
const scalar = fc.constantFrom('1', '-0.50', '1e2', '"x"', '"\\u0074"', 'null', 'true', '{}', '[ ]')

const { objectText } = fc.letrec<{ objectText: string; value: string }>((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, scalar, tie('objectText')),
  objectText: fc
    .array(fc.tuple(space, fc.oneof(name, fc.constant('token')), space, tie('value'), space), {
      maxLength: 4,
    })
    .map((all) => {
      const texts = all.map(([s1, key, s2, value, s3]) => `${s1}"${key}"${s2}:${s1}${value}${s3}`)
      return `{${texts.join(',')}}`
    }),
}))
