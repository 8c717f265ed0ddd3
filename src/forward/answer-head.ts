import type { ServerResponse } from 'node:http'
import { CountersignError } from '../errors.ts'
import { eachField, responseHeaders } from '../http/index.ts'
import { type AnswerRules, answerFields } from './answer-fields.ts'
import type { ResponseHead } from './exchange-handler.ts'
import { holdsCredential, withoutCredentials } from './without-credentials.ts'

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
  { status, reason, fields }: ResponseHead,
  rules: AnswerRules,
): AnswerHead {
  return {
    reason: plainReason(reason, rules),
    fields: answerFields(endToEnd(status, fields), rules),
    isStream: isEventStream(fields),
  }
}

/** Hands the links of a 103 on (RFC 8297), to a client whose version knows interim answers. */
export function sendHints(
  response: ServerResponse,
  fields: readonly string[],
  { credentials }: AnswerRules,
): void {
  const { headersSent, req, socket } = response
  // hints that a client does not read would fill the memory
  if (headersSent || req.httpVersion === '1.0' || !socket || socket.writableNeedDrain) return
  const link: string[] = []
  eachField(withoutCredentials(responseHeaders(fields), credentials), (name, value) => {
    if (name.toLowerCase() !== 'link') return
    link.push(...value.split(/,\s*(?=<)/).filter((one) => LINK.test(one)))
  })
  response.writeEarlyHints({ link })
}

/** A link (RFC 8288) that node is willing to write; it throws at spaces and semicolons in parameters. */
const LINK = /^<[^>\s]*>(?:\s*;\s*[\w-]+(?:=(?:"[^";\s]*"|[^";\s]*))?)*$/

const PLAIN = /^[\t\x20-\x7e]*$/
const CONTROLS = /[^\t\x20-\x7e\x80-\xff]/

function isEventStream(fields: readonly string[]): boolean {
  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index] as string
    const isType = name.length === 12 && name.toLowerCase() === 'content-type'
    if (isType && /^\s*text\/event-stream/i.test(fields[index + 1] as string)) return true
  }
  return false
}

/** A reason phrase that every client may read; another is left to the status (RFC 9112 section 4). */
function plainReason(reason: string, { credentials }: AnswerRules): string {
  if (CONTROLS.test(reason)) {
    throw new CountersignError('upstream/protocol', 'expected a reason without control characters')
  }
  const isPlain = PLAIN.test(reason) && !holdsCredential(reason, credentials)
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
