import { describe, expect, it } from 'vitest'
import { createGateway } from '../../../src/gateway.ts'
import type { Compiled, Policy, Route } from '../../../src/types.ts'
import { requestHead } from '../../support/request-context.ts'

function route(name: string, path: string): Route {
  return {
    name,
    unmatched: 'reject',
    headerNames: new Set(),
    matches: ({ requestPath }) => requestPath.startsWith(path),
    upstreamUrl: () => ({ url: '', scheme: 'http', host: '', port: 80, path: '', query: '' }),
  }
}

function policy(name: string, members: Partial<Policy> = {}): Policy {
  return {
    name,
    order: 50,
    needsBody: false,
    readsPayload: false,
    headerNames: new Set(),
    publicKeys: [{ kid: name }],
    matches: () => true,
    evaluate: () => Promise.reject(new Error('not evaluated here')),
    ...members,
  }
}

const compiled: Compiled = {
  routes: [route('orders', '/orders'), route('rest', '/')],
  policies: [
    policy('everywhere'),
    policy('orders-only', { route: 'orders' }),
    policy('posts-only', { matches: ({ method }) => method === 'POST' }),
  ],
  vars: { region: 'eu' },
  bodyLimit: 1024,
}

const names = (requestPath: string, method = 'GET') => {
  const match = createGateway(compiled).match(requestHead({ requestPath, method }))
  return [match?.route.name, ...(match?.policies ?? []).map(({ name }) => name)]
}

describe('a gateway', () => {
  it.each([
    ['/orders/7', 'GET', ['orders', 'everywhere', 'orders-only']],
    ['/orders/7', 'POST', ['orders', 'everywhere', 'orders-only', 'posts-only']],
    ['/other', 'POST', ['rest', 'everywhere', 'posts-only']],
  ])(
    'gives %s by %s the first route that matches and its policies in order',
    (path, method, found) => {
      expect(names(path, method)).toEqual(found)
    },
  )

  it('gives nothing when no route matches', () => {
    const gateway = createGateway({ ...compiled, routes: [route('orders', '/orders')] })
    expect(gateway.match(requestHead({ requestPath: '/other' }))).toBeUndefined()
  })

  it('tells the variables and public keys of what it serves', () => {
    const gateway = createGateway(compiled)
    expect(gateway.vars).toEqual({ region: 'eu' })
    expect(gateway.publicKeys.map(({ kid }) => kid)).toEqual([
      'everywhere',
      'orders-only',
      'posts-only',
    ])
  })

  it('serves the whole of its replacement, while what was matched before stays', () => {
    const gateway = createGateway(compiled)
    const before = gateway.match(requestHead())
    gateway.replace({
      routes: [route('new', '/')],
      policies: [policy('new')],
      vars: {},
      bodyLimit: 1024,
    })
    expect(before?.policies.map(({ name }) => name)).toEqual(['everywhere'])
    const after = gateway.match(requestHead())
    expect([after?.route.name, after?.policies.map(({ name }) => name)]).toEqual(['new', ['new']])
    expect([gateway.vars, gateway.publicKeys]).toEqual([{}, [{ kid: 'new' }]])
  })
})
