import {
  type IncomingMessage,
  type ServerResponse,
  validateHeaderName,
  validateHeaderValue,
} from 'node:http'
import { CountersignError } from '../../errors.ts'
import { type AnswerRules, answerHead, flushHead, givesWay } from '../../forward/index.ts'
import { fold } from '../../header-name.ts'
import { eachField } from '../../http/index.ts'

/**
 * Streams an upstream's answer to the client, with its head as `rules` have it. Throws `upstream/protocol`, with `response` untouched, for a head that cannot be sent on.
 */
export function relayAnswer(
  answer: IncomingMessage,
  response: ServerResponse,
  rules: AnswerRules,
): void {
  const { exposed } = rules
  const { statusCode = 0, statusMessage, rawHeaders } = answer
  const { reason, fields } = answerHead(statusCode, statusMessage, rawHeaders, rules)
  checkHead(statusCode, fields)
  response.statusCode = statusCode
  response.statusMessage = reason
  // what handlers before us have set
  if (exposed.length > 0) {
    for (const name of response.getHeaderNames()) {
      if (givesWay(fold(name), exposed)) response.removeHeader(name)
    }
  }
  // one by one, as middleware that wraps `writeHead` (sessions, compression) looks for them
  for (const [name, lines] of byName(fields)) response.setHeader(name, lines)
  flushHead(response, fields)
  answer.pipe(response)
}

// Setting a field that cannot be sent throws, and our own answer would go out with those set before it.
function checkHead(status: number, fields: readonly string[]): void {
  try {
    if (status < 200 || status > 999) throw new RangeError('expected a final status')
    eachField(fields, (name, value) => {
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
