import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { clientGone } from '../http/index.ts'

/**
 * The body of a client's message as a stream of its own, with the same back-pressure. undici destroys the
 * stream that it is given when the upstream fails, and a destroyed message could neither be answered nor
 * read to its end any more. Fails with `request/aborted` when the client goes away.
 */
export function requestBody(message: IncomingMessage): Readable {
  const onData = (chunk: Buffer) => {
    if (!body.push(chunk)) message.pause()
  }
  const onEnd = () => body.push(null)
  const onError = () => body.destroy(clientGone())
  const body = new Readable({
    read() {
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
  // undici stops listening once it has reported a failure; a later one must not end the process
  body.on('error', () => {})
  return body
}
