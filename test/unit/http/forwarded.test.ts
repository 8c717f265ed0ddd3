import { describe, expect, it } from 'vitest'
import { fold } from '../../../src/header-name.ts'
import {
  type ForwardedOptions,
  forwardedFields,
  isForwardedField,
  withoutForwarded,
} from '../../../src/http/forwarded.ts'
import { createHead } from '../../../src/http/head.ts'

it.each<[string, boolean]>([
  ['X-Forwarded-For', true],
  ['x_forwarded_proto', true],
  ['X-Forwarded-Anything', true],
  ['Forwarded', true],
  ['X-Real-IP', true],
  ['X-Original-URL', true],
  ['X-Rewrite-URL', true],
  ['X-HTTP-Method-Override', true],
  ['X-HTTP-Method', true],
  ['X-Method-Override', true],
  ['x-envoy-original-path', true],
  ...[
    ...['Forwarded-For', 'X-ForwardedFor', 'XForwardedFor', 'X-Forward-For', '_X-Forwarded-For'],
    ...['X-Client-IP', 'Client-IP', 'ClientIP', 'True-Client-IP', 'CF-Connecting-IP'],
    ...['CF-Connecting-IPv6', 'Fastly-Client-IP', 'X-Cluster-Client-IP', 'X-Azure-ClientIP'],
    ...['X-Azure-SocketIP', 'X-ProxyUser-IP', 'X-AppEngine-User-IP', 'X-Originating-IP'],
    ...['X-RealIP', 'Real-IP', 'X-Remote-IP', 'X-Remote-Addr', 'Remote-Addr', 'X-Client-Port'],
    ...['WL-Proxy-Client-IP', 'WL-Proxy-SSL', 'Fastly-SSL', 'X-Host', 'X-HTTP-Host-Override'],
    ...['X-Host-Override', 'X-Scheme', 'X-URL-Scheme', 'X-Proto', 'Front-End-Https', 'X-HTTPS'],
    ...['CF-Visitor', 'CloudFront-Forwarded-Proto', 'CloudFront-Viewer-Address'],
    ...['SSL-Client-Cert', 'SSL_CLIENT_S_DN', 'X-SSL-Client-Verify', 'X-SSL', 'X-TLS-Client-DN'],
    ...['Client-Cert', 'Client-Cert-Chain', 'X-Client-Cert', 'X-Client-Certificate-Chain'],
    ...['X-ARR-ClientCert', 'X-Arr-Client-Cert', 'X-ARR-SSL', 'X-Amzn-Mtls-Clientcert-Leaf'],
    ...['X-Client-Verify', 'X-Client-S-DN', 'X-Client-CN'],
  ].map((name): [string, boolean] => [name, true]),
  ...[
    ...['X-Client-Id', 'Client-Id', 'X-Client-Name', 'X-Client-Version', 'X-Client-Trace-Id'],
    ...['X-Color-Scheme', 'Sec-CH-Prefers-Color-Scheme', 'X-Hostess', 'Host', 'Origin', 'Referer'],
    ...['X-User-Address', 'X-Shipping-Address', 'X-Client-Address', 'X-User-Id', 'X-Membership'],
    ...['X-Client-IPhone', 'X-Protocol-Version', 'X-Certificate', 'X-Amzn-Trace-Id', 'CF-Ray'],
    ...['Cf-Access-Jwt-Assertion', 'X-Azure-Ref', 'X-ARR-Log-Id', 'X-Remote-User', 'User-Agent'],
    ...['Authorization', 'X-Request-Id', 'Traceparent', 'X-Slip', 'X-Real-Estate', 'IP'],
  ].map((name): [string, boolean] => [name, false]),
  ['X-Forward', false],
  ['X-Originator', false],
  ['X-Methodology', false],
  ['Not-Forwarded', false],
  ['Via', false],
])('knows whether %s tells what a proxy received', (name, expected) => {
  expect(isForwardedField(fold(name))).toBe(expected)
})

const head = (fields: readonly string[]) =>
  createHead({
    method: 'GET',
    url: '/',
    rawHeaders: ['Host', 'a', ...fields],
    httpVersion: '1.1',
    scheme: 'http',
    remoteAddress: '192.0.2.1:5000',
    localAddress: '127.0.0.1:8080',
  })

