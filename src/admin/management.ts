import type { Server } from 'node:http'
import express, { type Router } from 'express'
import helmet from 'helmet'
import { publicJwks } from '../keys/index.ts'
import type { ConfigurationState } from '../observe.ts'
import type { JsonObject } from '../types.ts'
import { listener } from './listener.ts'
import { readinessReport } from './readiness.ts'

/** What the management routes tell; a `countersign()` middleware is one. */
export interface ManagementSource {
  /** True while requests are served: not while it starts or drains. */
  isReady(): boolean
  /** Public JWKs of the enabled policies. */
  publicKeys(): readonly JsonObject[]
  /** How the last readings of the files ended, for `/readyz?verbose`. */
  configuration?(): ConfigurationState
}

/**
 * Express routes for operators and verifiers: `/livez`, `/healthz` (the same), `/readyz` (with `?verbose`
 * as JSON with the reasons), and `/.well-known/jwks.json`, the JWK set (RFC 7517) that verifies what the
 * policies sign.
 */
export function management(source: ManagementSource): Router {
  const router = express.Router()
  // on each route, not on the router: answers of an application that it is mounted in are not ours
  const secure = helmet()
  router.get(['/livez', '/healthz'], secure, (_request, response) => {
    response.set('cache-control', 'no-store').type('text/plain').send('ok\n')
  })
  router.get('/readyz', secure, ({ query }, response) => {
    const ready = source.isReady()
    response.status(ready ? 200 : 503).set('cache-control', 'no-store')
    if (query.verbose !== undefined) response.json(readinessReport(ready, source.configuration?.()))
    else response.type('text/plain').send(ready ? 'ready\n' : 'not ready\n')
  })
  router.get('/.well-known/jwks.json', secure, (_request, response) => {
    const set = publicJwks(source.publicKeys().map((publicJwk) => ({ publicJwk })))
    response.set('cache-control', 'public, max-age=300').type('application/jwk-set+json')
    response.send(Buffer.from(JSON.stringify(set)))
  })
  return router
}

/** A server of the management routes alone; it listens nowhere yet. */
export function createManagement(source: ManagementSource): Server {
  return listener(helmet(), management(source))
}
