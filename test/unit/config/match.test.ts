import { describe, expect, it } from 'vitest'
import { compileMatch, matchSchema } from '../../../src/config/match.ts'
import type { RequestHead } from '../../../src/types.ts'
import { requestHead } from '../../support/request-context.ts'

const matches = (written: object, head: Partial<RequestHead>) =>
  compileMatch(matchSchema.parse(written))(requestHead(head))

describe('match', () => {
  it.each<[object, Partial<RequestHead>]>([
    [{}, {}],
    [{ path: '/' }, { requestPath: '/anything' }],
    [{ path: '/orders' }, { requestPath: '/orders' }],
    [{ path: '/orders' }, { requestPath: '/orders/' }],
    [{ path: '/orders' }, { requestPath: '/orders/7/lines' }],
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
    { methods: [] },
    { methods: ['get'] },
    { hosts: ['a b'] },
    { hosts: ['http://a'] },
    { headers: { 'x env': 'a' } },
    { headers: { 'x-env': 1 } },
    { headers: { 'x-env': { present: false } } },
    { headers: { 'x-env': { oneOf: [] } } },
    { paths: '/a' },
  ])('refuses %j, which no request could meet', (written) => {
    expect(matchSchema.safeParse(written).success).toBe(false)
  })
})
