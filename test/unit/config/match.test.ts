import { describe, expect, it } from 'vitest'
import { compileMatch, matchSchema } from '../../../src/config/match.ts'
import { createIndex } from '../../../src/match/index.ts'
import type { RequestHead } from '../../../src/types.ts'
import { recordingScope } from '../../support/recording-scope.ts'
import { requestHead } from '../../support/request-context.ts'

function matches(written: object, head: Partial<RequestHead>): boolean {
  const criteria = compileMatch(matchSchema.parse(written), recordingScope().scope)
  return createIndex([{ criteria }]).first(requestHead(head)) !== undefined
}

describe('match', () => {
  it.each<[object, Partial<RequestHead>]>([
    [{}, {}],
    [{ path: '/' }, { requestPath: '/anything' }],
    [{ path: '/orders' }, { requestPath: '/orders' }],
    [{ path: '/orders' }, { requestPath: '/orders/' }],
    [{ path: '/orders' }, { requestPath: '/orders/7/lines' }],
    [{ path: '/orders/{id}' }, { requestPath: '/orders/7' }],
    [{ path: '/{a}/{b}/' }, { requestPath: '/orders/7/lines' }],
    [{ path: '/orders/' }, { requestPath: '/orders' }],
    [{ path: '/orders/' }, { requestPath: '/orders/7' }],
    [{ methods: ['GET', 'POST'] }, { method: 'POST' }],
    [{ hosts: ['Orders.Internal'] }, { host: 'orders.internal' }],
    [{ hosts: ['orders.internal'] }, { host: 'orders.internal:8080' }],
    [{ hosts: ['a', 'orders.internal:8080'] }, { host: 'orders.internal:8080' }],
    [{ hosts: ['[::1]'] }, { host: '[::1]:8080' }],
    [{ hosts: ['orders.internal'] }, { host: 'orders.internal.' }],
    [{ hosts: ['orders.internal'] }, { host: 'orders.internal.:8080' }],
    [{ hosts: ['orders.internal:8080'] }, { host: 'orders.internal.:8080' }],
    [{ hosts: ['orders.internal.'] }, { host: 'orders.internal' }],
    [{ headers: { 'X-Env': 'prod' } }, { headers: { 'x-env': 'prod' } }],
    [{ headers: { 'x-env': { present: true } } }, { headers: { 'x-env': '' } }],
    [{ headers: { 'x-env': { present: true } } }, { headers: { 'x-env': ['a', 'b'] } }],
    [{ headers: { 'x-env': { oneOf: ['a', 'b'] } } }, { headers: { 'x-env': 'b' } }],
    [{ rules: [{}] }, {}],
    [{ rules: [{ path: '/no' }, { path: '/orders/.*' }] }, { requestPath: '/orders/7' }],
    [{ rules: [{ methods: 'GET|POST' }] }, { method: 'POST' }],
    [{ rules: [{ host: '(a|b)\\.internal' }] }, { host: 'b.internal.:8080' }],
    [{ rules: [{ host: 'a:80\\d*' }] }, { host: 'a:8080' }],
    [{ rules: [{ headers: { 'X-Env': 'pr.*' } }] }, { headers: { 'x-env': 'prod' } }],
    [{ rules: [{ path: '(?i)/a' }] }, { requestPath: '/A' }],
  ])('%j holds for %j', (written, head) => {
    expect(matches(written, head)).toBe(true)
  })

  it.each<[object, Partial<RequestHead>]>([
    [{ path: '/orders' }, { requestPath: '/orders-archive' }],
    [{ path: '/orders' }, { requestPath: '/ordersarchive/7' }],
    [{ path: '/orders' }, { requestPath: '/Orders' }],
    [{ path: '/orders' }, { requestPath: '/' }],
    [{ path: '/orders' }, { requestPath: '/v1/orders' }],
    [{ path: '/orders/7' }, { requestPath: '/orders' }],
    [{ methods: ['GET'] }, { method: 'HEAD' }],
    [{ hosts: ['orders.internal'] }, { host: 'evil-orders.internal' }],
    [{ hosts: ['orders.internal'] }, { host: 'orders.internal.evil' }],
    [{ hosts: ['orders.internal:8080'] }, { host: 'orders.internal' }],
    [{ hosts: ['orders.internal'] }, { host: 'orders.internal..' }],
    [{ hosts: ['orders.internal:8080'] }, { host: 'orders.internal.:80' }],
    [{ hosts: ['orders.internal'] }, { host: '' }],
    [{ headers: { 'x-env': 'prod' } }, { headers: {} }],
    [{ headers: { 'x-env': 'prod' } }, { headers: { 'x-env': 'PROD' } }],
    [{ headers: { 'x-env': 'prod' } }, { headers: { 'x-env': ['prod', 'prod'] } }],
    [{ headers: { 'x-env': { oneOf: ['a'] } } }, { headers: { 'x-env': ['a'] } }],
    [{ headers: { constructor: { present: true } } }, { headers: {} }],
    [{ path: '/orders/{id}' }, { requestPath: '/orders/' }],
    [{ rules: [{ path: '/orders' }] }, { requestPath: '/orders/7' }],
    [{ rules: [{ path: '/a|/b' }] }, { requestPath: '/a/b' }],
    [{ rules: [{ path: '^/a$' }] }, { requestPath: '/a/' }],
    [{ rules: [{ methods: 'GE' }] }, { method: 'GET' }],
    [{ rules: [{ host: 'a' }] }, { host: 'a.evil' }],
    [{ rules: [{ path: '/a', methods: 'GET' }] }, { requestPath: '/a', method: 'POST' }],
    [{ rules: [{ headers: { 'x-env': '.*' } }] }, { headers: {} }],
    [{ rules: [{ headers: { 'x-env': 'prod' } }] }, { headers: { 'x-env': ['prod', 'prod'] } }],
    [{ rules: [{ headers: { constructor: '.*' } }] }, { headers: {} }],
    [{ path: '/b', rules: [{ path: '/a' }] }, { requestPath: '/a' }],
    [
      { path: '/orders', methods: ['GET'] },
      { requestPath: '/orders', method: 'POST' },
    ],
  ])('%j does not hold for %j', (written, head) => {
    expect(matches(written, head)).toBe(false)
  })

  it.each([
    { path: 'orders' },
    { path: '/a?b=c' },
    { path: '/a#b' },
    { path: '/a b' },
    { path: '/a/../b' },
    { path: '//a' },
    { path: '/a//b' },
    { path: '/%61' },
    { path: '/a%2Fb' },
    { path: '/ä' },
    { path: '\\a' },
    { path: '/orders/{}' },
    { path: '/orders/{7}' },
    { path: '/orders/{a b}' },
    { path: '/orders/{a}.json' },
    { path: '/orders/x{a}' },
    { path: '/orders/{a' },
    { path: '/{a}/{a}' },
    { path: '/{a}//b' },
    { path: '{a}' },
    { methods: [] },
    { methods: ['get'] },
    { hosts: ['a b'] },
    { hosts: ['http://a'] },
    { headers: { 'x env': 'a' } },
    { headers: { 'x-env': 1 } },
    { headers: { 'x-env': { present: false } } },
    { headers: { 'x-env': { oneOf: [] } } },
    { paths: '/a' },
    { rules: [] },
    { rules: [{ path: '(' }] },
    { rules: [{ paths: '/a' }] },
    { rules: [{ headers: { 'x env': 'a' } }] },
  ])('refuses %j, which no request could meet', (written) => {
    expect(matchSchema.safeParse(written).success).toBe(false)
  })

  it.each([
    ['/orders/*', 8],
    ['/orders/*.json', 8],
    ['/*/lines', 1],
  ])('warns of %s, which matches whole segments anyway', (path, offset) => {
    const { scope, faults } = recordingScope()
    compileMatch(matchSchema.parse({ path }), scope)
    expect(faults).toMatchObject([
      { path: ['path'], severity: 'warning', rule: 'match/star', offset, length: 1 },
    ])
  })
})
