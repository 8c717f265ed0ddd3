import { hash } from 'node:crypto'
import express, { type RequestHandler, type Response, type Router } from 'express'
import helmet from 'helmet'
import type { JwksSettings } from '../compiled.ts'
import { publicJwks } from '../keys/index.ts'
import type { JsonObject } from '../types.ts'

/** What the routes for verifiers tell. */
export interface JwksSource {
  /** Public JWKs of the enabled policies. */
  publicKeys(): readonly JsonObject[]
  /** How they are published; undefined until that is known. */
  jwks(): Pick<JwksSettings, 'maxAge' | 'issuer' | 'uri'> | undefined
}

const JWKS_PATH = '/.well-known/jwks.json'

/**
 * Express routes for verifiers: the JWK set (RFC 7517), and for a source with an issuer where to find it
 * (OpenID Connect Discovery 1.0, section 3). Both have a strong `ETag` and answer 304 to whoever has them.
 */
export function jwksRoutes(source: JwksSource): Router {
  const router = express.Router()
  const secure = helmet()

  router.get(JWKS_PATH, secure, (_request, response) => {
    const set = publicJwks(source.publicKeys().map((publicJwk) => ({ publicJwk })))
    send(response, 'application/jwk-set+json', set, source.jwks()?.maxAge)
  })

  const onlyWithIssuer: RequestHandler = (_request, _response, next) =>
    next(source.jwks()?.issuer === undefined ? 'route' : undefined)
  router.get('/.well-known/openid-configuration', onlyWithIssuer, secure, (_request, response) => {
    const {
      issuer = '',
      uri = `${issuer.replace(/\/$/, '')}${JWKS_PATH}`,
      maxAge,
    } = source.jwks() ?? {}
    const metadata = {
      issuer,
      jwks_uri: uri,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: algorithmsOf(source.publicKeys()),
    }
    send(response, 'application/json', metadata, maxAge)
  })
  return router
}

/** Each for itself: the set leaves `alg` out of a key that signs with several. */
function algorithmsOf(publicKeys: readonly JsonObject[]): readonly unknown[] {
  const published = publicKeys.flatMap((publicJwk) => publicJwks([{ publicJwk }]).keys)
  return [...new Set(published.flatMap(({ alg = [] }) => alg))]
}

/** A set that is not known yet must not be kept: without `maxAge` nobody may store it. */
function send(response: Response, type: string, document: object, maxAge?: number): void {
  const bytes = Buffer.from(JSON.stringify(document))
  // Not with Express's `set`, which adds a charset to the type.
  response.setHeader('Content-Type', type)
  response.setHeader(
    'Cache-Control',
    maxAge === undefined ? 'no-store' : `public, max-age=${maxAge}`,
  )
  response.setHeader('ETag', `"${hash('sha256', bytes, 'base64url')}"`)
  // Express answers 304 by the ETag (RFC 9110 section 13.1.2).
  response.send(bytes)
}
