import { CountersignError } from '../errors.ts'
import type { Secret } from '../secret.ts'

const MAX_BYTES = 8 * 1024

/**
 * The value, once it is known that every server reads it the same: visible ASCII with spaces inside only,
 * at most 8 KiB. Throws `claim/not-header-safe` and `token/too-large`.
 */
export function sendable(value: Secret): Secret {
  const text = value.reveal()
  if (text.length > MAX_BYTES) {
    throw new CountersignError('token/too-large', 'expected a credential of at most 8 KiB')
  }
  if (!/^[\x20-\x7e]+$/.test(text) || text.startsWith(' ') || text.endsWith(' ')) {
    throw new CountersignError(
      'claim/not-header-safe',
      'expected a credential of visible ASCII without spaces at its ends',
    )
  }
  return value
}
