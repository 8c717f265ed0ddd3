import { describe, expect, it } from 'vitest'
import { gatewaySchema } from '../../../../src/config/index.ts'
import { apiInstance, policyBinding, read } from './read.ts'

const UPSTREAM = 'http://127.0.0.1:9000'

function routesOf(address: string, services: object) {
  const { apis, faults } = read({ a: apiInstance('shop', { address, services }) })
  return { routes: (apis[0] as { routes: object[] } | undefined)?.routes, faults }
}

const service = (...routes: object[]) => ({ upstream: { address: UPSTREAM, routes } })
const strip = (path: string, url = UPSTREAM) => {
  return { match: { path }, upstream: { url, stripPrefix: true } }
}

describe('an ApiInstance', () => {
  it.each([
    ['http://0.0.0.0:8081', '0.0.0.0:8081'],
    ['http://127.0.0.1', '127.0.0.1:80'],
    ['http://[::1]:8081/', '[::1]:8081'],
    ['http://0.0.0.0:8081/shop/', '0.0.0.0:8081'],
  ])('at %s listens at %s', (address, listen) => {
    const { apis } = read({ a: apiInstance('shop', { address, services: service() }) })
    expect(apis).toMatchObject([{ listen }])
    expect(gatewaySchema.safeParse(apis[0]).success).toBe(true)
  })

  it.each([
    ['a service alone takes every path', '', {}, { upstream: { url: UPSTREAM } }],
    ['the base path is left out', '/shop', {}, strip('/shop')],
    [
      'destinationPath stands before the path',
      '',
      { config: { destinationPath: '/v1/apps' } },
      { upstream: { url: `${UPSTREAM}/v1/apps` } },
    ],
    [
      'a rule is a rule of ours',
      '',
      { rules: [{ path: '/a/.*', methods: 'GET|POST', host: '.*', headers: { 'x-a': 'b+' } }] },
      {
        match: {
          rules: [{ path: '/a/.*', methods: 'GET|POST', host: '.*', headers: { 'x-a': 'b+' } }],
        },
      },
    ],
    [
      'the path of a rule is below the base path',
      '/sh.op',
      { rules: [{ path: '/a|/b' }] },
      { match: { path: '/sh.op', rules: [{ path: String.raw`/sh\.op(?:/a|/b)` }] } },
    ],
    [
      'a capture group leaves out what stands before it',
      '/shop',
      { rules: [{ path: '/api(/users/.*)' }], config: { destinationPath: '/v1' } },
      {
        ...strip('/shop/api', `${UPSTREAM}/v1`),
        match: { path: '/shop/api', rules: [{ path: '/shop(?:/api(/users/.*))' }] },
      },
    ],
    [
      'a group of all leaves out nothing',
      '',
      { rules: [{ path: '(.*)' }] },
      { match: { rules: [{ path: '(.*)' }] }, upstream: { url: UPSTREAM } },
    ],
    [
      'methods may be a list',
      '',
      { rules: [{ methods: ['GET', 'PUT'] }] },
      { match: { rules: [{ methods: 'GET|PUT' }] } },
    ],
  ])('%s', (_, basePath, route, expected) => {
    const { routes, faults } = routesOf(`http://0.0.0.0:8081${basePath}`, service(route))
    expect(routes).toMatchObject([{ name: 'shop', unmatched: 'forward', ...expected }])
    expect(routes?.[0]).toHaveProperty('upstream')
    expect(faults).toEqual([])
  })

  it('has a route for each prefix that its rules leave out, in their order', () => {
    const rules = [
      { path: '/products(/.*)' },
      { path: '/featured(/.*)?' },
      { path: '/products(/x)' },
    ]
    const { routes } = routesOf('http://0.0.0.0:8081', {
      products: { address: UPSTREAM, routes: [{ rules }] },
      users: { address: `${UPSTREAM}/` },
    })
    expect(routes).toMatchObject([
      { name: 'shop-products', match: { path: '/products', rules: [rules[0], rules[2]] } },
      { name: 'shop-products-2', match: { path: '/featured', rules: [rules[1]] } },
      { name: 'shop-users', upstream: { url: UPSTREAM } },
    ])
  })

  it.each([
    '/api/(.*)',
    '/(a)(/.*)',
    '/api(/a|b)',
    '/api(/.*)/end',
    '/[a-z]+(/.*)',
    '/api(?P<rest>x)',
    '/api((/.*))',
    '/api(/.*)*',
  ])('refuses a rewriting that no prefix is: %s', (path) => {
    const { faults } = routesOf('http://0.0.0.0:8081', service({ rules: [{ path }] }))
    expect(faults).toEqual([expect.stringMatching(/^error\[flex\/rewrite\] a\.yaml:1:\d+$/)])
  })

  it.each([String.raw`/a\(b`, '/a[(]b', '/a(?:b|c)', '/a(?i)b'])(
    'finds no capture group in %s',
    (path) => {
      const { routes, faults } = routesOf('http://0.0.0.0:8081', service({ rules: [{ path }] }))
      expect(faults).toEqual([])
      expect(routes).toMatchObject([{ match: { rules: [{ path }] } }])
    },
  )

  it.each([
    ['https://0.0.0.0:8443', service(), 'error[flex/address]'],
    ['0.0.0.0:8081', service(), 'error[flex/address]'],
    ['http://ann:pw@0.0.0.0:8081', service(), 'error[flex/address]'],
    ['http://0.0.0.0:8081', {}, 'error[flex/no-service]'],
    ['http://0.0.0.0:8081', { up: { address: UPSTREAM, weight: 1 } }, 'error[schema/unknown-key]'],
    ['http://0.0.0.0:8081', service({ config: { destinationPath: 'v1' } }), 'error[schema/value]'],
  ])('refuses %s with %j', (address, services, fault) => {
    const { routes, faults } = routesOf(address, services)
    expect(faults).toEqual([expect.stringContaining(fault)])
    expect(routes).toBeUndefined()
  })
})

