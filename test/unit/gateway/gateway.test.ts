import { describe, expect, it } from 'vitest'
import { admitAnyone } from '../../../src/admission.ts'
import type { Compiled, Route } from '../../../src/compiled.ts'
import { clientSettings } from '../../../src/config/limits.ts'
import { createGateway } from '../../../src/gateway.ts'
import type { Policy } from '../../../src/policy.ts'
import type { JsonObject } from '../../../src/types.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { requestHead } from '../../support/request-context.ts'

function route(name: string, ...path: string[]): Route {
  return {
    name,
    unmatched: 'reject',
    upgrades: [],
    headerNames: new Set(),
    criteria: { path },
    admission: admitAnyone,
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
    criteria: {},
    evaluate: () => Promise.reject(new Error('not evaluated here')),
    close: () => undefined,
    ...members,
  }
}

const compiled: Compiled = {
  routes: [route('orders', 'orders'), route('rest')],
  policies: [
    policy('everywhere'),
    policy('orders-only', { routes: ['orders'] }),
    policy('posts-only', { criteria: { methods: ['POST'] } }),
  ],
  disabled: [],
  vars: { region: 'eu' },
  bodyLimit: 1024,
  jwks: { overlap: 1000, maxAge: 60 },
  ...clientSettings({}),
}
const clock = fixedEnvironment()

const names = (requestPath: string, method = 'GET') => {
  const match = createGateway(compiled, clock).match(requestHead({ requestPath, method }))
  return match && [match.route, ...match.policies].map(({ entry }) => entry.name)
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

  it('gives a policy on each of its routes, in its order among those for every route', () => {
    const policies = ['a', 'b', 'c'].map((name) =>
      policy(name, name === 'b' ? { routes: ['orders', 'bills'] } : {}),
    )
    const routes = [route('orders', 'orders'), route('bills', 'bills'), route('rest')]
    const gateway = createGateway({ ...compiled, routes, policies }, clock)
    const on = (requestPath: string) =>
      gateway.match(requestHead({ requestPath }))?.policies.map(({ entry }) => entry.name)
    expect([on('/orders'), on('/bills'), on('/x')]).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
      ['a', 'c'],
    ])
  })

  it('gives the named segments of the route and of each policy apart', () => {
    const [shop, order] = [{ name: 'shop' }, { name: 'order' }]
    const gateway = createGateway(
      {
        ...compiled,
        routes: [{ ...route('shops'), criteria: { path: ['shops', shop] } }],
        policies: [policy('a'), policy('b', { criteria: { path: ['shops', shop, order] } })],
      },
      clock,
    )
    const match = gateway.match(requestHead({ requestPath: '/shops/a%20b/7' }))
    expect({ ...match?.route.uriParams }).toEqual({ shop: 'a b' })
    expect(match?.policies.map(({ uriParams }) => uriParams && { ...uriParams })).toEqual([
      undefined,
      { shop: 'a b', order: '7' },
    ])
  })

  it('gives nothing when no route matches', () => {
    const gateway = createGateway({ ...compiled, routes: [route('orders', 'orders')] }, clock)
    expect(gateway.match(requestHead({ requestPath: '/other' }))).toBeUndefined()
  })

  it('tells what it serves, and the public keys of that', () => {
    const gateway = createGateway(compiled, clock)
    expect(gateway.compiled).toBe(compiled)
    expect(gateway.match(requestHead())?.compiled).toBe(compiled)
    expect(gateway.publicKeys.map(({ kid }) => kid)).toEqual([
      'everywhere',
      'orders-only',
      'posts-only',
    ])
  })

  it('serves the whole of its replacement, while what was matched before stays', () => {
    const gateway = createGateway(compiled, clock)
    const before = gateway.match(requestHead())
    const next = { ...compiled, routes: [route('new')], policies: [policy('new')] }
    gateway.replace({ ...next, jwks: { overlap: 0, maxAge: 30 } })
    expect(before?.policies.map(({ entry }) => entry.name)).toEqual(['everywhere'])
    const after = gateway.match(requestHead())
    expect(after?.route.entry.name).toBe('new')
    expect(after?.policies.map(({ entry }) => entry.name)).toEqual(['new'])
    expect(after?.compiled).toBe(gateway.compiled)
    expect(before?.compiled).toBe(compiled)
    expect(gateway.publicKeys).toEqual([{ kid: 'new' }])
  })
})

