import type { Server } from 'node:http'
import { METRICS_TYPE } from '../metrics.ts'
import type { ConfigurationState } from '../observe.ts'
import type { Answer } from './answer.ts'
import { type JwksSource, jwksRoutes } from './jwks-routes.ts'
import { listener } from './listener.ts'
import { readinessReport, type WorkerCheck } from './readiness.ts'
import { type Handler, type Route, serveRoutes } from './routes.ts'

/** What the management routes tell; a `countersign()` middleware is one. */
export interface ManagementSource extends JwksSource {
  /** True while requests are served: not while it starts or drains. */
  isReady(): boolean
  /** How the last readings of the files ended, for `/readyz?verbose`. */
  configuration?(): ConfigurationState
  /** How each worker process is, for `/readyz?verbose`; without it there is one process. */
  workers?(): readonly WorkerCheck[]
  /** The metrics in the Prometheus text format, for `/metrics`; without it nothing is answered there. */
  metrics?(): Promise<string>
}

/**
 * Answers operators and verifiers: `/livez`, `/healthz` (the same), `/readyz` (with `?verbose` as JSON with the
 * reasons), `/metrics`, and what verifiers need: `/.well-known/jwks.json`, with an issuer
 * `/.well-known/openid-configuration`. All else goes to `next`, as the middleware of Express that it is.
 */
export function management(source: ManagementSource): Handler {
  const { metrics } = source
  return serveRoutes({
    '/livez': ALIVE,
    '/healthz': ALIVE,
    '/readyz': {
      method: 'GET',
      answer: (_request, search) => readiness(source, new URLSearchParams(search).has('verbose')),
    },
    ...(metrics && {
      '/metrics': {
        method: 'GET',
        answer: async () => ({ type: METRICS_TYPE, headers: UNSTORED, body: await metrics() }),
      },
    }),
    ...jwksRoutes(source),
  })
}

const UNSTORED = { 'Cache-Control': 'no-store' }

const ALIVE: Route = { method: 'GET', answer: () => ({ headers: UNSTORED, body: 'ok\n' }) }

function readiness(source: ManagementSource, isVerbose: boolean): Answer {
  const ready = source.isReady()
  const head = { status: ready ? 200 : 503, headers: UNSTORED }
  if (!isVerbose) return { ...head, body: ready ? 'ready\n' : 'not ready\n' }
  const report = readinessReport(ready, source.configuration?.(), source.workers?.())
  return { ...head, type: 'application/json; charset=utf-8', body: JSON.stringify(report) }
}

/** A server of the management routes alone; it listens nowhere yet. */
export function createManagement(source: ManagementSource): Server {
  return listener(management(source))
}
