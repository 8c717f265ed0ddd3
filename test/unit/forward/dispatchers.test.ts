import { request } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Upstream } from '../../../src/compiled.ts'
import { createDispatchers, upstreamLookup } from '../../../src/forward/index.ts'
import { Secret } from '../../../src/secret.ts'

const UPSTREAM: Upstream = {
  origin: 'http://127.0.0.1:9000',
  servername: '',
  timeouts: { connect: 1000, headers: 1000, body: 1000 },
  connections: 10,
}

function started() {
  const dispatchers = createDispatchers()
  onTestFinished(dispatchers.close)
  return dispatchers
}

describe('createDispatchers', () => {
  it('gives one pool to upstreams that are reached the same way, as after a reload', () => {
    const { get } = started()
    expect(get(structuredClone(UPSTREAM))).toBe(get(UPSTREAM))
    // what the Host field says does not matter to the connection
    expect(get({ ...UPSTREAM, host: 'a' })).toBe(get({ ...UPSTREAM, host: 'b' }))
  })

  it.each<[string, Partial<Upstream>]>([
    ['another origin', { origin: 'http://127.0.0.1:9001' }],
    ['another time limit', { timeouts: { connect: 1000, headers: 2000, body: 1000 } }],
    ['another bound', { connections: 11 }],
    ['another client key', { tls: { key: new Secret('a') } }],
  ])('gives a pool of its own to an upstream with %s', (_case, change) => {
    const { get } = started()
    expect(get({ ...UPSTREAM, ...change })).not.toBe(get(UPSTREAM))
  })

  it('tells client keys apart', () => {
    const { get } = started()
    const withKey = (key: string) => get({ ...UPSTREAM, tls: { key: new Secret(key) } })
    expect(withKey('a')).not.toBe(withKey('b'))
    expect(withKey('a')).toBe(withKey('a'))
    expect(withKey('a')).not.toBe(get(UPSTREAM))
    expect(get(UPSTREAM)).not.toBe(withKey('b'))
  })
})

it.each(['169.254.169.254', 'fe80::1', '100.100.100.200', '::ffff:169.254.169.254'])(
  'T032 connects to no name that means %s by then',
  async (address) => {
    const family = address.includes(':') ? 6 : 4
    const lookup = upstreamLookup((_name, _options, done) => done(null, [{ address, family }]))
    const dispatchers = createDispatchers(lookup)
    onTestFinished(dispatchers.close)
    const origin = 'http://orders.example:9000'
    const dispatcher = dispatchers.get({ ...UPSTREAM, origin })
    const failed = request(origin, { dispatcher })
    await expect(failed).rejects.toMatchObject({ code: 'EADDRNOTALLOWED' })
  },
)
