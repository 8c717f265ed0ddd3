import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { apiKey, basic, clientsFile, guardedProxy, TELLING } from '../support/guarded-proxy.ts'
import { hmacSecret } from '../support/keys.ts'
import { rawRequest } from '../support/raw-client.ts'

/** Statuses of the answers in what came back. */
const statuses = (text: string) =>
  [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status))

describe('a request that is refused by its head', () => {
  const TO_BODY = TELLING.replace(/inject: .*/, 'inject: { location: body, name: /token }')
  const HEAD = 'POST /a HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n'

  it('is not asked for its body', async () => {
    const { proxy, upstream } = await guardedProxy({
      routes: { a: 'authenticate: [people]' },
      policies: TO_BODY,
    })
    const { text } = await rawRequest(
      proxy.port,
      `${HEAD}Expect: 100-continue\r\nContent-Length: 7\r\n\r\n`,
      { until: (reply) => reply.endsWith('}') },
    )
    expect(statuses(text)).toEqual([401])
    expect(upstream.connections()).toEqual([])
  })

  it.each([
    ['reads it', TO_BODY],
    ['does not', TELLING],
  ])(
    'is answered while its body is still being sent, when a policy %s',
    async (_what, policies) => {
      const { proxy, upstream } = await guardedProxy({
        routes: { a: 'authenticate: [people]' },
        policies,
      })
      const { text } = await rawRequest(
        proxy.port,
        [`${HEAD}Content-Length: 900000\r\n\r\n`, Buffer.alloc(100_000, ' ')],
        { until: (reply) => reply.endsWith('}') },
      )
      expect(statuses(text)).toEqual([401])
      expect(upstream.connections()).toEqual([])
    },
  )

  it('has a body that is never taken for the next one', async () => {
    const { proxy, upstream } = await guardedProxy({
      routes: { a: 'authenticate: [people, anonymous]' },
    })
    const inner = 'GET /a HTTP/1.1\r\nHost: a\r\n\r\n'
    const wrong = `Authorization: ${basic('ann', 'x')}\r\nContent-Length: ${inner.length}`
    const { text } = await rawRequest(proxy.port, [`${HEAD}${wrong}\r\n\r\n`, inner], {
      timeout: 300,
    })
    expect(statuses(text)).toEqual([401])
    expect(upstream.connections()).toEqual([])
  })

  it('leaves the connection to the next one', async () => {
    const { proxy, callers } = await guardedProxy({ routes: { a: 'authenticate: [people]' } })
    const socket = connect(proxy.port, '127.0.0.1').setEncoding('latin1')
    onTestFinished(() => void socket.destroy())
    const received: number[] = []
    for (const field of ['', `Authorization: ${basic('ann')}\r\n`, 'Authorization: Basic x\r\n']) {
      socket.write(`GET /a HTTP/1.1\r\nHost: a\r\n${field}\r\n`)
      const [answer] = (await once(socket, 'data')) as [string]
      received.push(...statuses(answer))
    }
    expect(received).toEqual([401, 200, 401])
    expect(callers()).toMatchObject([{ principal: 'ann' }])
  })

  it('lends nothing to the next one when both come at once', async () => {
    const { proxy, upstream, callers } = await guardedProxy({
      routes: { a: 'authenticate: [people, anonymous]' },
    })
    const request = (path: string, field = '') =>
      `GET /a/${path} HTTP/1.1\r\nHost: a\r\n${field}\r\n`
    const { text } = await rawRequest(proxy.port, [
      request('ann', `Authorization: ${basic('ann')}\r\n`) +
        request('wrong', `Authorization: ${basic('ann', 'x')}\r\n`) +
        request('nobody', 'Connection: close\r\n'),
    ])
    expect(statuses(text)).toEqual([200, 401, 200])
    const told = upstream.requests().map(({ target }, index) => [target, callers()[index]])
    expect(Object.fromEntries(told)).toEqual({
      '/a/ann': { scheme: 'basic', principal: 'ann' },
      '/a/nobody': { scheme: 'anonymous' },
    })
  })
})

it('asks again who the caller is when the files change while its body comes', async () => {
  const { proxy, upstream } = await guardedProxy({
    routes: { a: 'authenticate: [machines]' },
    policies: TELLING.replace(/inject: .*/, 'inject: { location: body, name: /token }'),
  })
  const socket = connect(proxy.port, '127.0.0.1').setEncoding('latin1')
  onTestFinished(() => void socket.destroy())
  const fields = `X-Api-Key: ${apiKey}\r\nContent-Type: application/json\r\nContent-Length: 7`
  socket.write(`POST /a HTTP/1.1\r\nHost: a\r\n${fields}\r\nExpect: 100-continue\r\n\r\n`)
  const [interim] = await once(socket, 'data')
  expect(interim).toBe('HTTP/1.1 100 Continue\r\n\r\n')
  socket.write('{"a":1')
  await proxy.write('keys/clients.yaml', clientsFile(hmacSecret()))
  expect(await proxy.reload()).toBe(true)
  socket.write('}')
  const [answer] = (await once(socket, 'data')) as [string]
  expect(statuses(answer)).toEqual([401])
  expect(upstream.connections()).toEqual([])
})
