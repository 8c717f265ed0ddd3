import { hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { JwksSettings } from '../compiled.ts'
import { publicJwks } from '../keys/index.ts'
import type { JsonObject } from '../types.ts'
import type { Answer } from './answer.ts'
import type { Route } from './routes.ts'

/** What the routes for verifiers tell. */
export interface JwksSource {
  /** Public JWKs of the enabled policies. */
  publicKeys(): readonly JsonObject[]
  /** How they are published; undefined until that is known. */
  jwks(): Pick<JwksSettings, 'maxAge' | 'issuer' | 'uri'> | undefined
}

const JWKS_PATH = '/.well-known/jwks.json'

/**
 * Routes for verifiers: the JWK set (RFC 7517), and for a source with an issuer where to find it
 * (OpenID Connect Discovery 1.0, section 3). Both have a strong `ETag` and answer 304 to whoever has them.
 */
export function jwksRoutes(source: JwksSource): Readonly<Record<string, Route>> {
  return {
    [JWKS_PATH]: {
      method: 'GET',
      answer(request) {
        const set = publicJwks(source.publicKeys().map((publicJwk) => ({ publicJwk })))
        return cacheable(request, 'application/jwk-set+json', set, source.jwks()?.maxAge)
      },
    },
    '/.well-known/openid-configuration': {
      method: 'GET',
      answer(request) {
        const { issuer, uri, maxAge } = source.jwks() ?? {}
        if (issuer === undefined) return undefined
        const metadata = {
          issuer,
          jwks_uri: uri ?? `${issuer.replace(/\/$/, '')}${JWKS_PATH}`,
          response_types_supported: ['id_token'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: algorithmsOf(source.publicKeys()),
        }
        return cacheable(request, 'application/json', metadata, maxAge)
      },
    },
  }
}

/** Each for itself: the set leaves `alg` out of a key that signs with several. */
function algorithmsOf(publicKeys: readonly JsonObject[]): readonly unknown[] {
  const published = publicKeys.flatMap((publicJwk) => publicJwks([{ publicJwk }]).keys)
  return [...new Set(published.flatMap(({ alg = [] }) => alg))]
}

/** A set that is not known yet must not be kept: without `maxAge` nobody may store it. */
function cacheable(
  { headers: { 'if-none-match': held = '' } }: IncomingMessage,
  type: string,
  document: object,
  maxAge?: number,
): Answer {
  const body = JSON.stringify(document)
  const etag = `"${hash('sha256', body, 'base64url')}"`
  const control = maxAge === undefined ? 'no-store' : `public, max-age=${maxAge}`
  const headers = { 'Cache-Control': control, ETag: etag }
  return isHeld(held, etag) ? { status: 304, headers } : { type, headers, body }
}

/** Whether `If-None-Match` names an entity tag, by the weak comparison (RFC 9110 sections 8.8.3.2 and 13.1.2). */
function isHeld(held: string, etag: string): boolean {
  return held === '*' || held.match(/"[^"]*"/g)?.includes(etag) === true
}
