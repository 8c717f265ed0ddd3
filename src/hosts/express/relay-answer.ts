import {
  type IncomingMessage,
  type ServerResponse,
  validateHeaderName,
  validateHeaderValue,
} from 'node:http'
import { CountersignError } from '../../errors.ts'
import { checkCoding, flushHead } from '../../forward/index.ts'
import { eachField, responseHeaders } from '../../http/index.ts'

/**
 * Streams an upstream's answer to the client, without the fields of the connection. Throws
 * `upstream/protocol`, with `response` untouched, for a head that cannot be sent on.
 */
export function relayAnswer(answer: IncomingMessage, response: ServerResponse): void {
  const { statusCode = 0, statusMessage = '' } = answer
  checkCoding(answer.rawHeaders)
  const headers = responseHeaders(answer.rawHeaders)
  checkHead(statusCode, statusMessage, headers)
  response.statusCode = statusCode
  response.statusMessage = statusMessage
  // one by one, as middleware that wraps `writeHead` (sessions, compression) looks for them
  for (const [name, lines] of byName(headers)) response.setHeader(name, lines)
  flushHead(response, headers)
  answer.pipe(response)
}

// Setting a field that cannot be sent throws, and our own answer would go out with those set before it.
function checkHead(status: number, reason: string, headers: readonly string[]): void {
  try {
    if (status < 200 || status > 999) throw new RangeError('expected a final status')
    validateHeaderValue('reason', reason)
    eachField(headers, (name, value) => {
      validateHeaderName(name)
      validateHeaderValue(name, value)
    })
  } catch (cause) {
    const message = 'expected a response head that can be sent on'
    throw new CountersignError('upstream/protocol', message, {}, { cause })
  }
}

/** The lines of each field, under its name as the upstream wrote it first. */
function byName(raw: readonly string[]): Iterable<[name: string, lines: string[]]> {
  const fields = new Map<string, [string, string[]]>()
  eachField(raw, (name, value) => {
    const field = fields.get(name.toLowerCase()) ?? [name, []]
    field[1].push(value)
    fields.set(name.toLowerCase(), field)
  })
  return fields.values()
}
