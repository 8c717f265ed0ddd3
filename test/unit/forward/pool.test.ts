import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Upstream } from '../../../src/compiled.ts'
import { compileUpstream } from '../../../src/config/upstream.ts'
import { CountersignError } from '../../../src/errors.ts'
import { createPools, type Lease, type Outcome } from '../../../src/forward/index.ts'
import type { ObservedEvent } from '../../../src/observe.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { errorCode } from '../../support/error-code.ts'
import { upstreamAt } from '../../support/upstream.ts'

function started(
  change: Partial<Upstream> = {},
  upstream = upstreamAt('http://127.0.0.1:9000', change),
) {
  const { monotonic, advance } = fixedEnvironment()
  const events: ObservedEvent[] = []
  const pools = createPools({ monotonic, observe: (event) => void events.push(event) })
  const pool = pools.get(upstream)
  onTestFinished(pools.close)
  return { pool, events, advance }
}

const bounds = (connections: number, streams: number, queue: number) => ({
  pool: { connections, streams, queue },
})
const twoAddresses = [
  { host: '127.0.0.1', port: 9001 },
  { host: '127.0.0.1', port: 9002 },
]
const portOf = (lease: Lease | undefined) => lease?.address.port

describe('the leases of a pool', () => {
  it('T121 are as many as it has connections, the others wait in their order', async () => {
    const { pool } = started(bounds(1, 0, 2))
    const first = pool.take()
    const order: number[] = []
    const waiting = [1, 2].map(async (number) => {
      const lease = await pool.wait()
      order.push(number)
      lease.done('ok')
    })
    expect(pool.take()).toBeUndefined()
    expect(pool.usage()).toEqual({
      upstream: 'http://127.0.0.1:9000',
      inUse: 1,
      streams: 0,
      waiting: 2,
    })
    await expect(pool.wait()).rejects.toMatchObject({
      code: 'overload',
      message: 'expected fewer requests to wait for the upstream',
    })
    first?.done('ok')
    await Promise.all(waiting)
    expect(order).toEqual([1, 2])
    expect(pool.usage()).toMatchObject({ inUse: 0, waiting: 0 })
  })

  it('T121 are not taken by streams, as long as there are not too many', async () => {
    const { pool } = started(bounds(1, 1, 5))
    const first = pool.take()
    const next = pool.wait()
    expect(first?.asStream()).toBe(true)
    const second = await next
    expect(second.asStream()).toBe(false)
    expect(pool.usage()).toMatchObject({ inUse: 1, streams: 1 })
    expect(pool.take()).toBeUndefined()
    first?.done('ok')
    expect(second.asStream()).toBe(true)
    expect(second.asStream()).toBe(true)
    second.done('ok')
    expect(second.asStream()).toBe(false)
    expect(pool.usage()).toMatchObject({ inUse: 0, streams: 0 })
  })

  it('are waited for no longer than for a response head', async () => {
    const timeouts = { connect: 100, headers: 20, body: 100, idle: 100 }
    const { pool } = started({ ...bounds(1, 0, 1), timeouts })
    const first = pool.take()
    await expect(pool.wait()).rejects.toMatchObject({
      code: 'upstream/timeout',
      message: 'expected a free connection within 20 ms',
    })
    expect(pool.usage().waiting).toBe(0)
    first?.done('ok')
  })

  it('are given up while they are waited for', async () => {
    const { pool } = started(bounds(1, 0, 1))
    const first = pool.take()
    const reason = new CountersignError('request/aborted', 'gone')
    const giveUp = new AbortController()
    const waiting = pool.wait(giveUp.signal)
    giveUp.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    await expect(pool.wait(giveUp.signal)).rejects.toBe(reason)
    expect(pool.usage().waiting).toBe(0)
    first?.done('ok')
    expect(pool.usage().inUse).toBe(0)
  })

  it('go to the least busy address, and to each in turn when they are equally busy', () => {
    const { pool } = started({ addresses: twoAddresses })
    const [a, b, c] = [pool.take(), pool.take(), pool.take()]
    expect(new Set([portOf(a), portOf(b)])).toEqual(new Set([9001, 9002]))
    b?.done('ok')
    const d = pool.take()
    expect(portOf(d)).toBe(portOf(b))
    const e = pool.take()
    expect(portOf(e)).toBe(portOf(b))
    for (const lease of [a, c, d, e]) lease?.done('ok')
    const after = Array.from({ length: 4 }, () => {
      const lease = pool.take()
      lease?.done('ok')
      return portOf(lease)
    })
    expect(after.filter((port) => port === 9001)).toHaveLength(2)
  })

  it('R15 leave out an address that fails, and are refused when none is left', async () => {
    const breaker = { failures: 1, openFor: 2500 }
    const { pool, events, advance } = started({ addresses: twoAddresses, breaker })
    const failed = [pool.take(), pool.take()]
    failed[0]?.done('failed')
    const other = pool.take()
    expect(portOf(other)).toBe(portOf(failed[1]))
    other?.done('aborted')
    failed[1]?.done('failed')
    expect(() => pool.take()).toThrow(
      expect.objectContaining({
        code: 'upstream/open-circuit',
        message: 'expected an address of the upstream that does not fail',
        retryAfter: 3,
      }),
    )
    await expect(pool.wait()).rejects.toMatchObject({ code: 'upstream/open-circuit' })
    expect(events).toEqual(
      failed.map((lease) => ({
        type: 'breaker',
        upstream: 'http://127.0.0.1:9000',
        address: `127.0.0.1:${portOf(lease)}`,
        state: 'open',
        failures: 1,
      })),
    )
    advance(2500)
    const probes = [pool.take(), pool.take()]
    expect(() => pool.take()).toThrow(
      expect.objectContaining({ code: 'upstream/open-circuit', retryAfter: 1 }),
    )
    for (const probe of probes) probe?.done('ok')
    expect(events.slice(-2)).toMatchObject([{ state: 'closed' }, { state: 'closed' }])
  })

  it('R15 that wait are refused at once when no address is left', async () => {
    const { pool } = started({ ...bounds(1, 0, 5), breaker: { failures: 1, openFor: 1000 } })
    const first = pool.take()
    const waiting = [errorCode(() => pool.wait()), errorCode(() => pool.wait())]
    first?.done('failed')
    expect(await Promise.all(waiting)).toEqual(['upstream/open-circuit', 'upstream/open-circuit'])
    expect(pool.usage()).toMatchObject({ inUse: 0, waiting: 0 })
  })

  it('tell of an address that works as soon as they are answered', () => {
    const { pool, advance, events } = started({ breaker: { failures: 1, openFor: 1000 } })
    pool.take()?.done('failed')
    advance(1000)
    const stream = pool.take()
    stream?.answered()
    expect(events.at(-1)).toMatchObject({ state: 'closed' })
    stream?.done('aborted')
  })

  it('are the last of a pool that is retired when they have ended, streams too', async () => {
    const { pool } = started()
    const [one, other] = [pool.take(), pool.take()]
    other?.asStream()
    let isRetired = false
    const retired = pool.retire().then(() => {
      isRetired = true
    })
    one?.done('ok')
    await new Promise((resolve) => setImmediate(resolve))
    expect(isRetired).toBe(false)
    other?.done('ok')
    await retired
  })

  it('say nothing about an address by how they end after the head of the answer', () => {
    const { pool, events } = started({ breaker: { failures: 1, openFor: 1000 } })
    for (let sent = 0; sent < 5; sent += 1) {
      const lease = pool.take()
      lease?.answered()
      lease?.done('failed')
    }
    expect(events).toEqual([])
  })

  it('never fail an address without a breaker', () => {
    const url = 'http://127.0.0.1:9000'
    const { pool, events } = started(
      {},
      compileUpstream(new URL(url), { url, breaker: 'off' }, undefined),
    )
    for (let sent = 0; sent < 100; sent += 1) pool.take()?.done('failed')
    expect(() => pool.take()?.done('ok')).not.toThrow()
    expect(events).toEqual([])
  })

  it('get new connections for second attempts, in bounds', () => {
    const { pool, events } = started()
    const lease = pool.take()
    let attempts = 0
    while (lease?.renew()) attempts += 1
    expect(attempts).toBe(10)
    expect(events).toHaveLength(10)
    expect(events[0]).toEqual({ type: 'retry', upstream: 'http://127.0.0.1:9000' })
    lease?.done('ok')
    expect(pool.usage().inUse).toBe(0)
  })

  it('are all given back whatever happens, and in the order of requests', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          connections: fc.integer({ min: 1, max: 3 }),
          streams: fc.integer({ min: 0, max: 2 }),
          queue: fc.integer({ min: 0, max: 3 }),
          steps: fc.array(step, { maxLength: 40 }),
        }),
        async ({ steps, ...size }) => {
          const { pool, advance } = started({
            pool: size,
            addresses: twoAddresses,
            breaker: { failures: 2, openFor: 1000 },
          })
          const run = createRun(pool)
          for (const one of steps) {
            if (one.do === 'pass') advance(one.which * 500)
            else await run.perform(one)
            const { inUse, streams, waiting } = pool.usage()
            expect(inUse).toBeLessThanOrEqual(size.connections)
            expect(streams).toBeLessThanOrEqual(size.streams)
            expect(waiting).toBeLessThanOrEqual(size.queue)
            expect(inUse + streams).toBe(run.held.length)
          }
          await run.finish()
          expect(pool.usage()).toMatchObject({ inUse: 0, streams: 0, waiting: 0 })
          await pool.retire()
        },
      ),
      { numRuns: 200 },
    )
  })
})