describe('several ApiInstances', () => {
  const both = (first: string, second: string) =>
    read({
      a: apiInstance('first', { address: first, services: service() }),
      b: apiInstance('second', { address: second, services: service() }),
    })

  it('share a port by base path', () => {
    const { apis, faults } = both('http://0.0.0.0:8081/a', 'http://0.0.0.0:8081/ab')
    expect(apis).toMatchObject([
      { routes: [{ name: 'first', match: { path: '/a' } }] },
      { routes: [{ name: 'second', match: { path: '/ab' } }] },
    ])
    expect(faults).toEqual([])
  })

  it.each([
    ['different ports', 'http://0.0.0.0:8081/a', 'http://0.0.0.0:8082/b'],
    ['a base path in the other', 'http://0.0.0.0:8081/cats', 'http://0.0.0.0:8081/cats/dogs'],
    ['the same base path', 'http://0.0.0.0:8081', 'http://0.0.0.0:8081/'],
  ])('are refused with %s, by both names', (_, first, second) => {
    const { diagnostics } = both(first, second)
    expect(diagnostics).toMatchObject([{ rule: 'flex/clash', file: 'b.yaml' }])
    expect(diagnostics[0]?.message).toMatch(/"first".*"second"/)
  })
})

describe('a PolicyBinding', () => {
  const policyRef = { name: 'credential-injection-api-key-flex' }
  const config = { apiKey: '$KEY' }
  const routes = [{ rules: [{ path: '/a' }] }]
  const services = { cats: { address: UPSTREAM, routes }, dogs: { address: UPSTREAM } }
  const api = apiInstance('shop', { address: 'http://0.0.0.0:8081/base', services })
  const bound = (spec: object) =>
    read({ a: api, b: policyBinding('bound', { policyRef, config, ...spec }) })

  it.each([
    [{ name: 'shop' }, ['shop-cats', 'shop-dogs']],
    [{ name: 'cats' }, ['shop-cats']],
    [{ kind: 'Service', name: 'dogs', namespace: 'default' }, ['shop-dogs']],
  ])('to %j applies on its routes', (targetRef, route) => {
    const { policies, faults } = bound({ targetRef })
    expect(policies).toMatchObject([{ name: 'bound', match: { route } }])
    expect(faults).toEqual([])
  })

  it('has its order, and its rules below the base path', () => {
    const rules = [{ path: '/a(/.*)', methods: 'GET' }, { headers: { 'X-A': 'b' } }]
    const { policies } = bound({ targetRef: { name: 'shop' }, order: 2, rules })
    expect(policies).toMatchObject([
      {
        order: 2,
        match: {
          rules: [{ path: '/base(?:/a(/.*))', methods: 'GET' }, { headers: { 'X-A': 'b' } }],
        },
      },
    ])
  })

  it('is lost beside an ApiInstance that cannot be read, and has no route', () => {
    const broken = apiInstance('shop', {
      address: 'https://a:1',
      services,
      policies: [{ policyRef, config }],
    })
    const { policies, lost, faults } = read({ a: broken })
    expect(faults).toEqual([expect.stringContaining('error[flex/address]')])
    expect(policies[0]).not.toHaveProperty('match')
    expect(lost).toEqual([true])
  })

  it.each([
    [{ name: 'nowhere' }, 'error[flex/target]'],
    [{ name: 'shop', namespace: 'other' }, 'error[flex/target]'],
    [{ kind: 'Selector', name: 'shop' }, 'error[schema/'],
  ])('to %j is refused', (targetRef, fault) => {
    expect(bound({ targetRef }).faults).toContainEqual(expect.stringContaining(fault))
  })
})

describe('a Flex document', () => {
  it('keeps the policies of a list in their order', () => {
    const list = ['first', 'second', 'third'].map((apiKey) => {
      return { policyRef: { name: 'credential-injection-api-key-flex' }, config: { apiKey } }
    })
    const { policies } = read({ keys: JSON.stringify(list) })
    expect(policies).toMatchObject([
      { name: 'keys-1' },
      { name: 'keys-2', order: 51 },
      { name: 'keys-3', order: 52 },
    ])
  })

  it.each([
    ['kind: Service\nmetadata: { name: a }', 'error[flex/kind] a.yaml:1:7'],
    ['kind: ConfigMap', 'error[flex/kind] a.yaml:1:7'],
    ['- policyRef: { name: rate-limiting-flex }', 'error[flex/policy] a.yaml:1:22'],
    ['- policyRef: { name: jwt-generation-flex, namespace: mine }', 'error[schema/'],
    ['- { policyRef: { name: jwt-generation-flex } }\n- 7', 'error[schema/type] a.yaml:2:3'],
    ['apiVersion: gateway.mulesoft.com/v2\nkind: ApiInstance', 'error[schema/'],
    ['kind: Configuration\nspec: { tls: {} }', 'error[flex/configuration] a.yaml:2:9'],
    ['kind: Configuration\nspec: { logging: {} }', 'notice[flex/configuration] a.yaml:1:7'],
  ])('%j is %s', (text, fault) => {
    expect(read({ a: text }).faults).toContainEqual(expect.stringContaining(fault))
  })
})
