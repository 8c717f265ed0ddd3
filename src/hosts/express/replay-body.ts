import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'

/**
 * Gives a message whose body was read to its end a body again: later handlers read `body` as if it had just
 * arrived. The stream side of the message is made new in place, because every handler holds this very object.
 */
export async function replayBody(message: IncomingMessage, body: Buffer): Promise<void> {
  // The first reading ends with 'close'; who reads again would take that for the end of theirs.
  await finished(message)
  Reflect.apply(Readable, message, [{ read() {} }])
  if (body.length > 0) message.push(body)
  message.push(null)
}