describe('a replaced generation', () => {
  it('is closed once the next one serves, and only then', () => {
    const closed: string[] = []
    const closing = (name: string) =>
      policy(name, {
        close: () => void closed.push(`${name} while ${gateway.compiled.policies[0]?.name}`),
      })
    const gateway = createGateway({ ...compiled, policies: [closing('a'), closing('b')] }, clock)
    expect(closed).toEqual([])
    gateway.replace({ ...compiled, policies: [closing('c')] })
    expect(closed).toEqual(['a while c', 'b while c'])
  })
})

describe('the public keys of a replaced generation', () => {
  const ec = (kid: string | undefined, x: string, more: JsonObject = {}): JsonObject => ({
    ...(kid !== undefined && { kid }),
    kty: 'EC',
    crv: 'P-256',
    x,
    y: x,
    alg: 'ES256',
    ...more,
  })
  /** A gateway that publishes `first`, and how to let it publish others. */
  function start(...first: JsonObject[]) {
    const clock = fixedEnvironment()
    const publishing = (publicKeys: readonly JsonObject[], overlap = 1000): Compiled => ({
      ...compiled,
      policies: [policy('all', { publicKeys })],
      jwks: { overlap, maxAge: 60 },
    })
    const gateway = createGateway(publishing(first), clock)
    return {
      clock,
      replace: (keys: readonly JsonObject[], overlap?: number) =>
        gateway.replace(publishing(keys, overlap)),
      published: () => gateway.publicKeys.map(({ kid, x }) => `${kid} ${x}`),
    }
  }

  it('stay published until the overlap has passed since the swap', () => {
    const { clock, replace, published } = start(ec('a', '1'), ec('b', '2'))
    clock.advance(5000)
    replace([ec('b', '2'), ec('c', '3')])
    expect(published()).toEqual(['b 2', 'c 3', 'a 1'])
    clock.advance(999)
    expect(published()).toEqual(['b 2', 'c 3', 'a 1'])
    clock.advance(1)
    expect(published()).toEqual(['b 2', 'c 3'])
  })

  it('do not mind that the wall clock is set', () => {
    const { clock, replace, published } = start(ec('a', '1'))
    replace([])
    clock.setNow('2036-01-01T00:00:00Z')
    expect(published()).toEqual(['a 1'])
  })

  it('stay for the overlap that the new files ask for', () => {
    const { clock, replace, published } = start(ec('a', '1'))
    replace([ec('b', '2')], 10)
    clock.advance(10)
    expect(published()).toEqual(['b 2'])
  })

  it('of several generations each go in their time', () => {
    const { clock, replace, published } = start(ec('a', '1'))
    replace([ec('b', '2')])
    clock.advance(600)
    replace([ec('c', '3')])
    expect(published()).toEqual(['c 3', 'b 2', 'a 1'])
    clock.advance(400)
    expect(published()).toEqual(['c 3', 'b 2'])
  })

  it('are published once when they come back, and as long again when they go again', () => {
    const { clock, replace, published } = start(ec('a', '1'))
    replace([])
    clock.advance(900)
    replace([ec('a', '1')])
    expect(published()).toEqual(['a 1'])
    clock.advance(900)
    replace([])
    clock.advance(900)
    expect(published()).toEqual(['a 1'])
  })

  it.each([
    ['whose kid another key has now', ec('a', '1'), ec('a', '2'), []],
    ['without a kid, which nothing would tell apart', ec(undefined, '1'), ec('b', '2'), []],
    [
      'with only another certificate',
      ec('a', '1', { x5t: 'old' }),
      ec('a', '1', { x5t: 'new' }),
      [],
    ],
    ['that signed by another algorithm', ec('a', '1', { alg: 'ES256X' }), ec('a', '1'), ['a 1']],
  ])('leave out one %s', (_, old, now, expected) => {
    const { replace, published } = start(old)
    replace([now])
    expect(published().slice(1)).toEqual(expected)
  })

  it('leave out one whose kid a later key had that has gone as well', () => {
    const { replace, published } = start(ec('a', '1'))
    replace([ec('a', '2')])
    replace([])
    expect(published()).toEqual(['a 2'])
  })

  it('are at most 100, the newest', () => {
    const { replace, published } = start(ec('old', 'x'))
    replace(Array.from({ length: 150 }, (_, index) => ec(`k${index}`, String(index))))
    replace([])
    expect(published()).toHaveLength(100)
    expect(published()).not.toContain('old x')
  })
})
