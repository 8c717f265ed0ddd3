import type { IncomingMessage } from 'node:http'
import type { JsonObject } from '../types.ts'

/** A compact JWS (RFC 7515) in a request, where it stands, and what can be read in it without a key. */
export interface FoundToken {
  /** `header authorization`, `query token`, `cookie`, `body`. */
  readonly location: string
  readonly token: string
  readonly header: JsonObject
  /** Absent when the payload is not a JSON object. */
  readonly claims?: JsonObject
}

const THREE_PARTS = /(?<![\w.-])([\w-]+)\.([\w-]+)\.([\w-]+)(?![\w.-])/g

/** Every token of a request: in header fields, cookies, the query and the body. */
export function findTokens(message: IncomingMessage, body: string): FoundToken[] {
  const { url = '', headersDistinct } = message
  const queryAt = url.indexOf('?')
  const query = new URLSearchParams(queryAt < 0 ? '' : url.slice(queryAt))
  return [
    ...Object.entries(headersDistinct).flatMap(([name, lines = []]) =>
      lines.flatMap((line) => found(name === 'cookie' ? name : `header ${name}`, line)),
    ),
    ...[...query].flatMap(([name, value]) => found(`query ${name}`, value)),
    ...found('body', body),
  ]
}

/** Three parts with dots between are a host name more often than a token, unless the first says `alg`. */
function found(location: string, text: string): FoundToken[] {
  return [...text.matchAll(THREE_PARTS)].flatMap(([token, first = '', second = '']) => {
    const header = decode(first)
    const claims = decode(second)
    if (typeof header?.alg !== 'string') return []
    return [{ location, token, header, ...(claims && { claims }) }]
  })
}

function decode(part: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return typeof value === 'object' && !Array.isArray(value) && value !== null
      ? (value as JsonObject)
      : undefined
  } catch {
    return undefined
  }
}
