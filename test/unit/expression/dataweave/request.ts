import { parseTemplate } from '../../../../src/expression/index.ts'
import type { Json, RequestContext } from '../../../../src/types.ts'
import { fixedEnvironment } from '../../../support/clock.ts'
import { request } from '../request.ts'

/** A map as hosts make it: without a prototype. */
export function map(members: Readonly<Record<string, string | readonly string[]>>): object {
  return Object.assign(Object.create(null), members)
}

/** The request that the examples of the dialect are given. */
function exampleRequest(): RequestContext {
  return request({
    attributes: {
      method: 'GET',
      scheme: 'https',
      version: 'HTTP/1.1',
      host: 'shop.example',
      requestPath: '/v1/orders',
      requestUri: '/v1/orders?id=42&kind=a%20b',
      queryString: 'id=42&kind=a%20b',
      queryParams: map({ id: '42', kind: 'a b', 'api-key': 'k9', many: ['m1', 'm2'] }),
      remoteAddress: '203.0.113.9:51234',
      localAddress: '10.0.0.5:8081',
      headers: map({
        host: 'shop.example',
        'x-forwarded-for': '198.51.100.7',
        authorization: 'Basic YWxpY2U6czNjcmV0',
        client_id: 'app-7',
        'x-tenant': 'acme',
        'x-trace': 't1.t2.t3',
        'x-note': '  two  words ',
        'x-lines': ['first', 'second'],
      }),
    },
    authentication: {
      principal: 'p-11',
      clientId: 'c-22',
      clientName: 'Shop',
      properties: {
        claims: { sub: 'u-33', roles: ['reader', 'admin'], tier: 'gold', nothing: null },
        userProperties: { mail: 'ann@example.com' },
        slaId: 7,
      },
    },
    payload: { orderId: 'o-44', lines: [{ sku: 's1' }, { sku: 's2' }], one: [{ sku: 's1' }] },
    vars: {
      region: 'eu',
      n: 1,
      empty: '',
      claimSet: { role: 'member', client_id: 'vc-55' },
    },
  })
}

/** What a template of ours gives for a request; `missing` has no value. */
export async function evaluate(
  template: string,
  context: RequestContext = exampleRequest(),
): Promise<Json | undefined> {
  return parseTemplate(template, fixedEnvironment()).evaluate(context)
}
