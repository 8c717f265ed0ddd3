import type { Server } from 'node:http'
import express, { type RequestHandler } from 'express'
import helmet from 'helmet'
import type { Gateway } from '../compiled.ts'
import { listener } from './listener.ts'

/** What the admin listener tells and does. */
export interface AdminSource {
  readonly gateway: Gateway
  /** Reads the files again; false when they were refused, and what served before goes on serving. */
  reload(): Promise<boolean>
  /** Why they were, a line each. */
  refusals?(): readonly string[]
}

/**
 * The admin listener, for operators on this machine: `GET /api/v1/policies`, and `POST /-/reload` with 204,
 * or 409 and the reasons when the files were refused. Off unless asked for. It listens nowhere yet.
 */
export function createAdmin({ gateway, reload, refusals = () => [] }: AdminSource): Server {
  const router = express.Router()
  router.get('/api/v1/policies', (_request, response) => {
    const { policies, disabled } = gateway.compiled
    response.json([
      ...policies.map(({ name, order, routes }) => ({ name, enabled: true, order, routes })),
      ...disabled.map(({ name, order }) => ({ name, enabled: false, order })),
    ])
  })
  router.post('/-/reload', async (_request, response) => {
    if (await reload()) {
      response.status(204).end()
      return
    }
    const [first = 'refused: see the log', ...others] = refusals()
    response
      .status(409)
      .type('text/plain')
      .send(`${[first, ...others].join('\n')}\n`)
  })
  return listener(helmet(), refusePages, router)
}

/** A host that is an address or `localhost`: nobody else's name. */
const OWN_HOST = /^(?:localhost|\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])(?::\d+)?$/i

/**
 * A page that an operator has open must not reach this through the operator's browser: neither from another
 * origin, nor under a name that its owner lets resolve to this machine.
 */
const refusePages: RequestHandler = ({ headers }, response, next) => {
  const fromPage = headers.origin ?? headers['sec-fetch-site']
  if (fromPage === undefined && OWN_HOST.test(headers.host ?? '')) next()
  else response.status(403).type('text/plain').send('not for web pages\n')
}
