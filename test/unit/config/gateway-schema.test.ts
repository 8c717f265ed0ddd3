import { describe, expect, it } from 'vitest'
import type { Diagnostic } from '../../../src/config/diagnostic.ts'
import { typeGateway } from '../../../src/config/gateway-file.ts'
import { parseDocuments } from '../../../src/config/yaml/index.ts'

/** What is said of a gateway file, with the hint behind it. */
function faultsOf(gateway: object): string[] {
  const diagnostics: Diagnostic[] = []
  const [document] = parseDocuments('countersign.yaml', JSON.stringify(gateway)).documents
  typeGateway(document!, diagnostics)
  return diagnostics.map(({ message, hint }) => (hint ? `${message}; ${hint}` : message))
}

const route = (more: object) => ({ routes: [{ name: 'r', upstream: 'http://up', ...more }] })
const upstream = (more: object) => route({ upstream: { url: 'http://up', ...more } })

const TIME = 'a time above 0 with a unit of ms, s, m or h, such as 5s'
const SIZE = 'a size above 0 with a unit of Ki or Mi, such as 16Ki'
const REPEATED = 'expected an entry of its own, this one stands here already; leave it out'

describe('a gateway file', () => {
  it.each<[string, object, string]>([
    [
      'a time without a unit',
      { timeouts: { headers: 5 } },
      `timeouts.headers: expected ${TIME}, got the number 5`,
    ],
    ['a unit that is none', { timeouts: { headers: '25d' } }, `timeouts.headers: expected ${TIME}`],
    [
      'a size without a unit',
      { limits: { headSize: 16384 } },
      `limits.headSize: expected ${SIZE}, got the number 16384`,
    ],
    ['a head that is too big', { limits: { headSize: '5Mi' } }, 'expected at most 4Mi'],
    ['a target that is too big', { limits: { targetSize: '4097Ki' } }, 'expected at most 4Mi'],
    [
      'a stream that never ends',
      route({ maxStreamAge: 'never' }),
      `routes[0].maxStreamAge: expected "expiry" or ${TIME}, got text "never"`,
    ],
    [
      'an age without a unit',
      route({ maxStreamAge: 5 }),
      `routes[0].maxStreamAge: expected ${TIME} or "expiry", got the number 5`,
    ],
    [
      'an upgrade outside of a list',
      route({ upgrades: 'websocket' }),
      'routes[0].upgrades: expected a list, got text "websocket"; write [websocket]',
    ],
    ['an upgrade twice', route({ upgrades: ['websocket', 'websocket'] }), REPEATED],
    [
      'a range outside of a list',
      { trustedProxies: '10.0.0.0/8' },
      'trustedProxies: expected a list, got text "10.0.0.0/8"; write [10.0.0.0/8]',
    ],
    ['an address twice', upstream({ addresses: ['up:80', 'UP:80'] }), REPEATED],
    ['a breaker that is open for long', upstream({ breaker: { openFor: '1m' } }), 'at most 30s'],
    ['a word in another case', upstream({ hostHeader: 'Client' }), 'client in lower case'],
    [
      'an address as a server name',
      upstream({ tls: { serverName: '127.0.0.1' } }),
      'expected a host name, and no IP address',
    ],
    [
      'less time for the whole than for a part',
      { timeouts: { headers: '10s', request: '5s' } },
      'timeouts.request: expected no less than headers, which is a part of it',
    ],
  ])('with %s is told what to write', (_what, written, said) => {
    const faults = faultsOf(written)
    expect(faults).toHaveLength(1)
    expect(faults[0]).toContain(said)
  })
})
