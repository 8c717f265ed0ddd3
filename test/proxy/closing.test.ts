import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { admitAnyone } from '../../src/admission.ts'
import type { Compiled } from '../../src/compiled.ts'
import { systemEnvironment } from '../../src/environment.ts'
import { createGateway } from '../../src/gateway.ts'
import { createStandalone } from '../../src/hosts/index.ts'
import { freePort } from '../support/listening.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'

/** A proxy that forwards everything to an upstream that answers after `delay` milliseconds. */
async function start(delay: number) {
  const upstream = await recordingUpstream(async () => {
    await wait(delay)
    return 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
  })
  const { url, port } = upstream
  const compiled: Compiled = {
    policies: [],
    disabled: [],
    vars: {},
    bodyLimit: 1024,
    jwks: { overlap: 0, maxAge: 0 },
    routes: [
      {
        name: 'all',
        unmatched: 'forward',
        headerNames: new Set(),
        criteria: {},
        admission: admitAnyone,
        upstreamUrl: () => ({ url, scheme: 'http', host: '127.0.0.1', port, path: '/', query: '' }),
        upstream: {
          origin: url,
          host: '127.0.0.1',
          servername: '',
          timeouts: { connect: 1000, headers: 1000, body: 1000 },
          connections: 1,
        },
      },
    ],
  }
  const environment = systemEnvironment()
  const gateway = createGateway(compiled, environment)
  const proxy = createStandalone({ gateway, environment, observe: () => {} })
  const client = connect(await freePort(proxy.server), '127.0.0.1')
  await once(client, 'connect')
  return { upstream, proxy, client }
}

it('lets requests end, then closes their connections without waiting for the idle limit', async () => {
  const { upstream, proxy, client } = await start(100)
  client.setEncoding('latin1').write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await wait(30)
  const from = performance.now()
  const closed = proxy.close()
  let text = ''
  for await (const chunk of client) text += chunk
  await closed
  expect(text).toMatch(/^HTTP\/1\.1 200 .*ok$/s)
  expect(performance.now() - from).toBeLessThan(1000)
  await upstream.close()
})

it('closes idle connections at once', async () => {
  const { upstream, proxy, client } = await start(0)
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await once(client, 'data')
  await wait(30)
  const from = performance.now()
  client.resume()
  await Promise.all([proxy.close(), once(client, 'close')])
  expect(performance.now() - from).toBeLessThan(500)
  await upstream.close()
})
