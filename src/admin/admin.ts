import type { IncomingHttpHeaders, Server } from 'node:http'
import { type Answer, sendAnswer } from './answer.ts'
import { listener } from './listener.ts'
import type { PolicySummary } from './policies.ts'
import { serveRoutes } from './routes.ts'

/** What the admin listener tells and does. */
export interface AdminSource {
  policies(): readonly PolicySummary[] | Promise<readonly PolicySummary[]>
  /** Reads the files again; false when they were refused, and what served before goes on serving. */
  reload(): Promise<boolean>
  /** Why they were, a line each. */
  refusals?(): readonly string[]
}

/**
 * The admin listener, for operators on this machine: `GET /api/v1/policies`, and `POST /-/reload` with 204,
 * or 409 and the reasons when the files were refused. Off unless asked for. It listens nowhere yet.
 */
export function createAdmin({ policies, reload, refusals = () => [] }: AdminSource): Server {
  const serve = serveRoutes({
    '/api/v1/policies': {
      method: 'GET',
      answer: async () => ({
        type: 'application/json; charset=utf-8',
        body: JSON.stringify(await policies()),
      }),
    },
    '/-/reload': {
      method: 'POST',
      async answer() {
        if (await reload()) return { status: 204 }
        const [first = 'refused: see the log', ...others] = refusals()
        return { status: 409, body: `${[first, ...others].join('\n')}\n` }
      },
    },
  })
  return listener((request, response, next) => {
    if (isFromPage(request.headers)) sendAnswer(response, NOT_FOR_PAGES)
    else serve(request, response, next)
  })
}

/** A host that is an address or `localhost`: nobody else's name. */
const OWN_HOST = /^(?:localhost|\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])(?::\d+)?$/i

/**
 * A page that an operator has open must not reach this through the operator's browser: neither from another
 * origin, nor under a name that its owner lets resolve to this machine.
 */
function isFromPage(headers: IncomingHttpHeaders): boolean {
  const origin = headers.origin ?? headers['sec-fetch-site']
  return origin !== undefined || !OWN_HOST.test(headers.host ?? '')
}

const NOT_FOR_PAGES: Answer = { status: 403, body: 'not for web pages\n' }
