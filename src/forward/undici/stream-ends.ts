import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { ClientHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'

/** Where node tells of each HTTP/2 stream of a client, before anything has arrived on it. */
const CREATED = 'http2.client.stream.created'

/**
 * Lets an answer over this HTTP/2 connection end well only when the upstream has said its end (END_STREAM, RFC 9113
 * section 8.1). Node gives a stream that was reset with CANCEL or NO_ERROR the same end, and undici takes it: half an
 * answer without a length would look like a whole one.
 */
export function requireStreamEnds(socket: Socket): void {
  // the socket that a session shows is a proxy of it, with the same properties
  const mark = Symbol('connection')
  Object.assign(socket, { [mark]: true })
  const onCreated = (message: unknown) => {
    const { stream } = message as { readonly stream: ClientHttp2Stream }
    const shown = stream.session?.socket as { readonly [mark]?: true } | undefined
    if (shown?.[mark]) requireEnd(stream)
  }
  subscribe(CREATED, onCreated)
  socket.once('close', () => unsubscribe(CREATED, onCreated))
}

/** A stream that ends after it has closed has been cut: it is destroyed, which undici reports. */
function requireEnd(stream: ClientHttp2Stream): void {
  const push = stream.push.bind(stream)
  let hasEnded = false
  stream.push = (chunk, encoding) => {
    hasEnded ||= chunk === null && !stream.closed
    if (chunk !== null || hasEnded) return push(chunk, encoding)
    // node goes on with the stream when this returns
    queueMicrotask(() => stream.destroy())
    return false
  }
}
