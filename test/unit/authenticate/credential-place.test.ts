import { describe, expect, it } from 'vitest'
import {
  createCredentialPlace,
  type PlaceConfig,
  placeSchema,
} from '../../../src/authenticate/credential-place.ts'
import type { RequestHead } from '../../../src/types.ts'
import { requestHead } from '../../support/request-context.ts'

const BEARER: PlaceConfig = { location: 'header', name: 'authorization' }
const API_KEY: PlaceConfig = { location: 'header', name: 'X-Api-Key' }
const QUERY: PlaceConfig = { location: 'query', name: 'token' }
const COOKIE: PlaceConfig = { location: 'cookie', name: 'token' }

function find(config: PlaceConfig, head: Partial<RequestHead>) {
  const examine = createCredentialPlace(config).examine((principal) => ({ caller: { principal } }))
  const finding = examine({ head: requestHead(head), peer: {} })
  if (!finding || finding instanceof Promise) return finding
  return 'caller' in finding ? finding.caller.principal : finding.refused.reason
}

describe('a credential in a header field', () => {
  it.each([
    ['Bearer abc', 'abc'],
    ['bearer abc', 'abc'],
    ['BEARER    abc', 'abc'],
    ['Bearer', ''],
    ['Bearer\tabc', '\tabc'],
    ['Bearer=abc', '=abc'],
    ['Bearer abc, Bearer def', 'abc, Bearer def'],
  ])('stands behind its scheme in any case: %j', (line, text) => {
    expect(find(BEARER, { headers: { authorization: line } })).toBe(text)
  })

  it.each([undefined, '', 'Basic abc', 'Bearerabc', 'abc', ' Bearer abc', '"Bearer" abc'])(
    'is none of its kind without its scheme: %j',
    (line) => {
      const headers = line === undefined ? {} : { authorization: line }
      expect(find(BEARER, { headers })).toBeUndefined()
    },
  )

  it.each([
    [BEARER, { authorization: ['Bearer a', 'Bearer a'] }],
    [BEARER, { authorization: ['Bearer a', 'Basic b'] }],
    [BEARER, { authorization: ['Basic b', 'Bearer a'] }],
    [API_KEY, { 'x-api-key': ['a', 'b'] }],
    [API_KEY, { 'x-api-key': 'a', x_api_key: 'b' }],
  ] as const)(
    'T014 is ambiguous on several lines or under two spellings: %j %j',
    (place, headers) => {
      expect(find(place, { headers })).toBe('ambiguous')
    },
  )

  it('is none of its kind on lines that all have another scheme', () => {
    expect(find(BEARER, { headers: { authorization: ['Basic a', 'Basic b'] } })).toBeUndefined()
  })

  it.each([
    [API_KEY, { 'x-api-key': 'Bearer abc' }, 'Bearer abc'],
    [API_KEY, { 'x-api-key': '' }, ''],
    [{ ...BEARER, scheme: 'none' }, { authorization: 'abc' }, 'abc'],
    [{ ...BEARER, scheme: 'Token' }, { authorization: 'token abc' }, 'abc'],
    [{ ...API_KEY, scheme: 'Key' }, { 'x-api-key': 'Key abc' }, 'abc'],
  ] as const)(
    'stands alone in other fields, unless a scheme is written: %j',
    (place, headers, text) => {
      expect(find(place, { headers })).toBe(text)
    },
  )

  it('is not read under another spelling of the name', () => {
    expect(find(API_KEY, { headers: { x_api_key: 'a' } })).toBeUndefined()
  })
})

describe('a credential in the query', () => {
  it.each([
    [{ token: 'abc' }, 'abc'],
    [{ token: '' }, ''],
    [{ other: 'x', token: 'abc' }, 'abc'],
    [{ Token: 'abc' }, undefined],
    [{}, undefined],
    [{ token: ['a', 'a'] }, 'ambiguous'],
    [{ token: 'a', Token: 'b' }, 'ambiguous'],
    [{ token: 'a', 'token[]': 'b' }, 'ambiguous'],
    [{ token: 'a', x: '1;token=b' }, 'ambiguous'],
  ] as const)('T014 is one parameter under one spelling: %j', (queryParams, found) => {
    expect(find(QUERY, { queryParams })).toBe(found)
  })
})

describe('a credential in a cookie', () => {
  it.each([
    ['token=abc', 'abc'],
    ['a=1; token=abc; b=2', 'abc'],
    ['a=1;token = a=b==', 'a=b=='],
    ['token=', ''],
    ['token="abc"', '"abc"'],
    ['token=a,b', 'a,b'],
    ['Token=abc', undefined],
    ['a=1,token=abc', undefined],
    ['xtoken=abc', undefined],
    ['token=a; token=a', 'ambiguous'],
    ['token=a; Token=b', 'ambiguous'],
    ['token=a; x=1,token=b', 'ambiguous'],
    ['token=a; %74oken=b', 'ambiguous'],
    [['token=a', 'token=b'], 'ambiguous'],
    [['x=1', 'token=b'], 'b'],
  ] as const)('T014 is one cookie under one spelling: %j', (cookie, found) => {
    expect(find(COOKIE, { headers: { cookie } })).toBe(found)
  })

  it('is none of its kind without cookies', () => {
    expect(find(COOKIE, {})).toBeUndefined()
  })
})

describe('createCredentialPlace', () => {
  it.each([
    [
      BEARER,
      'header authorization bearer',
      ['authorization'],
      { removeHeaders: ['authorization'] },
    ],
    [API_KEY, 'header x_api_key none', ['x_api_key'], { removeHeaders: ['x-api-key'] }],
    [QUERY, 'query token', [], { removeQuery: ['token'] }],
    [COOKIE, 'cookie token', ['cookie'], { removeCookies: ['token'] }],
  ])(
    'says where it is, which fields it reads, and how the credential is taken off: %j',
    (config, place, headerNames, removal) => {
      const { credential } = createCredentialPlace(config)
      expect(credential).toEqual({ place, headerNames, removal })
    },
  )
})

describe('placeSchema', () => {
  it.each([
    [undefined, { location: 'header', name: 'x-default' }],
    [{}, { location: 'header', name: 'x-default' }],
    [{ name: 'x-a' }, { location: 'header', name: 'x-a' }],
    [
      { location: 'header', scheme: 'Token' },
      { location: 'header', name: 'x-default', scheme: 'Token' },
    ],
    [
      { location: 'query', name: 'access token' },
      { location: 'query', name: 'access token' },
    ],
    [
      { location: 'cookie', name: 'sid' },
      { location: 'cookie', name: 'sid' },
    ],
  ])('fills in what is not written: %j', (written, filled) => {
    expect(placeSchema('x-default').parse(written)).toEqual(filled)
  })

  it.each([
    { location: 'body', name: 'a' },
    { location: 'query' },
    { location: 'query', name: '' },
    { location: 'cookie', name: 'a b' },
    { location: 'header', name: 'a:b' },
    { location: 'header', scheme: 'two words' },
    { location: 'cookie', name: 'a', scheme: 'Bearer' },
    { location: 'header', name: 'cookie' },
    { location: 'header', name: 'Host' },
    { location: 'header', name: 'Content_Length' },
    { location: 'header', name: 'connection' },
  ])('refuses %j', (written) => {
    expect(placeSchema('x-default').safeParse(written).success).toBe(false)
  })
})
