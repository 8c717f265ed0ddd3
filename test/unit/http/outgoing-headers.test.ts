import { describe, expect, it } from 'vitest'
import { mergePatches } from '../../../src/http/merge-patches.ts'
import { outgoingHeaders, responseHeaders } from '../../../src/http/outgoing-headers.ts'
import { Secret } from '../../../src/secret.ts'

const nothing = mergePatches([])
const authorization = mergePatches([{ setHeaders: { authorization: new Secret('Bearer OURS') } }])
const user = mergePatches([{ setHeaders: { 'x-user': new Secret('OURS') } }])

describe('outgoingHeaders', () => {
  it('keeps names, values and order of what it does not touch', () => {
    const raw = [
      'Host',
      'a',
      'X-B',
      '',
      'x-a',
      ' 1',
      'X-A',
      '2',
      'COOKIE',
      'a=1;b;  c; ',
      'X-C',
      '3',
    ]
    expect(outgoingHeaders(raw, nothing)).toEqual(raw)
  })

  it.each([
    'Connection',
    'Keep-Alive',
    'Proxy-Connection',
    'Proxy-Authenticate',
    'Proxy-Authorization',
    'TE',
    'Trailer',
    'Transfer-Encoding',
    'Upgrade',
    'HTTP2-Settings',
    'Expect',
    'Transfer_Encoding',
    'Content_Length',
    'Host_',
    'Content_Type',
    'content.encoding',
  ])('drops %s', (name) => {
    expect(outgoingHeaders([name, 'x', 'X-A', '1'], nothing)).toEqual(['X-A', '1'])
  })

  it('drops an alias of a cookie with the cookies that it edits, and keeps it otherwise', () => {
    const raw = ['Cookie_', 'a=1', 'X-A', '2', 'X-A', '3']
    const edited = mergePatches([{ removeCookies: ['b'] }])
    expect(outgoingHeaders(raw, nothing)).toEqual(raw)
    expect(outgoingHeaders(raw, edited)).toEqual(['X-A', '2', 'X-A', '3'])
  })

  it.each(['X_Real_IP', 'host.', 'CONNECTION', 'x-token', 'X-Other'])(
    'gives the same for %s when it comes again',
    (name) => {
      const patch = mergePatches([{ removeHeaders: ['x_token'] }])
      const once = outgoingHeaders([name, '1'], patch)
      expect(once).toEqual(name === 'X-Other' ? [name, '1'] : [])
      expect(outgoingHeaders([name, '1'], patch)).toEqual(once)
    },
  )

  it('drops what Connection nominates, under every alias', () => {
    const raw = ['Connection', 'x-a', 'x-a', '1', 'X_A', '2', 'X-C', '3']
    const nominated = new Set(['x_a'])
    expect(outgoingHeaders(raw, nothing, { nominated })).toEqual(['X-C', '3'])
  })

  it('sends our credential despite Connection: authorization', () => {
    const raw = ['Connection', 'authorization', 'Authorization', 'Bearer CLIENT']
    expect(outgoingHeaders(raw, authorization)).toEqual(['authorization', 'Bearer OURS'])
  })

  it.each([2, 3, 50])('sends one Authorization for %i of the client', (count) => {
    const spellings = ['Authorization', 'authorization', 'AUTHORIZATION']
    const raw = Array.from({ length: count }, (_, i) => [spellings[i % 3] as string, 'C']).flat()
    expect(outgoingHeaders(raw, authorization)).toEqual(['authorization', 'Bearer OURS'])
  })

  it.each(['X_User', 'x.user', 'X-User_', 'X~User', 'X|User', 'X!User', 'X--User', 'X-User'])(
    'removes %s, and keeps X-Username, when it sets x-user',
    (alias) => {
      const raw = [alias, 'mallory', 'X-Username', 'kept', alias, 'mallory']
      expect(outgoingHeaders(raw, user)).toEqual(['X-Username', 'kept', 'x-user', 'OURS'])
    },
  )

  it('removes without setting', () => {
    const patch = mergePatches([{ removeHeaders: ['x-user'] }])
    expect(outgoingHeaders(['X_USER', 'mallory', 'X-A', '1'], patch)).toEqual(['X-A', '1'])
  })

  it.each(['X-Forwarded-For', 'Forwarded', 'X-Original-URL', 'X-HTTP-Method-Override'])(
    'drops %s, which anyone can write',
    (name) => {
      expect(outgoingHeaders([name, 'x'], nothing)).toEqual([])
    },
  )

  const client = { remoteAddress: '192.0.2.1:5000', scheme: 'http', host: 'a' } as const

  it('T010 passes on what a trusted proxy tells, but for what ends here and what a policy sets', () => {
    const raw = ['X-Forwarded-For', '1.1.1.1', 'X-Real-IP', '2', 'X-Forwarded-User', 'mallory']
    const patch = mergePatches([{ setHeaders: { 'x-forwarded-user': new Secret('OURS') } }])
    const forwarded = { style: 'none', trusted: true, client } as const
    const options = { forwarded, nominated: new Set(['x_real_ip']) }
    expect(outgoingHeaders(raw, patch, options)).toEqual([
      ...['X-Forwarded-For', '1.1.1.1'],
      ...['x-forwarded-user', 'OURS'],
    ])
  })

  it.each([false, true])('T010 tells of the client, whoever sent it: trusted %s', (trusted) => {
    const raw = ['X-Forwarded-For', '6.6.6.6', 'X-Real-IP', '6.6.6.6']
    const headers = outgoingHeaders(raw, nothing, {
      forwarded: { style: 'x-forwarded', trusted, client },
    })
    expect(headers).toEqual([
      ...(trusted ? ['X-Real-IP', '6.6.6.6'] : []),
      ...['x-forwarded-for', trusted ? '6.6.6.6, 192.0.2.1' : '192.0.2.1'],
      ...['x-forwarded-proto', 'http', 'x-forwarded-host', 'a'],
    ])
  })

  it('tells nothing in a field that a policy sets or removes', () => {
    const patch = mergePatches([
      { setHeaders: { x_forwarded_for: new Secret('OURS') }, removeHeaders: ['x-forwarded-host'] },
    ])
    const forwarded = { style: 'x-forwarded', trusted: false, client } as const
    expect(outgoingHeaders([], patch, { forwarded })).toEqual([
      ...['x-forwarded-proto', 'http'],
      ...['x_forwarded_for', 'OURS'],
    ])
  })

  it('sets the one Host field it was given', () => {
    const raw = ['X-A', '1', 'Host', 'client.example']
    const headers = outgoingHeaders(raw, nothing, { host: 'upstream.example' })
    expect(headers).toEqual(['host', 'upstream.example', 'X-A', '1'])
  })

  it('sends one Content-Length for a buffered body, whatever framing the client used', () => {
    const chunked = ['Transfer-Encoding', 'chunked', 'X-A', '1']
    const counted = ['Content-Length', '7', 'X-A', '1']
    const expected = ['X-A', '1', 'content-length', '12']
    expect(outgoingHeaders(chunked, nothing, { contentLength: 12 })).toEqual(expected)
    expect(outgoingHeaders(counted, nothing, { contentLength: 12 })).toEqual(expected)
  })

  it('keeps the length of a body that streams, in canonical form', () => {
    expect(outgoingHeaders(['Content-Length', '003'], nothing)).toEqual(['Content-Length', '3'])
    expect(outgoingHeaders(['Transfer-Encoding', 'chunked'], nothing)).toEqual([])
  })

  it('drops digests of a body that it edits, and only then', () => {
    const raw = ['Content-Digest', 'd', 'Repr-Digest', 'd', 'Digest', 'd', 'Content-MD5', 'd']
    const place = { kind: 'field', name: 'token' } as const
    const edit = mergePatches([{ setBody: [{ place, value: new Secret('T') }] }])
    const clear = mergePatches([{ removeBody: [place] }])
    for (const patch of [edit, clear]) {
      expect(outgoingHeaders(raw, patch, { contentLength: 1 })).toEqual(['content-length', '1'])
    }
    expect(outgoingHeaders(raw, nothing)).toEqual(raw)
  })

  it('puts a cookie after the client’s own, all in one line', () => {
    const patch = mergePatches([{ setCookies: { token: new Secret('OURS') } }])
    const raw = ['Cookie', 'a=1; token=C;b="x y"', 'X-A', '1', 'COOKIE', 'TOKEN=D; tok%65n; c=']
    const headers = outgoingHeaders([...raw, 'Cookie_', 'd=E'], patch)
    expect(headers).toEqual(['X-A', '1', 'cookie', 'a=1; b="x y"; c=; token=OURS'])
  })

  it.each([
    ['a=1, token=C; b=2', 'a=1; b=2; token=OURS'],
    ['a=1,TOKEN=C,c=3', 'a=1,c=3; token=OURS'],
    ['token=C,rest', 'token=OURS'],
    ['a="1,2"; b=x,y', 'a="1,2"; b=x,y; token=OURS'],
  ])('takes a comma in the cookies %s for what parts them, too', (sent, expected) => {
    const patch = mergePatches([{ setCookies: { token: new Secret('OURS') } }])
    expect(outgoingHeaders(['Cookie', sent], patch)).toEqual(['cookie', expected])
  })

  it('keeps Content-Type and Content-Encoding as they came', () => {
    const raw = ['CONTENT-TYPE', 'a/b', 'content-Encoding', 'br', 'Content-Types', 'x']
    expect(outgoingHeaders(raw, nothing)).toEqual(raw)
  })

  it.each([
    [['Cookie', 'a=1; b', 'X-A', '1', 'cookie', 'c=2', 'COOKIE', 'd'], 'a=1; b; c=2; d'],
    [['Cookie', '', 'X-A', '1', 'Cookie', 'a=1', 'Cookie', ''], 'a=1'],
  ])('joins the lines of %j as cookies, which HTTP/2 would join by a comma', (raw, expected) => {
    expect(outgoingHeaders(raw, nothing)).toEqual(['Cookie', expected, 'X-A', '1'])
  })

  it('drops the Cookie field when no cookie is left', () => {
    const patch = mergePatches([{ removeCookies: ['token'] }])
    expect(outgoingHeaders(['Cookie', 'token=C', 'X-A', '1'], patch)).toEqual(['X-A', '1'])
  })
})

describe('responseHeaders', () => {
  it('drops what concerns the connection to the upstream', () => {
    const raw = ['Connection', 'close, X-Hop', 'x-hop', '1', 'Trailer', 'x', 'Keep-Alive', 't']
    const kept = ['Set-Cookie', 'a', 'set-cookie', 'b', 'Content-Length', '2', 'Location', '/x']
    expect(responseHeaders([...raw, ...kept])).toEqual(kept)
  })

  it('takes no alias of Connection for one that nominates', () => {
    expect(responseHeaders(['Connection_', 'x-a', 'x-a', '1'])).toEqual(['x-a', '1'])
  })
})
