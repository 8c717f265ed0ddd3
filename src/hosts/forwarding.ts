import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Gateway } from '../compiled.ts'
import type { Environment } from '../environment.ts'
import { CountersignError } from '../errors.ts'
import { type AnswerOptions, createPools, relay, requestBody } from '../forward/index.ts'
import type { Observer, UpstreamUsage } from '../observe.ts'
import { firstExpiry } from './first-expiry.ts'
import { onGeneration } from './on-generation.ts'
import type { Outgoing } from './prepare.ts'
import { createStreams } from './streams.ts'

/** The upstream side of one host. */
export interface Forwarding {
  /** Sends a request on and hands its answer over; rejects when that fails, or throws when nothing can be sent. */
  send(outgoing: Outgoing, forwarded: Forwarded, hooks: ForwardingHooks): Promise<void>
  /** What is under way, by upstream. */
  usage(): readonly UpstreamUsage[]
  /** Ends the streams that have an end to be told. */
  endStreams(): void
  /** Closes the connections, each after its exchange. */
  close(): Promise<void>
}

/** A message and the answer to it. */
export interface Forwarded {
  readonly message: IncomingMessage
  readonly response: ServerResponse
  /** Takes what ends the exchange when it fails on the side of the client. */
  onFail?(listener: (error: CountersignError) => void): void
}

/** Who hears of an answer. */
export interface ForwardingHooks
  extends Pick<AnswerOptions, 'beforeHead' | 'writeHead' | 'dropsHints'> {
  /** The answer has become a stream that is not to take the place of a request. */
  leave?(): void
}

/** What is forwarded with. */
export interface ForwardingOptions {
  readonly gateway: Pick<Gateway, 'compiled'>
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
    send(outgoing, forwarded, { beforeHead, writeHead, dropsHints, leave }) {
      const { message, response } = forwarded
      const { route, upstreamUrl, results } = outgoing.decision
      const { upstream } = route
      if (!upstream) throw new CountersignError('internal', 'expected a route with an upstream')
      retainPools()
      const started = environment.monotonic()
      const stream = relay(
        pools.get(upstream),
        {
          method: message.method ?? '',
          path: upstreamUrl.path + outgoing.search,
          headers: outgoing.headers,
          body: outgoing.isStreamed ? requestBody(message) : (outgoing.body ?? null),
          isExpired: () => firstExpiry(results) * 1000 <= environment.now(),
          isSingleUse: results.some((result) => result.isSingleUse),
          ...(outgoing.upgrade && { upgrade: outgoing.upgrade }),
        },
        response,
        {
          timeouts: upstream.timeouts,
          rules: outgoing.answer,
          beforeHead,
          writeHead,
          dropsHints,
          onStream(isCounted) {
            if (isCounted) leave?.()
            streams.add(stream, outgoing.decision, started)
          },
        },
      )
      forwarded.onFail?.(stream.abort)
      return stream.done
    },
    usage: pools.usage,
    endStreams: streams.end,
    close: pools.close,
  }
}
