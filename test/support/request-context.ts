import type { RequestContext, RequestHead } from '../../src/types.ts'

/** A request context as a host makes it for `GET /`, with these members in place of its own. */
export function requestContext(
  head: Partial<RequestHead> = {},
  members: Partial<RequestContext> = {},
): RequestContext {
  return {
    attributes: requestHead(head),
    authentication: {},
    upstream: {
      url: 'http://127.0.0.1:9000/',
      scheme: 'http',
      host: '127.0.0.1',
      port: 9000,
      path: '/',
      query: '',
    },
    tokens: {},
    vars: {},
    ...members,
  }
}

/** The head of `GET /` on `localhost`, with these members in place of its own. */
export function requestHead(head: Partial<RequestHead> = {}): RequestHead {
  const { requestPath = '/', queryString = '' } = head
  return {
    method: 'GET',
    scheme: 'http',
    version: 'HTTP/1.1',
    host: 'localhost',
    requestPath,
    requestUri: queryString === '' ? requestPath : `${requestPath}?${queryString}`,
    queryString,
    queryParams: {},
    headers: { host: 'localhost' },
    remoteAddress: '127.0.0.1:40000',
    localAddress: '127.0.0.1:8080',
    ...head,
  }
}
