import type { Gateway } from '../../compiled.ts'
import type { Environment } from '../../environment.ts'
import { CountersignError } from '../../errors.ts'
import { createPools, relay, requestBody } from '../../forward/index.ts'
import type { Observer, UpstreamUsage } from '../../observe.ts'
import { firstExpiry } from '../first-expiry.ts'
import { hasBody } from '../has-body.ts'
import type { Outgoing } from '../prepare.ts'
import type { Exchange } from './exchange.ts'
import { onGeneration } from './on-generation.ts'
import { createStreams } from './streams.ts'

/** The upstream side of one server. */
export interface Forwarding {
  /** Sends a request on and hands its answer over; rejects when that fails. */
  send(outgoing: Outgoing, exchange: Exchange, hooks: ForwardingHooks): Promise<void>
  /** What is under way, by upstream. */
  usage(): readonly UpstreamUsage[]
  /** Ends the streams that have an end to be told. */
  endStreams(): void
  /** Closes the connections, each after its exchange. */
  close(): Promise<void>
}

/** Who hears of an answer. */
export interface ForwardingHooks {
  /** The head is about to be written. */
  beforeHead(): void
  /** The answer has become a stream that is not to take the place of a request. */
  leave(): void
}

/** What is forwarded with. */
export interface ForwardingOptions {
  readonly gateway: Gateway
  readonly environment: Environment
  readonly observe: Observer
}

/** Creates it without any connection. Those that a reload leaves without a route are closed. */
export function createForwarding(options: ForwardingOptions): Forwarding {
  const { gateway, environment, observe } = options
  const pools = createPools({ monotonic: () => environment.monotonic(), observe })
  const streams = createStreams(environment)
  const retainPools = onGeneration(gateway, ({ routes }) =>
    pools.retain(routes.flatMap(({ upstream }) => upstream ?? [])),
  )
  return {
    async send(outgoing, exchange, { beforeHead, leave }) {
      const { message } = exchange
      const { route, upstreamUrl, results, body: read } = outgoing.decision
      const { upstream } = route
      if (!upstream) throw new CountersignError('internal', 'expected a route with an upstream')
      retainPools()
      const isBodyStreamed = read === undefined && hasBody(message)
      const started = environment.monotonic()
      const stream = relay(
        pools.get(upstream),
        {
          method: message.method ?? '',
          path: upstreamUrl.path + outgoing.search,
          headers: outgoing.headers,
          body: isBodyStreamed ? requestBody(message) : (outgoing.body ?? null),
          isExpired: () => firstExpiry(results) * 1000 <= environment.now(),
          isSingleUse: results.some((result) => result.isSingleUse),
          ...(message.headers.upgrade !== undefined && { upgrade: 'websocket' }),
        },
        exchange.response,
        {
          timeouts: upstream.timeouts,
          rules: outgoing.answer,
          beforeHead,
          onStream(isCounted) {
            if (isCounted) leave()
            streams.add(stream, outgoing.decision, started)
          },
        },
      )
      exchange.onFail(stream.abort)
      await stream.done
    },
    usage: pools.usage,
    endStreams: streams.end,
    close: pools.close,
  }
}
