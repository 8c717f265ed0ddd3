import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Counts messages over all connections; those of one connection have rising numbers. */
let arrived = 0
/** On a message itself, as a `WeakMap` that gets an entry with each request slows the garbage collection down. */
const PLACE = Symbol('place in the line')

interface PlacedMessage extends IncomingMessage {
  [PLACE]?: number
}

/** The last message on a connection that gets an answer. */
const lasts = new WeakMap<Socket, number>()

/**
 * Says that the connection ends with the answer to this message: what the client sent behind it is not to
 * be served. A refusal that is found in the head is noted before the next head is parsed.
 */
export function endLine(message: IncomingMessage): void {
  const place = placeOf(message)
  const { socket } = message
  if (socket) lasts.set(socket, Math.min(place, lasts.get(socket) ?? place))
}

/** Ends the connection with this answer, and serves nothing that stands behind it. */
export function endConnection(message: IncomingMessage, response: ServerResponse): void {
  response.shouldKeepAlive = false
  endLine(message)
}

/**
 * True when the connection ends with the answer to a message before this one. Asked first when a message
 * arrives, which gives it its place in the line.
 */
export function isBehindTheLast(message: IncomingMessage): boolean {
  const place = placeOf(message)
  const last = message.socket && lasts.get(message.socket)
  return last !== undefined && place > last
}

function placeOf(message: PlacedMessage): number {
  const place = message[PLACE] ?? ++arrived
  message[PLACE] = place
  return place
}
