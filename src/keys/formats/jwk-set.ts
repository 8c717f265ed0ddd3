import type { KeyMaterial } from '../key-material.ts'
import { type Report, refusing } from '../report.ts'
import { isJwk, type UncheckedJwk } from './jwk.ts'
import { contradictions, type JwkUsage } from './jwk-usage.ts'

/** What a key of a set must be, to be chosen without its `kid`. */
export interface WantedJwk {
  readonly usage: JwkUsage
  /** In words, for messages: `a private EC P-256 key`. */
  readonly words: string
  fits(jwk: UncheckedJwk): boolean
}

/**
 * The one key of a JWK set that is meant: the one with the `kid`, or without one the only one that fits. Members
 * that are no JWK are passed over (RFC 7517 section 5).
 */
export function selectJwk(
  members: readonly unknown[],
  { kid }: NonNullable<KeyMaterial['jwks']>,
  wanted: WantedJwk,
  report: Report,
): UncheckedJwk | undefined {
  const keys = members.filter(isJwk)
  const count = `the set holds ${keys.length} ${keys.length === 1 ? 'key' : 'keys'}`
  const refuse = refusing(report, kid === undefined ? undefined : 'kid')
  const named = keys.flatMap((key) => (typeof key.kid === 'string' ? [key.kid] : []))
  if (new Set(named).size < named.length) {
    return refusing(report)(
      'key/ambiguous',
      'expected a JWK set in which every kid stands once',
      'give each key a kid of its own (RFC 7517 section 4.5)',
    )
  }
  if (kid !== undefined) {
    return (
      keys.find((key) => key.kid === kid) ??
      refuse(
        'key/missing',
        'expected the kid of a key in the JWK set',
        `${count}, none with this kid`,
      )
    )
  }
  const fitting = keys.filter(
    (key) => wanted.fits(key) && contradictions(key, wanted.usage).length === 0,
  )
  const [key, ...others] = fitting
  if (key === undefined) {
    return refuse('key/mismatch', `expected ${wanted.words} in the JWK set`, `${count}, none fits`)
  }
  if (others.length > 0) {
    return refuse(
      'key/ambiguous',
      `expected one key that fits in the JWK set, found ${fitting.length}`,
      'say which: { jwks: PATH, kid: NAME }',
    )
  }
  return key
}
