import { readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, Server as NetServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { UpstreamProgramOptions } from './child-upstream.ts'
import { randomNumbers } from './open-loop/arrivals.ts'

// An upstream in a process of its own. It answers what it got, after a short while, and tells its parent its port.
const { port, delay, idle, announce, host, backlog, tls } = JSON.parse(
  process.argv[2] ?? '',
) as UpstreamProgramOptions
const random = randomNumbers(port)
let requests = 0
let draining = false

const answer: RequestListener = async (request, response) => {
  requests += 1
  let bytes = 0
  for await (const chunk of request) bytes += chunk.length
  const [least, most] = delay
  await wait(least + random() * (most - least))
  const { authorization = '' } = request.headers
  response.setHeader('content-type', 'application/json')
  if (!announce) response.setHeader('keep-alive', 'upstream')
  if (draining) response.setHeader('connection', 'close')
  response.end(JSON.stringify({ authorization, bytes }))
}

const server = tls
  ? createTlsServer({ key: readFileSync(tls.key), cert: readFileSync(tls.cert) }, answer)
  : createServer(answer)
server.keepAliveTimeout = idle
// what Node adds so that clients may be a little late would make it another time than is said
server.keepAliveTimeoutBuffer = 0
// the port is shared with the process that takes over
server.listen({ port, host, backlog, reusePort: true }, () => {
  process.send?.({ port: (server.address() as AddressInfo).port })
})

// as a careful server ends: nobody new, the last answer of each connection says so, and those that nobody uses are left
// to the client to close, which might be sending on them; http's own `close` would not leave them
process.on('SIGTERM', () => {
  draining = true
  NetServer.prototype.close.call(server, () => process.exit(0))
})
process.on('message', () => process.send?.({ requests }))
// a parent that is gone wants no more answers
process.on('disconnect', () => process.exit(0))
process.on('uncaughtException', () => process.exit(1))
