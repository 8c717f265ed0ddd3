import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { CountersignError } from '../errors.ts'
import { eachField, responseHeaders } from '../http/index.ts'
import { type AnswerRules, answerFields } from './answer-fields.ts'
import { checkCoding } from './check-coding.ts'
import { holdsCredential, withoutCredentials } from './without-credentials.ts'

/** What undici has of the head of an answer: names and values by turns, or an object where HTTP/2 was spoken. */
type RawHeaders = readonly (Buffer | string)[] | IncomingHttpHeaders | null | undefined

/** The head of an answer as the client gets it. */
export interface AnswerHead {
  readonly reason: string
  /** Names and values by turns. */
  readonly fields: readonly string[]
  /** True for an event stream, which lasts. */
  readonly isStream: boolean
}

/** Makes the head of the answer out of the upstream's. Throws `upstream/protocol` for one that cannot be sent on. */
export function answerHead(
  status: number,
  reason: string | undefined,
  rawHeaders: RawHeaders,
  rules: AnswerRules,
): AnswerHead {
  const raw = rawFields(rawHeaders)
  checkCoding(raw)
  const fields = answerFields(endToEnd(status, raw), rules)
  return { reason: plainReason(reason, rules), fields, isStream: isEventStream(raw) }
}

/** Hands the links of a 103 on (RFC 8297), to a client whose version knows interim answers. */
export function sendHints(
  response: ServerResponse,
  rawHeaders: RawHeaders,
  { credentials }: AnswerRules,
): void {
  const { headersSent, req, socket } = response
  // hints that a client does not read would fill the memory
  if (headersSent || req.httpVersion === '1.0' || !socket || socket.writableNeedDrain) return
  const link: string[] = []
  eachField(
    withoutCredentials(responseHeaders(rawFields(rawHeaders)), credentials),
    (name, value) => {
      if (name.toLowerCase() !== 'link') return
      link.push(...value.split(/,\s*(?=<)/).filter((one) => LINK.test(one)))
    },
  )
  response.writeEarlyHints({ link })
}

/** A link (RFC 8288) that node is willing to write; it throws at spaces and semicolons in parameters. */
const LINK = /^<[^>\s]*>(?:\s*;\s*[\w-]+(?:=(?:"[^";\s]*"|[^";\s]*))?)*$/

const CONTROLS = /[^\t\x20-\x7e\x80-\xff]/

function rawFields(rawHeaders: RawHeaders): string[] {
  if (Array.isArray(rawHeaders)) return rawHeaders.map((bytes) => bytes.toString('latin1'))
  return Object.entries(rawHeaders ?? {}).flatMap(([name, values]) =>
    [values ?? []].flat().flatMap((value) => [name, value]),
  )
}

function isEventStream(fields: readonly string[]): boolean {
  let found = false
  eachField(fields, (name, value) => {
    found ||= /^content-type$/i.test(name) && /^\s*text\/event-stream/i.test(value)
  })
  return found
}

/** A reason phrase that every client may read; another is left to the status (RFC 9112 section 4). */
function plainReason(reason = '', { credentials }: AnswerRules): string {
  if (CONTROLS.test(reason)) {
    throw new CountersignError('upstream/protocol', 'expected a reason without control characters')
  }
  const isPlain = /^[\t\x20-\x7e]*$/.test(reason) && !holdsCredential(reason, credentials)
  return isPlain ? reason : ''
}

/** RFC 9110 section 8.6: an answer without content says no length. */
function endToEnd(status: number, rawHeaders: readonly string[]): string[] {
  const fields = responseHeaders(rawHeaders)
  if (status !== 204) return fields
  return fields.filter(
    (_, index) => fields[index - (index % 2)]?.toLowerCase() !== 'content-length',
  )
}
