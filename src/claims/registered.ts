import type { Json } from '../types.ts'

const text = { shape: 'a string', fits: (value: Json) => typeof value === 'string' }
const audience = { shape: 'a string or an array of strings', fits: isAudience }
const date = { shape: 'a NumericDate in whole seconds', fits: isNumericDate }

/** The registered claims (RFC 7519 section 4.1). */
const REGISTERED = new Map([
  ['iss', text],
  ['sub', text],
  ['aud', audience],
  ['exp', date],
  ['nbf', date],
  ['iat', date],
  ['jti', text],
])

/** Claims that tie a token to one request: OpenID Connect's `nonce`, `htm`, `htu` and `ath` of RFC 9449. */
export const ONE_TIME_CLAIMS: ReadonlySet<string> = new Set(['nonce', 'htm', 'htu', 'ath'])

/** NumericDates beyond this are milliseconds by mistake: it is the year 5138 in seconds. */
const LATEST_SECONDS = 1e11

/**
 * What the value of a registered claim (RFC 7519 section 4.1) must be, in words; undefined when `value` is
 * that, or the claim is not registered.
 */
export function registeredMismatch(claim: string, value: Json): string | undefined {
  const rule = REGISTERED.get(claim)
  if (!rule || rule.fits(value)) return undefined
  if (rule === date && typeof value === 'number' && value >= LATEST_SECONDS) {
    return `${rule.shape}, and this looks like milliseconds: divide by 1000 and round down`
  }
  return rule.shape
}

function isNumericDate(value: Json): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < LATEST_SECONDS
}

function isAudience(value: Json): boolean {
  if (typeof value === 'string') return true
  return (
    Array.isArray(value) && value.length > 0 && value.every((entry) => typeof entry === 'string')
  )
}
