import { createRemoteJWKSet, errors, jwtVerify } from 'jose'
import type { JsonObject } from '../types.ts'

/** What verifying a token told. */
export type Verification =
  | { readonly verified: true; readonly header: JsonObject; readonly claims: JsonObject }
  | { readonly verified: false; readonly reason: string }

/** Checks a compact JWS. */
export type Verifier = (token: string) => Promise<Verification>

/**
 * Verifies signature, `exp` and `nbf` of JWTs (RFC 7519) with the keys of a JWK set, fetched when first
 * needed and again for an unknown `kid`, at most once a second.
 */
export function createVerifier(jwksUrl: URL): Verifier {
  const keys = createRemoteJWKSet(jwksUrl, { cooldownDuration: 1000, timeoutDuration: 5000 })
  return async (token) => {
    try {
      const { protectedHeader, payload } = await jwtVerify(token, keys)
      return {
        verified: true,
        header: protectedHeader as unknown as JsonObject,
        claims: payload as unknown as JsonObject,
      }
    } catch (error) {
      const reason = error instanceof errors.JOSEError ? error.code : 'the JWK set is out of reach'
      return { verified: false, reason }
    }
  }
}
