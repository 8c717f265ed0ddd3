import { once } from 'node:events'
import { createServer, ServerResponse } from 'node:http'
import { connect, createServer as createTcpServer, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { checkNoSwitch, checkSwitch, switchProtocols } from '../../../src/forward/upgrade.ts'
import { listening } from '../../support/listening.ts'
import {
  acceptOf,
  WEBSOCKET_KEY,
  webSocketFields,
  webSocketRequest,
} from '../../support/web-socket.ts'

const ASKED = webSocketFields({})
const ACCEPT = acceptOf(WEBSOCKET_KEY)

const protocolError = (message: string) =>
  expect.objectContaining({ code: 'upstream/protocol', message })

/** Names and values by turns; a list makes several lines. */
function fields(lines: Readonly<Record<string, string | readonly string[]>>): string[] {
  return Object.entries(lines).flatMap(([name, values]) =>
    [values].flat().flatMap((value) => [name, value]),
  )
}

describe('checkSwitch', () => {
  it('takes the example of RFC 6455', () => {
    expect(ACCEPT).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
    const answer = fields({ upgrade: 'WebSocket', 'sec-websocket-accept': ACCEPT })
    expect(() =>
      checkSwitch(answer, ['Sec-WebSocket-Key', WEBSOCKET_KEY, 'X-A', '1']),
    ).not.toThrow()
  })

  it.each([
    ['no answer to the key', { upgrade: 'websocket' }],
    ['the answer to another key', { upgrade: 'websocket', 'sec-websocket-accept': acceptOf('x') }],
    ['two answers', { upgrade: 'websocket', 'sec-websocket-accept': [ACCEPT, ACCEPT] }],
    ['no protocol', { 'sec-websocket-accept': ACCEPT }],
    ['another protocol', { upgrade: 'h2c', 'sec-websocket-accept': ACCEPT }],
    ['two protocols', { upgrade: ['websocket', 'h2c'], 'sec-websocket-accept': ACCEPT }],
  ])('T024 refuses a 101 with %s', (_case, answer) => {
    expect(() => checkSwitch(fields(answer), ASKED)).toThrow(
      protocolError('expected the WebSocket that was asked for'),
    )
  })
})

describe('checkNoSwitch', () => {
  it.each([
    ['a 101 that nobody asked for', 101, {}, false],
    ['a 101 without fields', 101, {}, true],
    ['a 200 that may be taken for a 101', 200, { upgrade: 'websocket' }, true],
  ])('T024 refuses %s', (_case, status, answer, isAsked) => {
    expect(() => checkNoSwitch({ status, reason: '', fields: fields(answer) }, isAsked)).toThrow(
      protocolError('expected an answer that changes no protocol'),
    )
  })

  it.each([
    ['a 200 that tells what could be asked for', 200, { upgrade: 'h2c' }, false],
    ['a 200', 200, {}, true],
    ['a 300 that tells what could be asked for', 300, { upgrade: 'h2c' }, true],
    ['a redirect', 302, {}, true],
    ['a 426', 426, { upgrade: 'websocket' }, true],
  ])('takes %s', (_case, status, answer, isAsked) => {
    expect(() =>
      checkNoSwitch({ status, reason: '', fields: fields(answer) }, isAsked),
    ).not.toThrow()
  })
})

describe('switchProtocols', () => {
  it('tells the client once, octet by octet and without a length, and connects it', async () => {
    const fields = ['x-a', 'caf\xe9', 'CONTENT-LENGTH', '9', 'x-b', '']
    const { promise, resolve } = Promise.withResolvers<ServerResponse>()
    const upstream = createTcpServer((socket) => void socket.on('error', () => {}).write('hello'))
    const upstreamPort = await listening(upstream)
    const server = createServer().on('upgrade', (message, socket) => {
      const response = new ServerResponse(message)
      response.assignSocket(socket as Socket)
      const { destroy } = switchProtocols(response, connect(upstreamPort, '127.0.0.1'), fields)
      onTestFinished(destroy)
      resolve(response)
    })
    const client = connect(await listening(server), '127.0.0.1').setEncoding('latin1')
    client.write(webSocketRequest())
    let text = ''
    while (!text.endsWith('hello')) text += (await once(client, 'data'))[0]
    expect(text).toBe(
      [
        ...['HTTP/1.1 101 Switching Protocols', 'connection: upgrade', 'upgrade: websocket'],
        ...['x-a: caf\xe9', 'x-b: ', '', 'hello'],
      ].join('\r\n'),
    )
    expect((await promise).statusCode).toBe(101)
  })
})
