import { hash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { CountersignError } from '../errors.ts'
import { eachField } from '../http/index.ts'
import type { ResponseHead } from './exchange-handler.ts'
import { openTunnel, type Tunnel } from './tunnel.ts'

/**
 * Refuses, with `upstream/protocol`, a `101` that does not open the WebSocket that `fields` ask for, both names and
 * values by turns (RFC 6455 section 4.1): it is of another protocol, or of somebody who has not read the request.
 */
export function checkSwitch(answer: readonly string[], fields: readonly string[]): void {
  const [protocol, ...others] = valuesOf(answer, 'upgrade')
  const opens = protocol?.toLowerCase() === 'websocket' && others.length === 0
  if (!opens || valuesOf(answer, 'sec-websocket-accept').join() !== acceptOf(fields)) {
    throw new CountersignError('upstream/protocol', 'expected the WebSocket that was asked for')
  }
}

/**
 * Refuses, with `upstream/protocol`, a `101` that nobody asked for. Where somebody did, an answer that may be taken
 * for a change of protocol is refused, too: some intermediaries take a `200` with `Upgrade` for one.
 */
export function checkNoSwitch({ status, fields }: ResponseHead, isAsked: boolean): void {
  if (status === 101 || (isAsked && status < 300 && valuesOf(fields, 'upgrade').length > 0)) {
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
  const key = valuesOf(fields, 'sec-websocket-key').at(-1) ?? ''
  return hash('sha1', key + GUID, 'base64')
}

function valuesOf(fields: readonly string[], wanted: string): string[] {
  const values: string[] = []
  eachField(fields, (name, value) => {
    if (name.toLowerCase() === wanted) values.push(value)
  })
  return values
}
