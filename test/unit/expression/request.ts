import type { RequestContext } from '../../../src/types.ts'

/** A request context with what a test needs in it; headers without a prototype, as hosts make them. */
export function request(
  members: Partial<Record<keyof RequestContext, unknown>> = {},
): RequestContext {
  const headers = Object.assign(Object.create(null), { 'x-user': 'ann', 'x-many': ['one', 'two'] })
  return {
    attributes: {
      method: 'GET',
      scheme: 'https',
      version: 'HTTP/1.1',
      host: 'orders.example.com',
      requestPath: '/orders/7',
      requestUri: '/orders/7?b=2&a=1',
      queryString: 'b=2&a=1',
      queryParams: Object.assign(Object.create(null), { a: '1', b: '2' }),
      headers,
      uriParams: Object.assign(Object.create(null), { id: '7' }),
      remoteAddress: '192.0.2.1:4711',
      localAddress: '192.0.2.2:8080',
    },
    authentication: { principal: 'ann' },
    upstream: {
      url: 'https://orders.internal/orders/7?b=2&a=1',
      scheme: 'https',
      host: 'orders.internal',
      port: 443,
      path: '/orders/7',
      query: 'b=2&a=1',
    },
    tokens: {},
    vars: { region: 'eu' },
    ...members,
  } as RequestContext
}
