import { InexactNumber } from '../../http/index.ts'
import type { Json, JsonObject } from '../../types.ts'
import type { Refusal } from '../authenticator.ts'
import type { JwtConfig } from './jwt-schema.ts'

/** Says why claims are refused at `now`, in seconds; undefined when they are accepted. */
export type ClaimsCheck = (claims: JsonObject, now: number) => Refusal | undefined

const DEFAULT_MAX_AGE = 86_400

/** What the registered claims (RFC 7519 section 4.1) must say. */
export function compileClaimsCheck(config: JwtConfig): ClaimsCheck {
  const { clockTolerance = 0, maxAge, issuer, audience } = config
  const issuers = issuer === undefined ? undefined : [issuer].flat()
  const audiences = audience === undefined ? undefined : [audience].flat()
  return (claims, now) =>
    checkTimes(claims, now, clockTolerance, maxAge) ??
    checkIssuer(claims.iss, issuers) ??
    checkAudience(claims.aud, audiences)
}

function checkTimes(
  claims: JsonObject,
  now: number,
  tolerance: number,
  maxAge: number | undefined,
): Refusal | undefined {
  const untimely = ['exp', 'nbf', 'iat'].find((name) => Number.isNaN(seconds(claims[name])))
  if (untimely !== undefined) return { reason: 'claim-type', field: untimely }
  const [exp, nbf, iat] = [seconds(claims.exp), seconds(claims.nbf), seconds(claims.iat)]
  if (exp === undefined) return { reason: 'missing-field', field: 'exp' }
  if (now >= exp + tolerance) return { reason: 'expired' }
  if (Math.max(nbf ?? now, iat ?? now) > now + tolerance) return { reason: 'not-yet-valid' }
  if (iat === undefined) return maxAge ? { reason: 'missing-field', field: 'iat' } : undefined
  const limit = (maxAge ?? DEFAULT_MAX_AGE) || Number.POSITIVE_INFINITY
  return now - iat > limit + tolerance ? { reason: 'too-old' } : undefined
}

/** A NumericDate; NaN for a value that is none, and undefined without a value. */
function seconds(value: Json | undefined): number | undefined {
  if (value === undefined) return undefined
  // more digits than a double holds are less than a microsecond, or far too many
  const number = (value as unknown) instanceof InexactNumber ? Number(value) : value
  return Number.isFinite(number) ? (number as number) : Number.NaN
}

function checkIssuer(iss: Json | undefined, issuers?: readonly string[]): Refusal | undefined {
  if (iss !== undefined && typeof iss !== 'string') return { reason: 'claim-type', field: 'iss' }
  const isKnown = issuers?.some((issuer) => issuer === iss) ?? true
  return isKnown ? undefined : { reason: 'issuer' }
}

function checkAudience(aud: Json = [], audiences?: readonly string[]): Refusal | undefined {
  const named: readonly unknown[] = [aud].flat()
  if (named.some((name) => typeof name !== 'string')) return { reason: 'claim-type', field: 'aud' }
  const isNamed = audiences?.some((audience) => named.includes(audience)) ?? true
  return isNamed ? undefined : { reason: 'audience' }
}
