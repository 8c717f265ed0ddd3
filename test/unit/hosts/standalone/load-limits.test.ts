import { EventEmitter } from 'node:events'
import { Server } from 'node:http'
import { expect, it, onTestFinished } from 'vitest'
import type { Gateway } from '../../../../src/compiled.ts'
import type { Exchange } from '../../../../src/hosts/standalone/exchange.ts'
import { startLoadLimits } from '../../../../src/hosts/standalone/load-limits.ts'
import { fixedEnvironment } from '../../../support/clock.ts'
import { errorCode } from '../../../support/error-code.ts'

const TIMEOUTS = { headers: 10, body: 30, request: 300, idle: 65, write: 30 }

function compiled(limits: Partial<Gateway['compiled']['limits']>): Gateway['compiled'] {
  const common = { connections: 100, requests: 2, headSize: 1, headerLines: 1, targetSize: 1 }
  return { limits: { ...common, ...limits }, timeouts: TIMEOUTS } as Gateway['compiled']
}

function start(descriptors?: number) {
  const gateway = { compiled: compiled({}) }
  const server = new Server()
  const environment = { ...fixedEnvironment(), descriptorLimit: () => descriptors }
  const load = startLoadLimits(server, {
    gateway: gateway as Gateway,
    environment,
    observe: () => {},
  })
  onTestFinished(load.stop)
  return { gateway, server, load }
}

/** As much of an exchange as counts. */
function exchange(socket = {}): Exchange {
  const response = Object.assign(new EventEmitter(), { shouldKeepAlive: true })
  return { message: { socket }, response } as unknown as Exchange
}

it('counts each request until it ends or gives its place away, once', async () => {
  const { load } = start()
  const [one, two] = [exchange(), exchange()]
  const stream = load.admit(one)
  load.admit(two)
  expect(await errorCode(() => load.admit(exchange()))).toBe('overload')
  stream.leave()
  one.response.emit('close')
  expect(load.now().requests).toBe(1)
  load.admit(exchange())
  expect(await errorCode(() => load.admit(exchange()))).toBe('overload')
})

it('follows what is loaded later, at the next request', () => {
  const { gateway, server, load } = start()
  expect(server.maxConnections).toBe(100)
  gateway.compiled = compiled({ requests: 0, connections: 7 })
  expect(() => load.admit(exchange())).toThrow('expected fewer requests at once')
  expect(server.maxConnections).toBe(7)
})

it('lets no more connections in than there are descriptors for', () => {
  expect(start(64).server.maxConnections).toBe(12)
})

it('ends a connection with the last of its requests', () => {
  const { gateway, load } = start()
  gateway.compiled = compiled({ requestsPerConnection: 2 })
  const socket = {}
  const [first, last] = [exchange(socket), exchange(socket)]
  load.admit(first)
  load.admit(last)
  expect([first, last].map(({ response }) => response.shouldKeepAlive)).toEqual([true, false])
})
