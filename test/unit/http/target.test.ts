import { describe, expect, it } from 'vitest'
import { parseTarget } from '../../../src/http/target.ts'
import { errorCode } from '../../support/error-code.ts'

describe('parseTarget', () => {
  it.each([
    ['/', '/', ''],
    ['/orders/7?x=1&y=%2f', '/orders/7', 'x=1&y=%2f'],
    ['/orders/', '/orders/', ''],
    ['/admin?', '/admin', ''],
    ['/a?b?c', '/a', 'b?c'],
    ['/a?next=//x/../y\\z', '/a', 'next=//x/../y\\z'],
    ['/a/%252e%252e/', '/a/%252e%252e/', ''],
    ['/caf%C3%A9/%20x', '/caf%C3%A9/%20x', ''],
    ['/admin;x=1', '/admin;x=1', ''],
    ['/...', '/...', ''],
    ['/.well-known/jwks.json', '/.well-known/jwks.json', ''],
    ['/a:b@c', '/a:b@c', ''],
  ])('takes %s apart without changing a byte', (url, path, query) => {
    expect(parseTarget('GET', url)).toEqual({ path, query })
  })

  it.each([
    'http://evil.example/x',
    '//evil.example/x',
    '///x',
    '/\\evil',
    '\\\\evil',
    '@evil',
    '*',
    'evil:80',
    '',
    '/a#f',
    '/a?x#?token=C',
    '/a\0',
    '/a b',
    '/a\tb',
    '/a\x7f',
    '/caf\xe9',
    '/a?\xe9',
    '/public/\\..\\admin',
    '/a%',
    '/a%2',
    '/a%zz',
    '/a%u002e',
  ])('refuses %j as a target', async (url) => {
    expect(await errorCode(() => parseTarget('GET', url))).toBe('request/bad-target')
  })

  it.each([
    '/public/../admin',
    '/public/./admin',
    '/public/..',
    '/..%2fadmin',
    '/public/..%2Fadmin',
    '/public/%2e%2e/admin',
    '/public/.%2E/',
    '/public/..;/admin',
    '/public/..;x=1/admin',
    '/public/..%3b/admin',
    '/public/.;/admin',
    '/public//../admin',
    '/public//admin',
    '/public//',
    '/public/;/admin',
    '/public/;x',
    '/public/%5cadmin',
    '/a%00',
    '/%61dmin',
    '/a%7Eb',
    '/a%2db',
    '/%c0%ae%c0%ae/admin',
    '/a%c1%9cb',
  ])('refuses %s as ambiguous', async (url) => {
    expect(await errorCode(() => parseTarget('GET', url))).toBe('request/ambiguous-path')
  })

  it.each([
    ['CONNECT', 'request/method'],
    ['TRACE', 'request/method'],
    ['get', 'request/malformed'],
    ['gET', 'request/malformed'],
    ['', 'request/malformed'],
    ['G=":<>(e),[T];?"', 'request/malformed'],
  ])('refuses the method %s', async (method, code) => {
    expect(await errorCode(() => parseTarget(method, '/'))).toBe(code)
  })

  it('takes a target of 16 KiB and refuses a longer one', async () => {
    const longest = `/${'a'.repeat(16 * 1024 - 1)}`
    expect(parseTarget('GET', longest).path).toBe(longest)
    expect(await errorCode(() => parseTarget('GET', `${longest}a`))).toBe('request/uri-too-long')
  })
})
