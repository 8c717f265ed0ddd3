import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Gateway, Limits } from '../../compiled.ts'
import type { Environment } from '../../environment.ts'
import type { Observer, Workload } from '../../observe.ts'
import { endConnection } from '../line.ts'
import { onGeneration } from '../on-generation.ts'
import { startClientTimeouts } from './client-timeouts.ts'
import { watchClockJumps } from './clock-jumps.ts'
import { watchConnections } from './connections.ts'
import { connectionsThatFit } from './descriptors.ts'
import type { Exchange } from './exchange.ts'
import { processHeap, startLiveHeap } from './live-heap.ts'
import { processLoop, startLoopClock } from './loop-delay.ts'
import { createOverload, OVERLOADED } from './overload.ts'
import { setServerLimits } from './server-limits.ts'

/** How much one server takes on. */
export interface LoadLimits {
  /** Takes an exchange on before anything else is done with it; throws `overload`. */
  admit(exchange: Exchange): Admission
  /** True while no body is to be held in memory. */
  isShortOfMemory(): boolean
  /** What the server is busy with, but for its upstreams. */
  now(): Omit<Workload, 'upstreams'>
  stop(): void
}

/** An exchange that was taken on. */
export interface Admission {
  /** The limits that it was let in with. */
  readonly limits: Limits
  /** The client may send its body from now on. */
  wantsBody(): void
  /** Lets another request take its place, as its end does: the answer has become a stream, which may last. */
  leave(): void
}

/** What limits follow and are told with. */
export interface LoadOptions {
  readonly gateway: Gateway
  readonly environment: Environment
  readonly observe: Observer
}

/** Holds a server to the limits of the files from now on, over reloads, and watches how it copes. */
export function startLoadLimits(
  server: Server,
  { gateway, environment, observe }: LoadOptions,
): LoadLimits {
  const monotonic = () => environment.monotonic()
  const most = connectionsThatFit(environment.descriptorLimit())
  const follow = onGeneration(gateway, (compiled) => setServerLimits(server, compiled, most))
  server.on('connection', follow)
  const connections = watchConnections(server, observe)
  const heap = startLiveHeap(processHeap(monotonic, environment.variable('NODE_OPTIONS')))
  const overload = createOverload({ observe, heapUse: heap.use })
  const loop = startLoopClock(processLoop(), overload.measured)
  const clients = startClientTimeouts(monotonic, () => gateway.compiled.timeouts)
  const stopClocks = watchClockJumps(environment, observe)
  const turns = new WeakMap<Socket, number>()
  let requests = 0

  function countTurn({ message, response }: Exchange, { requestsPerConnection }: Limits): void {
    if (requestsPerConnection === undefined) return
    const turn = (turns.get(message.socket) ?? 0) + 1
    turns.set(message.socket, turn)
    if (turn < requestsPerConnection) return
    endConnection(message, response)
  }
  return {
    admit(exchange) {
      follow()
      const { limits } = gateway.compiled
      countTurn(exchange, limits)
      const { wantsBody } = clients.watch(exchange)
      if (overload.isActive() || requests >= limits.requests) throw OVERLOADED
      requests += 1
      let isCounted = true
      function leave(): void {
        if (isCounted) requests -= 1
        isCounted = false
      }
      exchange.response.on('close', leave)
      return { limits, wantsBody, leave }
    },
    isShortOfMemory: overload.isShortOfMemory,
    now: () => ({ requests, connections: connections.open, loopDelay: loop.delays() }),
    stop() {
      heap.stop()
      loop.stop()
      clients.stop()
      stopClocks()
    },
  }
}
