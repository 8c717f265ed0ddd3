import type { JsonObject } from '../../types.ts'
import { parseJsonObject } from './json-object.ts'

/** What a token says; nothing of it is proven. */
export interface TokenParts {
  /** The JOSE header (RFC 7515 section 4). */
  readonly header: JsonObject
  readonly claims: JsonObject
}

const MAX_CHARACTERS = 16 * 1024
const COMPACT = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/

/**
 * Takes a JWS in compact serialisation (RFC 7515 section 7.1) apart; undefined for any text that is not the one
 * spelling of a token of at most 16 KiB.
 */
export function parseToken(text: string): TokenParts | undefined {
  if (text.length > MAX_CHARACTERS) return undefined
  const [, ...segments] = COMPACT.exec(text) ?? []
  const [header, claims, signature] = segments.map(decode)
  if (!header || !claims || !signature) return undefined
  const parts = { header: parseJsonObject(header), claims: parseJsonObject(claims) }
  return parts.header && parts.claims && (parts as TokenParts)
}

/** Undefined when the bits after the last byte are not zero: another text for the same bytes. */
function decode(segment: string): Buffer | undefined {
  const bytes = Buffer.from(segment, 'base64url')
  return bytes.toString('base64url') === segment ? bytes : undefined
}
