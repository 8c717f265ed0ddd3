import { describe, expect, it } from 'vitest'
import { holdsCredential, withoutCredentials } from '../../../src/forward/without-credentials.ts'
import { Secret } from '../../../src/secret.ts'

const TOKEN = 'eyJh.eyJz.c2ln'
const KEY = 'a+b/c=='
const encodeEach = (text: string) =>
  text.replace(/./g, (character) => `%${character.charCodeAt(0).toString(16)}`)
const credentials = [new Secret(TOKEN), new Secret(KEY)]

describe('withoutCredentials', () => {
  it('gives the same list when nothing was put on the request', () => {
    const fields = ['X-A', TOKEN]
    expect(withoutCredentials(fields, [])).toBe(fields)
  })

  it.each([
    ['as it is', `Bearer ${TOKEN}`],
    ['in a query', `/b?token=${TOKEN}`],
    ['inside of other text', `a="${TOKEN}";b`],
    ['with a dot encoded', 'eyJh%2EeyJz.c2ln'],
    ['encoded as a whole', encodeURIComponent(KEY)],
    ['encoded twice', `/next%3Fkey%3D${encodeURIComponent(encodeURIComponent(KEY))}`],
    ['encoded six times', [1, 2, 3, 4, 5, 6].reduce((text) => encodeURIComponent(text), KEY)],
    [
      'encoded in every character, three times',
      [1, 2, 3].reduce((text) => encodeEach(text), TOKEN),
    ],
    ['encoded in a thousand layers', KEY.replace('/', `%${'25'.repeat(1000)}2F`)],
    ['in lower-case hex', KEY.replace('/', '%2f').replace('=', '%3d')],
    ['as a form has it', 'k=a%2Bb%2Fc%3D%3D'],
  ])('T065 removes a line that holds a credential %s, and no other', (_how, value) => {
    const fields = ['Set-Cookie', 'a=1', 'X-Echo', value, 'Set-Cookie', `b=${value}`, 'X-B', '2']
    expect(withoutCredentials(fields, credentials)).toEqual(['Set-Cookie', 'a=1', 'X-B', '2'])
  })

  it.each([
    [`/b?token=${TOKEN}`, '/b'],
    [`/b?a=1&token=${TOKEN}&c#f`, '/b?a=1&c#f'],
    [`https://x.example/?token=${TOKEN}&a=1`, 'https://x.example/?a=1'],
    ['/b?k=a%2Bb%2Fc%3D%3D', '/b'],
    [`/login?next=%2Fb%3Ftoken%3D${TOKEN}&a`, '/login?a'],
  ])('T044 takes the credential out of Location: %s', (value, expected) => {
    expect(withoutCredentials(['location', value], credentials)).toEqual(['location', expected])
  })

  it.each([
    ['Content-Location', `/b?token=${TOKEN}`, '/b'],
    ['Refresh', `5; url=/b?token=${TOKEN}&a=1`, '5; url=/b?a=1'],
    ['Link', `</b?token=${TOKEN}>; rel=next, </c?d>; rel=prev`, '</b>; rel=next, </c?d>; rel=prev'],
    ['LOCATION', '/a?b=%zz&c', '/a?b=%zz&c'],
  ])('T044 takes it out of %s: %s', (name, value, expected) => {
    expect(withoutCredentials([name, value], credentials)).toEqual([name, expected])
  })

  it.each([`/${TOKEN}`, `/b#token=${TOKEN}`, `https://${TOKEN}@a/`])(
    'T044 removes Location: %s, which has it elsewhere',
    (value) => {
      expect(withoutCredentials(['Location', value], credentials)).toEqual([])
    },
  )

  it.each([
    ['a b', 'q=a+b', []],
    ['a+b', 'q=a b', []],
    ['a+b', 'q=ab', ['X-A', 'q=ab']],
  ])('takes a plus for a space: of %j in %j it leaves %j', (credential, value, left) => {
    expect(withoutCredentials(['X-A', value], [new Secret(credential)])).toEqual(left)
  })

  it.each([
    `X-${TOKEN}`,
    `${TOKEN}-x`,
    `x-${TOKEN.toLowerCase()}`,
    `X-${TOKEN.replaceAll('.', '%2E')}`,
  ])('T065 removes a line whose name tells a credential: %s', (name) => {
    expect(withoutCredentials(['X-A', '1', name, 'x'], credentials)).toEqual(['X-A', '1'])
  })

  it.each(['Content_Length', 'Content.Length', 'Content-Length'])(
    'T065 removes a credential in place of a length: %s',
    (name) => {
      expect(withoutCredentials([name, TOKEN], credentials)).toEqual([])
    },
  )

  it.each([TOKEN, KEY])('removes a line that is nothing but a credential: %s', (value) => {
    expect(withoutCredentials(['X', value, 'Y', value.slice(1)], credentials)).toEqual([
      'Y',
      value.slice(1),
    ])
  })

  it('knows a credential that looks percent-encoded itself', () => {
    const sent = [new Secret('a%41%2541b')]
    for (const value of ['aAAb', 'a%41%2541b', 'a%2541%252541b']) {
      expect(withoutCredentials(['X', value, 'X', `k=${value}`], sent)).toEqual([])
    }
  })

  it('looks through a value that decodes over and over in a bounded time', () => {
    const value = '%2'.repeat(16_000) + '5'.repeat(16_000)
    expect(withoutCredentials(['X-A', value], credentials)).toEqual(['X-A', value])
  })

  it('never removes the field that frames the answer', () => {
    const fields = ['Content-Length', '1234']
    expect(withoutCredentials(fields, [new Secret('23')])).toEqual(fields)
  })
})

it('knows a reason phrase that tells a credential', () => {
  expect(holdsCredential(`OK ${TOKEN}`, credentials)).toBe(true)
  expect(holdsCredential(`OK ${encodeEach(TOKEN)}`, credentials)).toBe(true)
  expect(holdsCredential('OK', credentials)).toBe(false)
})
