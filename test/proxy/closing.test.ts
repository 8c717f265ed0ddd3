import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { admitAnyone } from '../../src/admission.ts'
import type { Compiled } from '../../src/compiled.ts'
import { clientSettings } from '../../src/config/limits.ts'
import { systemEnvironment } from '../../src/environment.ts'
import { createGateway } from '../../src/gateway.ts'
import { createStandalone } from '../../src/hosts/index.ts'
import { freePort } from '../support/listening.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'
import { upstreamAt } from '../support/upstream.ts'

/** A proxy before an upstream that answers `/late` only when it is let. */
async function start() {
  const held = Promise.withResolvers<void>()
  const asked = Promise.withResolvers<void>()
  const upstream = await recordingUpstream(async ({ target }) => {
    if (target === '/late') {
      asked.resolve()
      await held.promise
    }
    return 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
  })
  onTestFinished(upstream.close)
  const { url } = upstream
  const compiled: Compiled = {
    policies: [],
    disabled: [],
    vars: {},
    bodyLimit: 1024,
    jwks: { overlap: 0, maxAge: 0 },
    ...clientSettings({}),
    routes: [
      {
        name: 'all',
        unmatched: 'forward',
        headerNames: new Set(),
        criteria: {},
        admission: admitAnyone,
        upstreamUrl: ({ requestPath }) => ({
          url,
          scheme: 'http',
          host: '127.0.0.1',
          port: upstream.port,
          path: requestPath,
          query: '',
        }),
        upgrades: [],
        upstream: upstreamAt(url),
      },
    ],
  }
  const environment = systemEnvironment()
  const gateway = createGateway(compiled, environment)
  const proxy = createStandalone({ gateway, environment, observe: () => {} })
  const port = await freePort(proxy.server)
  function client(path: string): Socket {
    const socket = connect(port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    socket.setEncoding('latin1').write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
    return socket
  }
  return { proxy, client, asked: asked.promise, answerLate: held.resolve }
}

it('closes idle connections at once, and the others with their answers', async () => {
  const { proxy, client, asked, answerLate } = await start()
  const idle = client('/')
  await once(idle, 'data')
  const busy = client('/late')
  await asked
  const order: string[] = []
  const closed = proxy.close().then(() => order.push('the proxy'))
  await once(idle.resume(), 'close')
  order.push('the idle connection')
  answerLate()
  let text = ''
  for await (const chunk of busy) text += chunk
  order.push('the busy connection')
  await closed
  expect(text).toMatch(/^HTTP\/1\.1 200 .*ok$/s)
  expect(order[0]).toBe('the idle connection')
  expect(order.toSorted()).toEqual(['the busy connection', 'the idle connection', 'the proxy'])
})
