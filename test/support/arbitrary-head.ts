import fc from 'fast-check'
import { connectionLines, headerAliases, keptLines } from './arbitrary-fields.ts'
import { mutated } from './arbitrary-mutation.ts'
import { cookieLines, pairs } from './arbitrary-pairs.ts'
import { targets } from './arbitrary-target.ts'

const names = ['header', 'named', 'query', 'form', 'json', 'deep', 'cookie']
const WORDS = [
  'Connection: ',
  'Transfer-Encoding: chunked\r\n',
  'Content-Length: 1\r\n',
  'Host: b\r\n',
  'X-Caller: x\r\n',
  'token=',
  'Authorization',
  'HTTP/1.1',
  'HTTP/1.0',
  '\r\n\r\n',
]

const methods = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.constantFrom('GET', 'GET', 'POST', 'HEAD', 'OPTIONS', 'DELETE', 'PATCH'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('get', 'CONNECT', 'TRACE', 'PRI', 'QUERY', 'M-SEARCH', 'X'),
  },
)
const target = fc.oneof(
  { weight: 2, arbitrary: targets(names) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom(...names), pairs('token'))
      .map(([name, list]) => `/${name}?${list.join('&')}`),
  },
)
const lines = fc.oneof(
  keptLines,
  connectionLines,
  fc
    .constantFrom('authorization', 'x-user', 'x-caller', 'host', 'content-length', 'cookie')
    .chain(headerAliases)
    .map((name) => `${name}: CLIENT`),
  cookieLines('token').map((list) => list[0] ?? 'Cookie: a=1'),
  fc.constantFrom(
    ...[
      'Content-Length: 0',
      'Content-Length: 2',
      'Transfer-Encoding: chunked',
      'Content-Type: application/json',
    ],
    ...[
      'Upgrade: websocket',
      'Upgrade: h2c',
      'Connection: upgrade',
      'Host: b',
      'Forwarded: for=x',
      'X-Forwarded-Host: evil',
    ],
  ),
)

/** What a client sends on one connection, one character a byte. */
export interface RequestBytes {
  readonly head: string
  /** What follows on the connection. */
  readonly rest: string
}

const head = fc
  .tuple(
    methods,
    target,
    fc.constantFrom('1.1', '1.1', '1.1', '1.0'),
    fc.array(lines, { maxLength: 5 }),
    fc.nat(3),
  )
  .map(([method, path, version, list, at]) => {
    const all = ['Host: a', ...list.toSpliced(at, 0, 'X-Caller: c')]
    return `${method} ${path} HTTP/${version}\r\n${all.join('\r\n')}\r\n\r\n`
  })

/** Heads of requests to the policies of every place, most of them with something wrong, and what follows. */
export const requestBytes: fc.Arbitrary<RequestBytes> = fc.record({
  head: fc.oneof(mutated(head, WORDS), head),
  rest: fc.constantFrom(
    ...['', '', 'hi', '2\r\nhi\r\n0\r\n\r\n', '{}'],
    'GET /header HTTP/1.1\r\nHost: a\r\nX-Caller: behind\r\n\r\n',
  ),
})
