import type { IncomingMessage, ServerResponse } from 'node:http'
import { hasBody } from '../has-body.ts'

/** Asks for the body at its first call, where a client of HTTP/1.1 waits for that (RFC 9110 section 10.1.1). */
export function continuation(message: IncomingMessage, response: ServerResponse): () => void {
  let waits =
    message.headers.expect !== undefined && message.httpVersion === '1.1' && hasBody(message)
  return () => {
    if (waits) response.writeContinue()
    waits = false
  }
}
