import { hash } from 'node:crypto'
import type { JsonObject } from '../types.ts'

/** Most characters of a key that is the text itself. */
export const LONGEST_KEY = 512

/**
 * The key of a cache for what decides a token, of which only the order may tell equal tokens apart: its JSON text, or
 * the digest of a long one, which no JSON text of these looks like.
 */
export function tokenKey(decided: JsonObject | readonly JsonObject[]): string {
  const text = JSON.stringify(decided)
  return text.length <= LONGEST_KEY ? text : hash('sha256', text, 'base64')
}
