import { describe, expect, it, onTestFinished } from 'vitest'
import type { Upstream } from '../../../src/compiled.ts'
import { createPools, type Lease, upstreamLookup } from '../../../src/forward/index.ts'
import { Secret } from '../../../src/secret.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { exchange } from '../../support/exchange.ts'
import { upstreamAt } from '../../support/upstream.ts'

const UPSTREAM = upstreamAt('http://127.0.0.1:9000')

/** One with every member that there is. */
const FULL: Required<Upstream> = {
  ...UPSTREAM,
  host: 'orders.internal',
  addresses: [{ host: '127.0.0.1', port: 9000 }],
  timeouts: { connect: 1, headers: 2, body: 3, idle: 4, request: 5 },
  tls: { ca: 'ca', cert: 'cert', key: new Secret('key'), minVersion: 'TLSv1.2' },
  breaker: { failures: 5, openFor: 5000 },
}

/** For each scalar in `value`, by its path, a copy with another one in its place. */
function changes<T>(value: T): [path: string, other: T][] {
  if (typeof value !== 'object' || value === null || value instanceof Secret) {
    return [['', other(value) as T]]
  }
  return Object.entries(value).flatMap(([name, member]) =>
    changes(member).map(([rest, changed]): [string, T] => [
      rest === '' ? name : `${name}.${rest}`,
      (Array.isArray(value)
        ? value.with(Number(name), changed)
        : { ...value, [name]: changed }) as T,
    ]),
  )
}

function other(scalar: unknown): unknown {
  if (scalar instanceof Secret) return new Secret('other')
  if (typeof scalar === 'number') return scalar + 1
  return typeof scalar === 'boolean' ? !scalar : `${scalar}-other`
}

function started(lookup = upstreamLookup()) {
  const { monotonic } = fixedEnvironment()
  const pools = createPools({ monotonic, observe: () => {}, lookup })
  onTestFinished(pools.close)
  return pools
}

describe('createPools', () => {
  it('gives one pool to upstreams that are reached the same way, as after a reload', () => {
    const { get } = started()
    expect(get(structuredClone(UPSTREAM))).toBe(get(UPSTREAM))
  })

  const SHARED = ['host', 'forwarded', 'timeouts.request']
  const [apart = [], alike = []] = [false, true].map((isAlike) =>
    changes(FULL).filter(([path]) => SHARED.includes(path) === isAlike),
  )
  it.each(apart)('gives a pool of its own to an upstream with another %s', (_path, changed) => {
    const { get } = started()
    expect(get(changed)).not.toBe(get(FULL))
  })

  it.each(alike)('gives the same pool to an upstream with another %s', (_path, changed) => {
    const { get } = started()
    expect(get(changed)).toBe(get(FULL))
  })

  it.each<[string, object]>([
    ['itself', { ...FULL, later: 1 }],
    ['its tls', { ...FULL, tls: { ...FULL.tls, later: 1 } }],
    ['its timeouts', { ...FULL, timeouts: { ...FULL.timeouts, later: 1 } }],
  ])('gives a pool of its own to an upstream that has a new member in %s', (_where, other) => {
    const { get } = started()
    expect(get(other as Upstream)).not.toBe(get(FULL))
  })

  it.each(['breaker', 'tls'] as const)(
    'gives a pool of its own to an upstream without %s',
    (name) => {
      const { get } = started()
      const { [name]: _left, ...rest } = FULL
      expect(get(rest)).not.toBe(get(FULL))
    },
  )

  it('tells client keys apart', () => {
    const { get } = started()
    const withKey = (key: string) =>
      get({ ...UPSTREAM, tls: { minVersion: 'TLSv1.2', key: new Secret(key) } })
    expect(withKey('a')).not.toBe(withKey('b'))
    expect(withKey('a')).toBe(withKey('a'))
    expect(withKey('a')).not.toBe(get(UPSTREAM))
    expect(get(UPSTREAM)).not.toBe(withKey('b'))
  })

  it('tells of a pool that no route has any more until its last exchange has ended', async () => {
    const pools = started()
    const old = pools.get(UPSTREAM)
    const lease = old.take()
    const next = { ...UPSTREAM, servername: 'other' }
    pools.get(next)
    pools.retain([next, structuredClone(next)])
    expect(pools.usage().map(({ inUse }) => inUse)).toEqual([0, 1])
    expect(pools.get(structuredClone(UPSTREAM))).not.toBe(old)
    lease?.done('ok')
    await Promise.resolve()
    expect(pools.usage().map(({ inUse }) => inUse)).toEqual([0, 0])
    pools.retain([next])
    await Promise.resolve()
    expect(pools.usage()).toHaveLength(1)
  })

  it('closes when the last exchange has ended', async () => {
    const pools = started()
    const leases = [UPSTREAM, { ...UPSTREAM, http2: true }].map((one) => pools.get(one).take())
    let isClosed = false
    const closed = pools.close().then(() => {
      isClosed = true
    })
    leases[0]?.done('ok')
    await new Promise((resolve) => setImmediate(resolve))
    expect(isClosed).toBe(false)
    leases[1]?.done('aborted')
    await closed
  })
})

it.each(['169.254.169.254', 'fe80::1', '100.100.100.200', '::ffff:169.254.169.254'])(
  'T032 connects to no name that means %s by then',
  async (address) => {
    const family = address.includes(':') ? 6 : 4
    const lookup = upstreamLookup((_name, _options, done) => done(null, [{ address, family }]))
    const pool = started(lookup).get(upstreamAt('http://orders.example:9000'))
    await expect(failureOf(pool.take())).resolves.toMatchObject({ code: 'EADDRNOTALLOWED' })
  },
)

/** What a request over a lease fails with. */
async function failureOf(lease: Lease | undefined): Promise<Error | undefined> {
  const { error } = await exchange(lease as Lease)
  lease?.done('failed')
  return error
}
