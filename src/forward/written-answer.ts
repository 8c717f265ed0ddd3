import type { ServerResponse } from 'node:http'
import type { AnswerRules } from './answer-fields.ts'
import type { AnswerHead } from './answer-head.ts'

/** Writes the head of an answer to a response. */
export type HeadWriter = (
  response: ServerResponse,
  status: number,
  head: AnswerHead,
  rules: AnswerRules,
) => void

/** Writes it in one piece. */
export const writeAtOnce: HeadWriter = (response, status, head) => {
  // node's type has it that they are changed
  response.writeHead(status, head.reason, head.fields as string[])
}

/** Sends the head of a response with these fields before there is a body. */
export function flushHead(response: ServerResponse, headers: readonly string[]): void {
  // `flushHeaders` writes octets beyond ASCII in UTF-8
  if (headers.some(hasOctets)) response.write('', 'latin1')
  else response.flushHeaders()
}

function hasOctets(text: string): boolean {
  return /[\x80-\xff]/.test(text)
}

/** Octets up to which the last of an answer is a text to node, which it writes in one piece with the head. */
const SHORT = 4096

/** Ends an answer with bytes that are others afterwards. */
export function endWith(response: ServerResponse, last: Buffer | undefined): void {
  if (!last) response.end()
  else if (last.length > SHORT) response.end(Buffer.from(last))
  else response.end(last.toString('latin1'), 'latin1')
}
