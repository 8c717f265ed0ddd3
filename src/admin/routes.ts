import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Answer, sendAnswer } from './answer.ts'

/** A handler for `node:http`, and a middleware for Express: what it does not answer, and why not, goes to `next`. */
export type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void

/** What answers at a path. */
export interface Route {
  /** GET answers HEAD as well. */
  readonly method: 'GET' | 'POST'
  /** Undefined when there is nothing at this path now. `search` is the query with its `?`, or empty. */
  answer(request: IncomingMessage, search: string): MaybePromise<Answer | undefined>
}

type MaybePromise<T> = T | Promise<T>

/**
 * Answers these paths, which are lower case: a request may write them otherwise, and with a slash at the end, but not
 * percent-encoded. Reads no body.
 */
export function serveRoutes(routes: Readonly<Record<string, Route>>): Handler {
  const byPath = new Map(Object.entries(routes))

  async function answer(route: Route, search: string, ...[request, response, next]: Handled) {
    try {
      const found = await route.answer(request, search)
      if (found) return sendAnswer(response, found)
    } catch (thrown) {
      return next(thrown instanceof Error ? thrown : new Error('expected an answer'))
    }
    next()
  }

  return (request, response, next) => {
    const [path, search] = splitTarget(request.url ?? '')
    const route = byPath.get(path.toLowerCase())
    if (route && METHODS[route.method].includes(request.method ?? '')) {
      void answer(route, search, request, response, next)
    } else if (route && request.method === 'OPTIONS') {
      const allow = METHODS[route.method].join(', ')
      sendAnswer(response, { headers: { Allow: allow }, body: allow })
    } else next()
  }
}

type Handled = Parameters<Handler>

const METHODS: Readonly<Record<Route['method'], readonly string[]>> = {
  GET: ['GET', 'HEAD'],
  POST: ['POST'],
}

/** Path, without a slash at its end, and query of a target in origin or absolute form (RFC 9112 section 3.2). */
function splitTarget(target: string): readonly [path: string, search: string] {
  const { pathname, search } = target.startsWith('/') ? splitOrigin(target) : splitAbsolute(target)
  return [pathname.endsWith('/') ? pathname.slice(0, -1) : pathname, search]
}

function splitOrigin(target: string): Pick<URL, 'pathname' | 'search'> {
  const at = target.indexOf('?')
  if (at < 0) return { pathname: target, search: '' }
  return { pathname: target.slice(0, at), search: target.slice(at) }
}

function splitAbsolute(target: string): Pick<URL, 'pathname' | 'search'> {
  return URL.parse(target) ?? { pathname: '', search: '' }
}