describe('withoutForwarded', () => {
  it('T010 takes away what anyone may say of another client, under every alias', () => {
    const fields = [
      'X_Forwarded-Proto',
      'https',
      'forwarded',
      'for=1.1.1.1',
      'X-Real.IP',
      '1.1.1.1',
    ]
    expect(withoutForwarded(head([...fields, 'X-A', '1', '__proto__', '2'])).headers).toEqual({
      host: 'a',
      'x-a': '1',
      ['__proto__']: '2',
    })
  })

  it('gives the same head when there is nothing to take away', () => {
    const plain = head(['X-A', '1'])
    expect(withoutForwarded(plain)).toBe(plain)
  })
})

/** What goes upstream, of fields that a trusted proxy sent. */
function told(
  style: ForwardedOptions['style'],
  received: readonly string[],
  client: Partial<ForwardedOptions['client']> = {},
): string[] {
  return forwardedFields(received, {
    style,
    trusted: true,
    client: { remoteAddress: '192.0.2.1:5000', scheme: 'https', host: 'a:8080', ...client },
  })
}

describe('forwardedFields', () => {
  it('passes on what a trusted proxy sent', () => {
    const received = ['X-Forwarded-For', '1.1.1.1', 'X_Forwarded_For', '2', 'X-Real-IP', '3']
    expect(told('none', received)).toEqual(received)
    expect(told('none', [])).toEqual([])
  })

  it('tells of the peer', () => {
    expect(told('x-forwarded', [])).toEqual([
      ...['x-forwarded-for', '192.0.2.1'],
      ...['x-forwarded-proto', 'https'],
      ...['x-forwarded-host', 'a:8080'],
    ])
    expect(told('forwarded', [])).toEqual(['forwarded', 'for=192.0.2.1;proto=https;host="a:8080"'])
  })

  it.each([
    ['[2001:db8::1]:5000', '2001:db8::1', '"[2001:db8::1]"'],
    ['[fe80::1%eth0]:5000', 'fe80::1', '"[fe80::1]"'],
    ['[::ffff:192.0.2.1]:5000', '192.0.2.1', '192.0.2.1'],
    [':0', 'unknown', 'unknown'],
  ])('writes the peer %s as %s, and as for=%s', (remoteAddress, plain, quoted) => {
    const client = { remoteAddress, host: 'a' }
    expect(told('x-forwarded', [], client)[1]).toBe(plain)
    expect(told('forwarded', [], client)).toEqual(['forwarded', `for=${quoted};proto=https;host=a`])
  })

  it('leaves out the host of a request without one', () => {
    expect(told('x-forwarded', [], { host: '' })).not.toContain('x-forwarded-host')
    expect(told('forwarded', [], { host: '' })).toEqual(['forwarded', 'for=192.0.2.1;proto=https'])
  })

  it('puts the peer behind the list of a trusted proxy, whose scheme and host stay', () => {
    const received = ['X-Forwarded-For', '1.1.1.1', 'x-forwarded-for', '2.2.2.2, 3.3.3.3']
    const fields = told('x-forwarded', [
      ...[...received, 'X-Forwarded-For', ' ', 'X-Forwarded-Proto', 'http'],
      ...['X-Forwarded-Host', 'public.example', 'X-Forwarded-Prefix', '/p'],
      ...['x-forwarded-proto', 'https', 'x-forwarded-host', 'b.example'],
    ])
    expect(fields).toEqual([
      ...['X-Forwarded-Prefix', '/p'],
      ...['x-forwarded-for', '1.1.1.1, 2.2.2.2, 3.3.3.3, 192.0.2.1'],
      ...['x-forwarded-proto', 'http, https', 'x-forwarded-host', 'public.example, b.example'],
    ])
    expect(told('forwarded', ['Forwarded', 'for="[::1]"'])[1]).toMatch(/^for="\[::1\]", for=192/)
  })

  it('T010 takes no alias of a field that it sets', () => {
    const aliases = [
      'X_Forwarded_For',
      '6.6.6.6',
      'x.forwarded.host',
      'evil',
      'Forwarded_',
      'for=x',
    ]
    expect(told('x-forwarded', aliases).join()).not.toMatch(/6\.6\.6\.6|evil/)
    expect(told('forwarded', aliases).join()).not.toContain('for=x')
  })

  it.each(['for="a', 'for="a\\"', 'for=a;by="', '"'])(
    'T010 lets no open quote, as in %s, swallow what it adds',
    (line) => {
      const [, value] = told('forwarded', ['Forwarded', line], { host: 'a' })
      expect(value).toBe('for=192.0.2.1;proto=https;host=a')
    },
  )
})
