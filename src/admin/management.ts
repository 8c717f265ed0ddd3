import type { Server } from 'node:http'
import express, { type Router } from 'express'
import helmet from 'helmet'
import { METRICS_TYPE } from '../metrics.ts'
import type { ConfigurationState } from '../observe.ts'
import { type JwksSource, jwksRoutes } from './jwks-routes.ts'
import { listener } from './listener.ts'
import { readinessReport } from './readiness.ts'

/** What the management routes tell; a `countersign()` middleware is one. */
export interface ManagementSource extends JwksSource {
  /** True while requests are served: not while it starts or drains. */
  isReady(): boolean
  /** How the last readings of the files ended, for `/readyz?verbose`. */
  configuration?(): ConfigurationState
  /** The metrics in the Prometheus text format, for `/metrics`; without it nothing is answered there. */
  metrics?(): Promise<string>
}

/**
 * Express routes for operators and verifiers: `/livez`, `/healthz` (the same), `/readyz` (with `?verbose`
 * as JSON with the reasons), `/metrics`, and what verifiers need: `/.well-known/jwks.json`, with an issuer
 * `/.well-known/openid-configuration`.
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
  const { metrics } = source
  if (metrics) {
    router.get('/metrics', secure, async (_request, response) => {
      const text = await metrics()
      response.set({ 'cache-control': 'no-store', 'content-type': METRICS_TYPE }).send(text)
    })
  }
  router.use(jwksRoutes(source))
  return router
}

/** A server of the management routes alone; it listens nowhere yet. */
export function createManagement(source: ManagementSource): Server {
  return listener(helmet(), management(source))
}
