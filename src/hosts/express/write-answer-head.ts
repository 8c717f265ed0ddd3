import type { ServerResponse } from 'node:http'
import { type AnswerHead, type AnswerRules, givesWay } from '../../forward/index.ts'
import { fold } from '../../header-name.ts'
import { eachField } from '../../http/index.ts'

/**
 * Writes the head of an answer to a response that handlers before us may have given fields, which ours replace; those
 * that exposed credentials must not stand beside go. Throws for a field that cannot be sent, with none of ours set.
 */
export function writeAnswerHead(
  response: ServerResponse,
  status: number,
  { reason, fields }: AnswerHead,
  { exposed }: AnswerRules,
): void {
  if (exposed.length > 0) {
    for (const name of response.getHeaderNames()) {
      if (givesWay(fold(name), exposed)) response.removeHeader(name)
    }
  }
  const lines = byName(fields)
  try {
    // one by one, as middleware that wraps `writeHead` (sessions, compression) looks for them
    for (const [name, value] of lines.values()) response.setHeader(name, value)
    // an empty one is left to the status
    response.statusMessage = reason
    response.writeHead(status)
  } catch (error) {
    // our own answer would go out with them
    for (const name of lines.keys()) response.removeHeader(name)
    throw error
  }
}

/** The line or lines of each field, by its name in lower case, with that as the upstream wrote it first. */
function byName(fields: readonly string[]): Map<string, [name: string, value: string | string[]]> {
  const found = new Map<string, [name: string, value: string | string[]]>()
  eachField(fields, (name, value) => {
    const lower = name.toLowerCase()
    const field = found.get(lower)
    if (field) field[1] = [field[1], value].flat()
    else found.set(lower, [name, value])
  })
  return found
}
