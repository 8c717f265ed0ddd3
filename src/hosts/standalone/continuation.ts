import type { IncomingMessage, ServerResponse } from 'node:http'
import { hasBody } from '../has-body.ts'
import { endLine } from '../line.ts'

/** Asks for the body at its first call, where a client of HTTP/1.1 waits for that (RFC 9110 section 10.1.1). */
export function continuation(message: IncomingMessage, response: ServerResponse): () => void {
  const isExpected = message.headers.expect !== undefined && message.httpVersion === '1.1'
  let waits = isExpected && hasBody(message)
  // node ends the connection with an answer that no 100 went before
  if (isExpected && !waits) endLine(message)
  return () => {
    if (waits) response.writeContinue()
    waits = false
  }
}
