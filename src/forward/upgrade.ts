import { hash } from 'node:crypto'
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { CountersignError } from '../errors.ts'
import { eachField } from '../http/index.ts'
import { openTunnel, type Tunnel } from './tunnel.ts'

/**
 * Refuses, with `upstream/protocol`, a `101` that does not open the WebSocket that `fields` ask for, names and values
 * by turns (RFC 6455 section 4.1): it is of another protocol, or of somebody who has not read the request.
 */
export function checkSwitch(answer: IncomingHttpHeaders, fields: readonly string[]): void {
  const protocol: unknown = answer.upgrade
  const opens = typeof protocol === 'string' && protocol.toLowerCase() === 'websocket'
  if (!opens || answer['sec-websocket-accept'] !== acceptOf(fields)) {
    throw new CountersignError('upstream/protocol', 'expected the WebSocket that was asked for')
  }
}

/**
 * Refuses, with `upstream/protocol`, a `101` that nobody asked for. Where somebody did, an answer that may be taken
 * for a change of protocol is refused, too: some intermediaries take a `200` with `Upgrade` for one.
 */
export function checkNoSwitch(status: number, answer: IncomingHttpHeaders, isAsked: boolean): void {
  if (status === 101 || (isAsked && status < 300 && answer.upgrade !== undefined)) {
    throw new CountersignError('upstream/protocol', 'expected an answer that changes no protocol')
  }
}

/** Tells the client that the WebSocket is open, with these fields, and connects it with the upstream. */
export function switchProtocols(
  response: ServerResponse,
  upstream: Duplex,
  fields: readonly string[],
): Tunnel {
  const client = response.socket as Socket
  // what node writes for others it does not write for a 101
  response.statusCode = 101
  client.write(switchHead(fields), 'latin1')
  return openTunnel(client, upstream as Socket)
}

function switchHead(fields: readonly string[]): string {
  const lines = ['HTTP/1.1 101 Switching Protocols', 'connection: upgrade', 'upgrade: websocket']
  eachField(fields, (name, value) => {
    // nothing that follows is content (RFC 9110 section 8.6)
    if (name.toLowerCase() !== 'content-length') lines.push(`${name}: ${value}`)
  })
  return `${lines.join('\r\n')}\r\n\r\n`
}

/** RFC 6455 section 1.3: what no server says by accident. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

function acceptOf(fields: readonly string[]): string {
  let key = ''
  eachField(fields, (name, value) => {
    if (name.toLowerCase() === 'sec-websocket-key') key = value
  })
  return hash('sha1', key + GUID, 'base64')
}
