import { expect, it } from 'vitest'
import { ownRoute } from '../../../../src/hosts/express/own-route.ts'
import { headOf } from '../../../../src/hosts/head-of.ts'

const socket = { remoteAddress: '::1', remotePort: 1, localAddress: '::1', localPort: 2 }

function target(host: string, encrypted = false) {
  const message = {
    method: 'GET',
    rawHeaders: ['Host', host],
    httpVersion: '1.1',
    socket: { ...socket, encrypted },
  }
  return ownRoute('reject').upstreamUrl(headOf(message as never, '/a/b?c=d'))
}

it.each([
  ['example.com', false, 'http', 'example.com', 80],
  ['example.com', true, 'https', 'example.com', 443],
  ['Example.com:8080', false, 'http', 'example.com', 8080],
  ['[::1]:8080', false, 'http', '[::1]', 8080],
  ['[::1]', false, 'http', '[::1]', 80],
] as const)('is where the request to %s went (TLS: %s)', (text, tls, scheme, host, port) => {
  expect(target(text, tls)).toEqual({
    url: `${scheme}://${text.toLowerCase()}/a/b?c=d`,
    scheme,
    host,
    port,
    path: '/a/b',
    query: 'c=d',
  })
})

it('matches every request, and forwards none', () => {
  const route = ownRoute('forward')
  expect(route.criteria).toEqual({})
  expect(route.upstream).toBeUndefined()
  expect(route.unmatched).toBe('forward')
})