interface Step {
  readonly do: 'ask' | 'end' | 'stream' | 'renew' | 'giveUp' | 'pass'
  readonly which: number
  readonly outcome: Outcome
}

const step: fc.Arbitrary<Step> = fc.record({
  do: fc.constantFrom('ask', 'ask', 'ask', 'end', 'end', 'stream', 'renew', 'giveUp', 'pass'),
  which: fc.nat({ max: 9 }),
  outcome: fc.constantFrom('ok', 'failed', 'aborted'),
})

/** Asks a pool for leases and does with them what the steps say. */
function createRun(pool: ReturnType<typeof started>['pool']) {
  const held: Lease[] = []
  const waiting: { readonly number: number; readonly giveUp: AbortController }[] = []
  let asked = 0
  let latest = 0

  function ask(): void {
    try {
      const lease = pool.take()
      if (lease) held.push(lease)
      else wait()
    } catch (error) {
      expect((error as CountersignError).code).toBe('upstream/open-circuit')
    }
  }
  function wait(): void {
    asked += 1
    const entry = { number: asked, giveUp: new AbortController() }
    waiting.push(entry)
    pool.wait(entry.giveUp.signal).then(
      (lease) => {
        expect(entry.number).toBeGreaterThan(latest)
        latest = entry.number
        waiting.splice(waiting.indexOf(entry), 1)
        held.push(lease)
      },
      () => void waiting.splice(waiting.indexOf(entry), 1),
    )
  }
  async function perform({ do: what, which, outcome }: Step): Promise<void> {
    const lease = held[which % held.length]
    if (what === 'ask') ask()
    if (what === 'stream') lease?.asStream()
    if (what === 'renew') lease?.renew()
    if (what === 'giveUp') {
      waiting[which % waiting.length]?.giveUp.abort(new CountersignError('request/aborted', 'x'))
    }
    if (what === 'end' && lease) {
      held.splice(held.indexOf(lease), 1)
      lease.done(outcome)
      lease.done('failed')
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  return {
    held,
    perform,
    async finish() {
      while (held.length > 0) await perform({ do: 'end', which: 0, outcome: 'aborted' })
      expect(waiting).toEqual([])
    },
  }
}
