import type { Upstream } from '../compiled.ts'
import { CountersignError } from '../errors.ts'
import type { UpstreamUsage } from '../observe.ts'
import type { Connector } from './connector.ts'
import type { Lease, Outcome } from './lease.ts'
import type { PoolTools } from './pool-tools.ts'
import { createRetryBudget } from './retry-budget.ts'
import { createUpstreamAddress, type UpstreamAddress } from './upstream-address.ts'
import { createWaitingLine } from './waiting-line.ts'

/** The exchanges with one upstream: how many there may be, and over which connections. */
export interface Pool {
  /**
   * A lease that can be had at once; undefined when it must be waited for. Throws `upstream/open-circuit` when no
   * address gets requests. `isBrief` unless a body is yet to come, which may take its time. Default: true.
   */
  take(isBrief?: boolean): Lease | undefined
  /**
   * The next lease, in the order of requests. Rejects with `overload` when too many wait, with `upstream/open-circuit`,
   * after `timeouts.headers` with `upstream/timeout`, or with what `signal` was aborted with.
   */
  wait(signal?: AbortSignal, isBrief?: boolean): Promise<Lease>
  usage(): UpstreamUsage
  /** Closes the connections that wait, and each of the others after its exchange; resolves when there are none. */
  retire(): Promise<void>
}

/** Creates a pool without connections. */
export function createPool(upstream: Upstream, connect: Connector, tools: PoolTools): Pool {
  const { origin, timeouts, pool } = upstream
  const targets = upstream.addresses.map((address) =>
    createUpstreamAddress(upstream, address, connect, tools),
  )
  const line = createWaitingLine()
  const budget = createRetryBudget()
  const retired = Promise.withResolvers<void>()
  let inUse = 0
  let streams = 0
  let turn = 0
  let isRetired = false

  /** The least busy of those that get requests; of equally busy ones each in turn. */
  function choose(isBrief: boolean): UpstreamAddress {
    let best: UpstreamAddress | undefined
    for (let index = 0; index < targets.length; index += 1) {
      const target = targets[(turn + index) % targets.length] as UpstreamAddress
      const isBetter = !best || target.pending() < best.pending()
      if (target.admits(isBrief) && isBetter) best = target
    }
    turn += 1
    if (!best) throw openCircuit(targets)
    return best
  }
  function grant(isBrief: boolean): Lease {
    const target = choose(isBrief)
    const { breaker } = target
    const isProbe = breaker.begin()
    // what was open before may be what has failed
    let connection = target.take(isProbe)
    let isJudged = false
    let counted: 'connection' | 'stream' | undefined = 'connection'
    inUse += 1
    budget.deposit()
    function judge(outcome: Outcome): void {
      if (isJudged) return
      isJudged = true
      const isBroken = outcome === 'failed' && connection.wasOpen()
      breaker.end(isProbe, isBroken ? 'broken' : outcome)
    }
    return {
      address: target.address,
      dispatch: (request, handler) => connection.dispatch(request, handler),
      isStale: () => connection.isStale(),
      renew() {
        if (!budget.withdraw()) return false
        target.give(connection, 'failed')
        connection = target.take(true)
        tools.observe({ type: 'retry', upstream: origin })
        return true
      },
      answered: () => judge('ok'),
      asStream() {
        if (counted !== 'connection') return counted === 'stream'
        if (streams >= pool.streams) return false
        counted = 'stream'
        streams += 1
        inUse -= 1
        proceed()
        return true
      },
      done(outcome) {
        if (!counted) return
        if (counted === 'stream') streams -= 1
        else inUse -= 1
        counted = undefined
        judge(outcome)
        target.give(connection, outcome)
        proceed()
      },
    }
  }
  function proceed(): void {
    while (inUse < pool.connections) {
      const first = line.next()
      if (!first) break
      first.proceed()
    }
    if (isRetired && inUse + streams === 0) retired.resolve()
  }
  return {
    // nobody waits while there is room
    take: (isBrief = true) => (inUse < pool.connections ? grant(isBrief) : undefined),
    wait(signal, isBrief = true) {
      return new Promise((resolve, reject) => {
        if (line.size() >= pool.queue) throw overload()
        if (!targets.some((target) => target.admits(isBrief))) throw openCircuit(targets)
        const waiter = {
          proceed() {
            try {
              resolve(grant(isBrief))
            } catch (error) {
              reject(error)
            }
          },
          fail: reject,
        }
        line.join(waiter, timeouts.headers, () => lateLease(timeouts.headers), signal)
      })
    },
    usage: () => ({ upstream: origin, inUse, streams, waiting: line.size() }),
    retire() {
      isRetired = true
      for (const target of targets) target.retire()
      proceed()
      return retired.promise
    },
  }
}

function overload(): CountersignError {
  return new CountersignError('overload', 'expected fewer requests to wait for the upstream')
}

function lateLease(milliseconds: number): CountersignError {
  const message = `expected a free connection within ${milliseconds} ms`
  return new CountersignError('upstream/timeout', message)
}

function openCircuit(targets: readonly UpstreamAddress[]): CountersignError {
  const remaining = Math.min(...targets.map(({ breaker }) => breaker.remaining()))
  const retryAfter = Math.max(1, Math.ceil(remaining / 1000))
  const message = 'expected an address of the upstream that does not fail'
  return new CountersignError('upstream/open-circuit', message, {}, { retryAfter })
}
