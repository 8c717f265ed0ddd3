import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { clientGone } from '../http/index.ts'

/** A body that is on its way. */
export interface RequestBody extends Readable {
  /** How often more of it was asked for; undefined while nothing of it waits to be taken. */
  taken(): number | undefined
}

/**
 * The body of a client's message as a stream of its own, with the same back-pressure. Whoever sends it
 * destroys it when the upstream fails, and a destroyed message could neither be answered nor read to its end any more. Fails with `request/aborted` when the client goes away.
 */
export function requestBody(message: IncomingMessage): RequestBody {
  let reads = 0
  const onData = (chunk: Buffer) => {
    if (!body.push(chunk)) message.pause()
  }
  const onEnd = () => body.push(null)
  const onError = () => body.destroy(clientGone())
  const body = new Readable({
    read() {
      reads += 1
      message.resume()
    },
    destroy(error, callback) {
      message.off('data', onData).off('end', onEnd).off('error', onError)
      // what nobody wants is read all the same: the next request on the connection stands behind it
      message.resume()
      callback(error)
    },
  })
  message.on('data', onData).on('end', onEnd).on('error', onError)
  // who sends it listens no more once a failure is told; a later one must not end the process
  body.on('error', () => {})
  return Object.assign(body, { taken: () => (body.readableLength > 0 ? reads : undefined) })
}
