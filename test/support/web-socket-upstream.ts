import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { onTestFinished } from 'vitest'
import WebSocket, { type ClientOptions, WebSocketServer } from 'ws'
import { listening } from './listening.ts'

/** A server of WebSockets that sends every message back. */
export interface WebSocketUpstream {
  readonly url: string
  /** The requests that opened one, in order. */
  readonly requests: readonly IncomingMessage[]
  /** The WebSockets themselves, in the same order. */
  readonly sockets: readonly WebSocket[]
}

/** Starts one until the test has finished. */
export async function webSocketUpstream(): Promise<WebSocketUpstream> {
  const server = createServer((_message, response) => response.end('ok'))
  const requests: IncomingMessage[] = []
  const sockets: WebSocket[] = []
  const webSockets = new WebSocketServer({
    server,
    handleProtocols: (offered) => [...offered].at(-1) ?? false,
  })
  webSockets.on('connection', (socket, request) => {
    requests.push(request)
    sockets.push(socket)
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
  })
  const port = await listening(server)
  onTestFinished(() => {
    for (const socket of sockets) socket.terminate()
  })
  return { url: `http://127.0.0.1:${port}`, requests, sockets }
}

/** Opens a WebSocket at a URL of http or https; rejects with the answer's status when it is refused. */
export async function openWebSocket(
  url: string,
  options: ClientOptions = {},
  protocols: string[] = [],
): Promise<WebSocket> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), protocols, options)
  onTestFinished(() => socket.terminate())
  socket.on('error', () => {})
  await once(socket, 'open')
  return socket
}
